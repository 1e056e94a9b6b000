#include <fmt/format.h>

#include <cmath>
#include <string_view>
#include <vector>

#include "sim/data/sources.hpp"

namespace locus {

namespace {

using value_rows = std::vector<std::vector<double>>;

[[noreturn]] void fail(const source_position& at, const std::string& message) {
  throw usage_error(at, "inline data: " + message);
}

/// The rows as a table. `first_name` and `width` say which training row sets the width. Requires: width > 0.
number_table checked_table(const value_rows& lines, std::string_view name, std::size_t width,
                           std::string_view first_name, const source_position& at) {
  std::vector<double> numbers;
  numbers.reserve(lines.size() * width);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].size() != width) {
      fail(at,
           fmt::format("{}[{}] has {} numbers: must have {}, as {}[0]", name, i, lines[i].size(), width, first_name));
    }
    for (std::size_t j = 0; j < width; ++j) {
      if (!std::isfinite(lines[i][j]))
        fail(at, fmt::format("{}[{}][{}] is {}: must be finite", name, i, j, lines[i][j]));
      numbers.push_back(lines[i][j]);
    }
  }
  return {static_cast<std::uint32_t>(width), std::move(numbers)};
}

void check_counts(const value_rows& inputs, const value_rows& targets, std::string_view part,
                  const source_position& at) {
  if (inputs.size() == targets.size()) return;
  fail(at,
       fmt::format("{0}inputs has {1} rows and {0}targets {2}: must be as many", part, inputs.size(), targets.size()));
}

}  // namespace

data_set load_inline(const data_description& description) {
  const source_position& at = description.at;
  const value_rows& inputs = description.inputs;
  const value_rows& targets = description.targets;
  check_counts(inputs, targets, "", at);
  check_counts(description.test_inputs, description.test_targets, "test_", at);
  if (inputs.empty()) fail(at, "inputs has 0 rows: must have at least 1");
  if (inputs[0].empty()) fail(at, "inputs[0] has 0 numbers: must have at least 1");
  if (targets[0].empty()) fail(at, "targets[0] has 0 numbers: must have at least 1");
  const auto table = [&at](const value_rows& lines, std::string_view name, const value_rows& first,
                           std::string_view first_name) {
    return checked_table(lines, name, first[0].size(), first_name, at);
  };
  return {{table(inputs, "inputs", inputs, "inputs"), table(targets, "targets", targets, "targets")},
          {table(description.test_inputs, "test_inputs", inputs, "inputs"),
           table(description.test_targets, "test_targets", targets, "targets")},
          "inline",
          "numbers of the netlist"};
}

}  // namespace locus
