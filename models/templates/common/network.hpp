#pragma once
/// What the layered templates share: their keys, and helpers that append entities to a description.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/netlist/netlist.hpp"

namespace locus::templates {

/// The short form's keys. Layers are counted from the input: 0 .. depth, where depth is L of Song et al. 2020.
struct network {
  std::vector<std::uint32_t> sizes;  ///< input first
  std::string activation;
  bool bias = false;
  std::string neuron;            ///< two-compartment | segregated | point
  std::string feedback_weights;  ///< learned | tied | fixed-random
  std::string rule;              ///< bp | il | z-il | fa-z-il | none
  double alpha = 0;
  double gamma = 1;
  std::string feedback;  ///< burst | continuous
  double quiet_ticks = 1;
  double tolerance = 0;
  bool cause_gate = true;
  std::optional<std::int64_t> update_at;       ///< ticks after the teacher's onset; none: at t = l
  std::string start;                           ///< settle | forward
  std::string encode;                          ///< value | rate
  std::vector<weight_source> forward_weights;  ///< [layer - 1]
  std::vector<weight_source> bias_weights;     ///< [layer - 1]
  std::uint64_t seed = 1;
  source_position at;

  [[nodiscard]] std::size_t depth() const { return sizes.size() - 1; }
  [[nodiscard]] std::string layer(std::size_t k) const;  ///< "input", "hidden1", ..., "output"
  /// Activation of layer k's neurons; with encode = "rate" the input neurons send the datum itself.
  [[nodiscard]] std::string activation_of(std::size_t k) const;
};

/// Reads [circuit], [weights], [learning] and the circuit's part of [stimuli].
[[nodiscard]] network read_network(const section& root);

/// The circuit of backpropagation for that network, appended to `out`.
void build_backpropagation(const network& n, description& out);

/// "hidden1.error.eps" -> reference.
[[nodiscard]] reference to_reference(const std::string& text);

void add_population(description& out, const std::string& name, const std::string& model, std::uint32_t size,
                    std::vector<parameter_setting> params = {});
/// A plain link named "from->to".
void add_link(description& out, const std::string& from, const std::string& to, connectivity connect = one_to_one{});
/// A control signal of population `name` (one controller), at the given ticks from the teacher's onset.
void add_controller(description& out, const std::string& name, std::int64_t onset, std::int64_t ticks);
void add_stimulus(description& out, const std::string& target, stimulus_role role);

/// Synapses of one projection; pre defaults to from. An empty gate means none.
struct synapses {
  std::string name, from, to;
  std::string pre, post, gate;
  gate_end gate_at = gate_end::post;
  weight_source weights;
};
/// With the gated Hebbian rule if the network learns and the synapses have weights of their own to learn.
void add_synapses(description& out, const network& n, const synapses& s, bool learns);

/// Where the feedback synapses that parallel projection `forward` have their weights from.
[[nodiscard]] weight_source feedback_source(const network& n, const std::string& forward, const std::string& name);

/// Notes a warning that names the bound if `holds` is false.
void expect_bound(description& out, bool holds, const std::string& sentence);

}  // namespace locus::templates
