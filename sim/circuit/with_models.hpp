#pragma once
/// A circuit of other models than those of this program.

#include <vector>

#include "sim/circuit/circuit.hpp"

namespace locus {

/// build_circuit() with these models, which must outlive the circuit.
[[nodiscard]] circuit build_circuit(const description& netlist, const std::vector<model_declaration>& models);

}  // namespace locus
