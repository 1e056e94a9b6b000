#pragma once
/// A progress line on stderr, only where stderr is a terminal.

#include <chrono>
#include <cstdint>
#include <string>

namespace locus::tools {

class progress_line {
 public:
  progress_line();
  ~progress_line() { clear(); }
  progress_line(const progress_line&) = delete;
  progress_line& operator=(const progress_line&) = delete;

  /// Shows `text` with a bar for done / total and an estimate of the time left; at most ten times a second.
  void show(const std::string& text, std::uint64_t done, std::uint64_t total);
  void clear();

  /// So much was done before: it says nothing of the speed.
  void begin_at(std::uint64_t done) { first_ = done; }

 private:
  using clock = std::chrono::steady_clock;
  bool terminal_;
  bool shown_ = false;
  std::uint64_t first_ = 0;
  clock::time_point start_ = clock::now();
  clock::time_point last_ = start_;
};

}  // namespace locus::tools
