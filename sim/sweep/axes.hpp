#pragma once
/// What a sweep varies: axes of values, from "KEY=VALUES" as users write them.

#include <string>
#include <string_view>
#include <vector>

namespace locus::sweep {

/// A key of the netlist and the values that it takes, as after --set: in TOML, or a text without quotes.
struct axis {
  std::string key;
  std::vector<std::string> values;  ///< at least one, all different

  friend bool operator==(const axis&, const axis&) = default;
};

/// The key of the axis whose values are netlists' files.
inline constexpr std::string_view netlist_key = "netlist";

/// Values of an axis, cells of a sweep, seeds: at most.
inline constexpr std::size_t most_values = 1'000'000;

/// Reads "KEY=VALUES": values with commas between them, each
///   1e-4:1e-2:log5   5 numbers with equal ratios, both ends among them
///   0:1:lin11        11 numbers with equal differences, both ends among them
///   2:10:2           from 2 in steps of 2, up to 10
///   [64, 32, 10]     anything else, as it stands; commas in brackets and quotes part nothing
/// Numbers of a range are whole where both ends (and the step) are written as whole numbers and the value is one;
/// others are rounded to 12 digits, so that they are the same on every machine. Throws usage_error.
[[nodiscard]] axis parse_axis(std::string_view text);

/// Reads "5" (seeds 1 to 5) or "3,7,11". Throws usage_error.
[[nodiscard]] std::vector<std::uint64_t> parse_seeds(std::string_view text);

/// The values as numbers, or none if one of them is no finite number.
[[nodiscard]] std::vector<double> numbers_in(const std::vector<std::string>& values);

/// "learning.alpha=0.01" in two. Throws usage_error, naming `option`, if there is no "=", no key or no value.
struct setting {
  std::string key, value;
};
[[nodiscard]] setting parse_setting(std::string_view text, std::string_view option);

}  // namespace locus::sweep
