#pragma once
/// Two kinds of error: the user's (netlist, option, file) and ours (a bug).
/// Library code throws them and never prints or exits; only the commands in tools/ catch.

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace locus {

/// Where a netlist says something. line = 0: no line (a value that was filled in by default).
struct source_position {
  std::string file;
  int line = 0;
  int column = 0;

  /// "file:line:column", "file:line" or "file", as far as it is known, or "".
  [[nodiscard]] std::string text() const;
};

/// The user's mistake. what() is one sentence that names quantity, value and condition.
class user_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A mistake in a netlist, an option or the command line (exit code 2).
class usage_error : public user_error {
 public:
  using user_error::user_error;
  usage_error(const source_position& at, const std::string& message);

  /// Where it was made; no file: not in a text.
  [[nodiscard]] const source_position& at() const noexcept { return at_; }

 private:
  source_position at_;
};

/// A run that could not go on: unreadable data, a full disk, a non-finite number (exit code 1).
class run_error : public user_error {
 public:
  using user_error::user_error;
};

/// A run that could not go on because a number became infinite or no number.
class nonfinite_error : public run_error {
 public:
  explicit nonfinite_error(std::string where);

  /// "hidden1.value.x[3], lane 0, tick 17: inf"
  [[nodiscard]] const std::string& where() const noexcept { return where_; }

 private:
  std::string where_;
};

/// A bug in Locus.
class internal_error : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// The candidate with the smallest edit distance to `word`, or "" if none is near enough to be meant.
[[nodiscard]] std::string nearest_name(std::string_view word, const std::vector<std::string>& candidates);

/// " (did you mean "x"?)" for the nearest candidate, otherwise " (known: a, b, c)".
[[nodiscard]] std::string suggestion(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace locus
