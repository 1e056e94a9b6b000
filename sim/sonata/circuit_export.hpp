#pragma once
/// A circuit as SONATA: network/nodes.h5, edges.h5 and their tables of types, components/, circuit_config.json,
/// node_sets.json, and the netlist itself.

#include "sim/sonata/network.hpp"
#include "sim/sonata/output_folder.hpp"

namespace locus::sonata {

/// Weights at the start of a run.
[[nodiscard]] weights_of_projection initial_weights_of(const circuit& c);

/// A folder without circuit_config.json is not complete (output_folder::commit).
void write_circuit(output_folder& folder, const circuit& c, const weights_of_projection& weights, const origin& from,
                   const progress& tell);

}  // namespace locus::sonata
