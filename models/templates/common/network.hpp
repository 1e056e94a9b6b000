#pragma once
/// What the layered templates share: their keys, and helpers that append entities to a description.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/netlist/netlist.hpp"

namespace locus::templates {

/// The short form's keys that all layered circuits have. Layers are counted from the input: 0 .. depth, where depth is
/// L of Song et al. 2020.
struct network {
  std::vector<std::uint32_t> sizes;  ///< input first
  std::string activation;
  bool bias = false;
  std::string rule;  ///< one of the template's; "bp" and "none" are in all
  double alpha = 0;
  std::string synapse;                         ///< model of the synapses that learn by the product of their two neurons
  std::vector<parameter_setting> params;       ///< of these synapses
  std::string feedback_weights;                ///< learned | tied | fixed-random
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

/// Reads [circuit], [weights] and what is common of [learning] and [stimuli]. `rules` are those of the template, the
/// default first. feedback_weights is read for the rule "bp" only; what the other rules make of it is the template's.
[[nodiscard]] network read_network(const section& root, std::vector<std::string> rules);

/// The values of circuit.feedback_weights.
[[nodiscard]] std::vector<std::string> feedback_kinds();

/// learning.update_at: ticks after the teacher's onset, or nothing for "l": layer l at t = l.
[[nodiscard]] std::optional<std::int64_t> read_update_at(const section& learning,
                                                         std::optional<std::int64_t> otherwise);

/// "hidden1.error.eps" -> reference.
[[nodiscard]] reference to_reference(const std::string& text);

void add_population(description& out, const std::string& name, const std::string& model, std::uint32_t size,
                    std::vector<parameter_setting> params = {});
/// A plain link named "from->to".
void add_link(description& out, const std::string& from, const std::string& to, connectivity connect = one_to_one{});
/// A control signal of population `name` (one controller), at the given ticks from the teacher's onset.
void add_controller(description& out, const std::string& name, std::int64_t onset, std::int64_t ticks);
void add_stimulus(description& out, const std::string& target, stimulus_role role);
/// Input into input.value, teacher into output.value, whose x is the answer.
void add_data(description& out);
/// The constant unit of the biases, if the network has them.
void add_bias_unit(const network& n, description& out);

/// Synapses of one projection; pre defaults to from. An empty gate means none. Without a model of their own, synapses
/// that learn have the network's.
struct synapses {
  std::string name, from, to;
  std::string pre, post, gate;
  gate_end gate_at = gate_end::post;
  weight_source weights;
  connectivity connect = all_to_all{};
  std::string model;                      ///< empty: the network's, with its parameters
  std::vector<parameter_setting> params;  ///< of a model of their own
};
/// Plastic if `learns`, the network learns, and the synapses have weights of their own.
void add_synapses(description& out, const network& n, const synapses& s, bool learns);
/// Synapses from layer k - 1 to layer k, `s.to`, and those of the bias beside them.
void add_forward(description& out, const network& n, std::size_t k, synapses s);

/// Where the feedback synapses that parallel projection `forward` have their weights from.
[[nodiscard]] weight_source feedback_source(const network& n, const std::string& forward, const std::string& name);

/// Controllers of an update: one for all layers at a given tick, or one a layer that says "now" at t = l; and the
/// modulator of the synapses of layer k.
void add_update_controllers(const network& n, std::optional<std::int64_t> at, description& out);
[[nodiscard]] std::string update_gate(const network& n, std::optional<std::int64_t> at, std::size_t k);

/// Notes a warning that names the bound if `holds` is false.
void expect_bound(description& out, bool holds, const std::string& sentence);
/// The same for an update that needs the teacher.
void expect_update_in_time(const network& n, std::optional<std::int64_t> at, description& out);

}  // namespace locus::templates
