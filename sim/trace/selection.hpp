#pragma once
/// Which variables of a circuit a trace records, and of which neurons.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/circuit/circuit.hpp"
#include "sim/trace/pattern.hpp"

namespace locus {

/// A field of some neurons of a population, or of some synapses of a projection: their weights ("theta"), or what else
/// they keep.
struct recorded_variable {
  output_id field = {};
  std::optional<std::size_t> projection = {};  ///< whose synapses, instead of a population
  std::size_t synapse_field = 0;               ///< of the projection's synapse model
  bool per_lane = true;                        ///< one number for each lane
  bool on_change = false;                      ///< only changes are recorded, not frames
  std::vector<std::uint32_t> indices = {};     ///< of the neurons or synapses, ascending
  std::size_t total = 0;                       ///< neurons or synapses that there are

  [[nodiscard]] bool whole() const noexcept { return indices.size() == total; }
};

/// What patterns know it by.
[[nodiscard]] variable_identity identity_of(const circuit& c, const recorded_variable& v);

/// Every variable that can be recorded: fields of populations, hidden ones too, then the weights of projections with a
/// synapse model, in the order of the circuit; no neurons are chosen.
[[nodiscard]] std::vector<recorded_variable> recordable_variables(const circuit& c);

/// The variables that the patterns of `trace.on_change` and `trace.record` mean (pattern.hpp), in that order whatever
/// the order of the patterns; each variable once. Throws usage_error for a pattern that chooses nothing.
[[nodiscard]] std::vector<recorded_variable> select_recorded(const circuit& c, const trace_description& trace);

/// Whether it records something of synapses: what they keep, or messages over them. An outline of the circuit is
/// enough. Throws usage_error for what is no pattern.
[[nodiscard]] bool records_synapses(const circuit& c, const trace_description& trace);

}  // namespace locus
