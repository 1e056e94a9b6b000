#pragma once
/// Predictive coding on any network: each node but the inputs has value and error neurons; a value neuron sends its
/// rate through forward synapses to the errors of the nodes that hear it, and receives their errors through feedback
/// synapses. Rules differ only in who gates plasticity: IL and Z-IL have controllers, Fa-Z-IL has phi neurons
/// (Song, Lukasiewicz, Xu and Bogacz 2020, Algorithms 1 and 2).

#include <string>
#include <vector>

#include "models/templates/common/network.hpp"

namespace locus::templates {

/// The rules that it has, the default first.
[[nodiscard]] std::vector<std::string> predictive_rules();

/// Reads the further keys of [circuit], [learning] and [stimuli] and appends the circuit; with the rule "bp" that of
/// backpropagation.
void build_predictive_coding(const section& root, network nodes_and_edges, description& out);

}  // namespace locus::templates
