#pragma once
/// The order in which immediate outputs react within a tick.

#include <boost/graph/adjacency_list.hpp>
#include <cstdint>
#include <vector>

#include "sim/circuit/circuit.hpp"

namespace locus {

/// Reaction `reaction` of population `population`; everything at one level can react in any order.
struct scheduled_reaction {
  std::size_t population = 0;
  std::size_t reaction = 0;
  std::size_t level = 0;
  friend bool operator==(const scheduled_reaction&, const scheduled_reaction&) = default;
};

/// Vertices are (population, reaction), populations in netlist order; an edge says that the first must have
/// reacted before the second can (a connection without delay, or the order of reactions within a neuron).
using schedule_graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, scheduled_reaction>;

[[nodiscard]] schedule_graph make_schedule_graph(const circuit& c);

/// All reactions, ordered by level, then population, then reaction.
/// Throws usage_error "algebraic loop: a.x -> b.y -> a.x" on a cycle without a register or delay.
[[nodiscard]] std::vector<scheduled_reaction> make_schedule(const circuit& c);

}  // namespace locus
