#pragma once
/// Questions about a circuit's connections that the audit's mechanisms share.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/circuit/connections.hpp"

namespace locus {

/// A neuron (group = population) or a synapse (group = projection, index = connection).
struct entity_ref {
  bool is_synapse = false;
  std::size_t group = 0;
  std::size_t index = 0;
  friend bool operator==(const entity_ref&, const entity_ref&) = default;
};

/// "hidden1.value[3]", "hidden1.forward[2][17]" ([post][pre]); on grids "map.value[0,3]"
[[nodiscard]] std::string name_of(const circuit& c, const entity_ref& e);

/// The connection of the owner whose weight connection k of `p` uses. Requires: p.shared_with.
[[nodiscard]] std::size_t owner_connection(const circuit& c, const projection& p, std::size_t k);

/// For each neuron of `modulators`: whether some projection between the two populations, in either direction, joins it
/// to the neuron of the same index in `ends` and to no other.
[[nodiscard]] std::vector<bool> attached(const circuit& c, std::size_t modulators, std::size_t ends);

/// Neuron-level graph: from each neuron to those that its outputs can influence in one hop (over a connection, or by
/// gating or being seen by a synapse onto them).
class hop_graph {
 public:
  explicit hop_graph(const circuit& c);

  [[nodiscard]] std::size_t neuron(std::size_t population, std::size_t index) const {
    return first_[population] + index;
  }
  [[nodiscard]] std::size_t size() const { return first_.back(); }

  static constexpr std::uint32_t unreachable = UINT32_MAX;
  /// Hops from the nearest of `sources` to each neuron.
  [[nodiscard]] std::vector<std::uint32_t> distances(const std::vector<std::size_t>& sources) const;

 private:
  std::vector<std::size_t> first_;  ///< [population + 1]
  std::vector<std::vector<std::uint32_t>> next_;
};

}  // namespace locus
