#pragma once
/// A field's values as doubles, whatever the circuit's precision.

#include <vector>

#include "sim/engine/simulator.hpp"

namespace locus {

/// What simulator::read_field gives, [neuron][lane].
[[nodiscard]] std::vector<double> field_values(const simulator& s, output_id field);

}  // namespace locus
