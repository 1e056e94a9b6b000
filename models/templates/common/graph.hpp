#pragma once
/// Networks whose nodes and edges form any directed acyclic graph: skip connections, several inputs, several outputs
/// (Salvatori, Song, Lukasiewicz, Bogacz and Xu 2021).

#include <string>
#include <vector>

#include "models/templates/common/network.hpp"

namespace locus::templates {

/// Reads circuit.nodes, edges, inputs, outputs and levelling, and what all networks have. An edge from a to b has the
/// projections "a.to.b.forward" and "a.to.b.feedback", the bias of b "b.bias". Throws usage_error unless the graph is
/// one without cycles in which every node hears an input and is heard by an output.
[[nodiscard]] network read_graph(const section& root, std::vector<std::string> rules);

/// L of that graph.
[[nodiscard]] std::size_t depth_of_graph(const section& root);

/// Puts relays "a.to.b.1", "a.to.b.2", ... on every edge from a to b whose levels differ by more than one, so that all
/// paths from a node to the outputs have the same length. Edges from inputs need none: an input is held, and sends the
/// same however late it is asked for.
void add_relays(network& n);

}  // namespace locus::templates
