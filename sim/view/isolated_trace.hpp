#pragma once
/// A trace that is read in a process of its own, so that no file can end this one.

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "sim/core/hdf5_reading.hpp"
#include "sim/view/view_source.hpp"

namespace locus {

/// Any number of threads may ask; they are answered one after the other, but for what takes long.
class isolated_trace : public view_source {
 public:
  /// Makes the processes. Requires: no other threads run. The files are read at the first question.
  explicit isolated_trace(const std::string& file, const std::string& second = {});

  [[nodiscard]] view_answer answer(const view_query& query) override;

 private:
  /// One process, until it dies of what it reads.
  class process {
   public:
    process(const std::string& file, const std::string& second);
    [[nodiscard]] view_answer ask(const view_query& query);

   private:
    std::mutex one_;
    hdf5::isolated_reader reader_;
    std::optional<view_answer> end_;  ///< what is said from then on
  };
  process reads_;
  process explains_;                   ///< runs the circuit anew
  std::unique_ptr<process> compares_;  ///< reads two traces whole
};

}  // namespace locus
