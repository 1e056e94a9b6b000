#pragma once
/// A run with the audit of its circuit beside it.

#include <sys/types.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "sim/view/live_source.hpp"

namespace locus::tools {

/// Answers "audit" itself, and leaves all else to the run. Any number of threads may ask.
class audited_run : public view_source {
 public:
  /// Throws as live_source. Requires: no other threads run.
  audited_run(const std::string& file, const std::vector<std::string>& overrides);
  ~audited_run() override;

  /// The audit of the circuit as it is now is made by `locus audit` in a process of its own, which the first question
  /// starts; the answer tells whether it is still at work, and what it found.
  [[nodiscard]] view_answer answer(const view_query& query) override;

 private:
  class work;

  [[nodiscard]] view_answer audit();

  std::string file_;
  std::vector<std::string> overrides_;
  live_source run_;
  std::string born_;  ///< the netlist's long form at the start
  std::mutex one_;
  std::string audited_;  ///< the long form that the work or the report is about
  std::unique_ptr<work> work_;
  std::string report_ = "null";
};

}  // namespace locus::tools
