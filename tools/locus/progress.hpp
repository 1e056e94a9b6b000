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

 private:
  using clock = std::chrono::steady_clock;
  bool terminal_;
  bool shown_ = false;
  clock::time_point start_ = clock::now();
  clock::time_point last_ = start_;
};

}  // namespace locus::tools
