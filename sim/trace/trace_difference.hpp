#pragma once
/// What is different between two traces.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/trace/column_selection.hpp"

namespace locus {

/// One value that differs.
struct value_difference {
  tick_t tick = 0;
  std::string entity;  ///< "hidden1.value.x[3]"
  std::uint32_t lane = 0;
  double a = 0, b = 0;
  std::uint64_t ulps = 0;  ///< representable numbers from one to the other, in the coarser of the two precisions
};

/// One variable, recorded in both.
struct variable_comparison {
  std::string name;
  std::uint64_t ticks = 0;   ///< that both have
  std::uint64_t values = 0;  ///< that were compared
  std::uint64_t differing = 0;
  double largest = 0;  ///< |a - b|
  std::optional<value_difference> first;
};

struct trace_comparison {
  std::vector<std::string> notes;      ///< settings that differ: netlist, precision, program
  std::vector<std::string> different;  ///< what was recorded differs: variables, neurons, lanes, ticks, events
  std::vector<variable_comparison> variables;

  /// The first difference in time; of one tick that of the variable that stands first in the netlist. Or null.
  [[nodiscard]] const value_difference* first() const noexcept;
  [[nodiscard]] bool equal() const noexcept { return different.empty() && first() == nullptr; }
};

/// Compares the bits of all that both traces recorded at the same ticks, as far as a pattern (see column_selection.hpp;
/// none: everything) takes it. One may hold frames where the other holds changes. Throws usage_error, run_error.
[[nodiscard]] trace_comparison compare_traces(const trace_reader& a, const trace_reader& b,
                                              const std::vector<std::string>& patterns);

}  // namespace locus
