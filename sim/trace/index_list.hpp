#pragma once
/// Patterns that choose variables and some of their neurons: "hidden1.value.x[0, 3, 8:12]", "forward.theta[2][:]".

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/errors.hpp"

namespace locus {

/// What stands in one pair of brackets: numbers and ranges first:last:step (half-open; each part may be left out).
class index_list {
 public:
  /// Throws run_error with a sentence on what is wrong.
  explicit index_list(std::string_view text);

  /// Which of 0 .. size - 1 are listed. Ranges end where the numbers do; a single number must be there: otherwise
  /// run_error, with `what` for "neuron".
  [[nodiscard]] std::vector<bool> chosen(std::size_t size, std::string_view what) const;

 private:
  struct part {
    std::uint64_t first = 0;
    std::optional<std::uint64_t> last;
    std::uint64_t step = 1;
    bool single = false;
  };
  static part read_part(std::string_view text);

  std::vector<part> parts_;
};

/// A pattern, taken apart.
struct variable_pattern {
  std::string text;                  ///< as written
  std::string name;                  ///< before the brackets
  std::vector<index_list> brackets;  ///< none: everything
};

/// Throws usage_error at `at`.
[[nodiscard]] variable_pattern read_pattern(const std::string& text, const source_position& at);

}  // namespace locus
