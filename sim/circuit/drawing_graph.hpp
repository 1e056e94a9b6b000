#pragma once
/// What the drawings of a circuit have in common: the circuit as entity_graph, or seen from further away.

#include <boost/graph/adjacency_list.hpp>
#include <string>

#include "sim/circuit/circuit.hpp"
#include "sim/circuit/entity_graph.hpp"

namespace locus::detail {

/// What is said of a vertex: of a neuron or a synapse, or of all those of a population or a projection.
struct node {
  std::string name, label, cluster, model;
  vertex_kind kind = vertex_kind::neuron;
  std::uint64_t size = 1;
  bool plastic = false;
  std::size_t group = 0;  ///< its population, or its projection if it is a synapse
};

/// What is said of an edge.
struct arc {
  edge_kind kind = edge_kind::message;
  std::size_t projection = 0;
  bool from_synapse = false;
};

/// The circuit seen from further away: populations, and synapses by projection.
using population_graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::bidirectionalS, node, arc>;

[[nodiscard]] population_graph make_population_graph(const circuit& c);

[[nodiscard]] node node_of(const entity_graph& g, std::size_t v);
[[nodiscard]] inline const node& node_of(const population_graph& g, std::size_t v) { return g[v]; }

[[nodiscard]] arc arc_of(const entity_graph& g, const entity_edge& e);
[[nodiscard]] inline const arc& arc_of(const population_graph& g, const population_graph::edge_descriptor& e) {
  return g[e];
}

}  // namespace locus::detail
