#pragma once
/// Which variables of a circuit a trace records.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "sim/circuit/circuit.hpp"

namespace locus {

/// In the order of the circuit, whatever the order of the patterns; each variable once.
struct trace_selection {
  std::vector<output_id> fields;         ///< of populations, hidden ones too
  std::vector<std::size_t> projections;  ///< whose weights ("theta") are recorded
};

/// Whether `name` matches `pattern`, in which '*' stands for any characters.
[[nodiscard]] bool matches(std::string_view name, std::string_view pattern);

/// Every variable that can be recorded: "hidden1.value.x", "hidden1.forward.theta".
[[nodiscard]] std::vector<std::string> recordable_names(const circuit& c);

/// The variables whose name equals one of the patterns of `trace.record` or ends with "." and one ("value.x").
/// Throws usage_error for a pattern that matches none.
[[nodiscard]] trace_selection select_recorded(const circuit& c, const trace_description& trace);

}  // namespace locus
