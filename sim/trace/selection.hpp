#pragma once
/// Which variables of a circuit a trace records, and of which neurons.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/circuit/circuit.hpp"

namespace locus {

/// A field of some neurons of a population, or some weights ("theta") of a projection.
struct recorded_variable {
  output_id field = {};
  std::optional<std::size_t> projection = {};  ///< whose weights, instead of a field
  bool on_change = false;                      ///< only changes are recorded, not frames
  std::vector<std::uint32_t> indices = {};     ///< of the neurons or synapses, ascending
  std::size_t total = 0;                       ///< neurons or synapses that there are

  [[nodiscard]] bool whole() const noexcept { return indices.size() == total; }
};

/// Whether `name` matches `pattern`, in which '*' stands for any characters.
[[nodiscard]] bool matches(std::string_view name, std::string_view pattern);

/// Every variable that can be recorded: "hidden1.value.x", "hidden1.forward.theta".
[[nodiscard]] std::vector<std::string> recordable_names(const circuit& c);

/// "hidden1.value.x", "hidden1.forward.theta"
[[nodiscard]] std::string name_of(const circuit& c, const recorded_variable& v);

/// The variables whose name equals one of the patterns of `trace.on_change` and `trace.record` or ends with "." and one
/// ("value.x"): fields of populations, hidden ones too, then projections, in the order of the circuit whatever the
/// order of the patterns; each variable once. Throws usage_error for a pattern that matches none.
[[nodiscard]] std::vector<recorded_variable> select_recorded(const circuit& c, const trace_description& trace);

}  // namespace locus
