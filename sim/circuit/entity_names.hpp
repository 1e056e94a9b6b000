#pragma once
/// What neurons and synapses are called beyond the name of their population or projection.

#include <cstdint>
#include <string>

#include "sim/circuit/circuit.hpp"

namespace locus {

/// What the name of a neuron ends with: "[3]", or its place on the population's grid, "[0,3]".
[[nodiscard]] std::string index_text(const circuit& c, std::size_t population, std::uint64_t neuron);

/// What the name of a synapse ends with, [post][pre]: "[2][17]", "[1,2][0,3]".
[[nodiscard]] std::string index_text(const circuit& c, const projection& p, std::uint64_t post, std::uint64_t pre);

}  // namespace locus
