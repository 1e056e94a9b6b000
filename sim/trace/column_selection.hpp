#pragma once
/// Which columns of a trace's variables a reader wants to see.

#include <string>
#include <utility>
#include <vector>

#include "sim/trace/trace_reader.hpp"

namespace locus {

struct chosen_columns {
  const trace_variable* variable = nullptr;
  std::vector<std::size_t> columns;  ///< ascending, not empty
};

/// What the patterns (pattern.hpp) mean of what was recorded, in the order of the trace; each column once. All
/// variables if there are no patterns. Throws usage_error for a pattern that matches nothing (with what there is) or
/// that cannot be read.
[[nodiscard]] std::vector<chosen_columns> choose_columns(const trace_reader& trace,
                                                         const std::vector<std::string>& patterns);

/// "0:40": the half-open interval [0, 40); "7": [7, 8); "10:", ":40": open ended. `option` is what messages call it.
/// Throws usage_error.
[[nodiscard]] std::pair<std::int64_t, std::int64_t> parse_interval(const std::string& text, const std::string& option);

}  // namespace locus
