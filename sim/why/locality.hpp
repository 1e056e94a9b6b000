#pragma once
/// Whether a read is local, by the audit's own measures.

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "sim/circuit/circuit.hpp"
#include "sim/data/data_set.hpp"
#include "sim/netlist/description.hpp"

namespace locus {

/// Answers for the connections of a circuit. Modulators are tried as an audit tries them, by runs with one lane in
/// which their wires are cut; each projection once, when it is first asked for.
class locality {
 public:
  /// All must outlive it.
  locality(const circuit& c, const description& netlist, const data_set& data);
  ~locality();
  locality(const locality&) = delete;
  locality& operator=(const locality&) = delete;

  /// Whether the weight of a message from neuron `pre` to neuron `post` is the connection's own.
  [[nodiscard]] bool message(std::size_t projection, std::size_t k, std::size_t pre, std::size_t post) const;

  /// Whether what a synapse sees as its postsynaptic end is one.
  [[nodiscard]] bool post(std::size_t projection, std::size_t seen) const;

  /// Whether a neuron that modulates synapses of a projection is tied to them. Nothing: it is control, which an audit
  /// judges apart from reads, or it could not be measured.
  [[nodiscard]] std::optional<bool> gate(std::size_t projection, std::size_t modulator) const;

 private:
  const circuit& net_;
  const description& netlist_;
  const data_set& data_;
  mutable std::unique_ptr<circuit> one_lane_;
  mutable std::map<std::size_t, std::vector<bool>> near_;  ///< [projection][modulator]; empty: not measured
};

}  // namespace locus
