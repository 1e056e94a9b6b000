#pragma once
/// What the engine is to reach: one table, for the suites, the comparison with other programs and the documentation.

#include <string>
#include <string_view>
#include <vector>

namespace locus::bench {

enum class bound { at_most, at_least };

struct target {
  std::string_view key;   ///< what a measured quantity names: "update.784-32-10.burst"
  std::string_view what;  ///< in words
  bound side = bound::at_most;
  double value = 0;
  std::string_view unit;

  [[nodiscard]] bool met_by(double measured) const {
    return side == bound::at_most ? measured <= value : measured >= value;
  }
  [[nodiscard]] std::string text() const;  ///< "<= 1.3 x BP"
};

/// All targets, in the order of the suites.
[[nodiscard]] const std::vector<target>& all_targets();

/// The target with that key, or null.
[[nodiscard]] const target* find_target(std::string_view key);

}  // namespace locus::bench
