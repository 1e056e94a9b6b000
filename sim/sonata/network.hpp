#pragma once
/// nodes.h5 and edges.h5: which neurons there are and how they are connected.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/circuit/circuit.hpp"
#include "sim/sonata/sonata_file.hpp"

namespace locus::sonata {

/// Told now and then: what is being written, and how much of it is done.
using progress = std::function<void(const std::string& what, std::uint64_t done, std::uint64_t total)>;

/// The weights of a projection in the order of its edges, by (target, source), and where they come from ("initial",
/// "tick 40").
struct edge_weights {
  std::vector<double> values;
  std::string from;
};
using weights_of_projection = std::function<edge_weights(std::size_t)>;

/// One population of nodes a population; its id of nodes and of their type is the index in the circuit.
void write_nodes(const atomic_file& place, const circuit& c, const origin& from);

/// One population of edges a projection, plain links too. Memory: about 32 bytes an edge of the largest projection.
void write_edges(const atomic_file& place, const circuit& c, const weights_of_projection& weights, const origin& from,
                 const progress& tell);

/// What SONATA's `delay` says: at least one step, or NEST would refuse it. `delay_ticks` has the netlist's own number.
[[nodiscard]] inline double delay_ms(const circuit& c, std::uint32_t ticks) {
  return std::max<double>(1, ticks) * tick_ms(c);
}

/// The ids of a projection's edges. `c` and `p` must stay. Memory: of a shared window, its connections.
class edge_numbers {
 public:
  edge_numbers(const circuit& c, const projection& p);
  /// Of the edge between two neurons. Throws run_error if they are not connected.
  [[nodiscard]] std::uint64_t id(std::uint32_t source, std::uint32_t target) const;

 private:
  const circuit& c_;
  const projection& p_;
  std::optional<sparse_connections> of_window_;
};

}  // namespace locus::sonata
