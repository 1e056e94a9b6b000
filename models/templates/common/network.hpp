#pragma once
/// What the templates share: a network of nodes and edges, the keys that all of them read, and helpers that append
/// entities to a description.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/netlist/netlist.hpp"

namespace locus::templates {

/// How the neurons of a node are pooled: others hear the largest number of each window, or its mean.
struct node_pool {
  std::vector<std::uint32_t> window, stride;
  bool mean = false;
  neuron_grid grid;       ///< of the windows
  bool of_units = false;  ///< it stands before the values of the node, which are pooled already
};

/// Neurons that hear and send the same: a layer, or any node of a graph.
struct network_node {
  std::string name;
  std::uint32_t size = 0;
  std::string activation;  ///< f, from a neuron's value to what it sends
  std::size_t level = 0;   ///< steps to the outputs, l of Song et al. 2020; 0: an output
  bool relay = false;      ///< an identity node: it passes on what it hears over links, neuron by neuron
  weight_source bias_weights;
  std::vector<std::uint32_t> shape = {};  ///< of the grid on which they lie; empty: a row
  std::optional<node_pool> pool = {};
  /// Neurons of a map share their bias: the axes of its window. 0: each has its own.
  std::size_t map_axes = 0;

  /// Of what hears others.
  [[nodiscard]] neuron_grid grid() const { return {size, shape}; }
  /// Of what others hear.
  [[nodiscard]] neuron_grid heard() const { return pool ? pool->grid : grid(); }
  /// Whether others hear the pool instead of the values.
  [[nodiscard]] bool heard_over_pool() const { return pool && !pool->of_units; }
};

/// Synapses from the neurons of a node to those of another; to a relay, a link for each neuron.
struct network_edge {
  std::size_t from = 0, to = 0;   ///< nodes
  std::string forward, feedback;  ///< names of its projections
  weight_source weights;          ///< of the forward projection
  connectivity connect = all_to_all{};
  source_position at = {};  ///< of these connections, for those that do not fit the nodes
  /// Edges that share weights: the name of the first of them, "a.to.b", and what its weights are at first. `weights`
  /// are then those of shared_forward(group).
  std::string group = {};
  weight_source group_weights = {};
};

/// A network without cycles. Invariants: inputs come first and hear nobody; each other node comes after those that it
/// hears.
struct network {
  std::vector<network_node> nodes;
  std::size_t inputs = 1;           ///< how many of the nodes are inputs
  std::vector<network_edge> edges;  ///< in the order of `to`
  bool bias = false;
  bool softmax = false;  ///< outputs are probabilities
  std::string rule;      ///< one of the template's; "bp" and "none" are in all
  double alpha = 0;
  double loss_scale = 1;                  ///< the errors of the outputs are multiplied by it
  std::string synapse;                    ///< model of the synapses that learn by the product of their two neurons
  std::vector<parameter_setting> params;  ///< of these synapses
  std::string feedback_weights;           ///< learned | tied | fixed-random
  std::string encode;                     ///< value | rate
  std::uint64_t seed = 1;

  /// L of Song et al. 2020: the level of the input that is farthest from the outputs.
  [[nodiscard]] std::size_t depth() const;
  [[nodiscard]] const std::string& name(std::size_t node) const { return nodes[node].name; }
  [[nodiscard]] std::uint32_t size(std::size_t node) const { return nodes[node].size; }
  /// The output of a node that others hear, and the port to which their errors come.
  [[nodiscard]] std::string sent(std::size_t node) const;
  [[nodiscard]] std::string back(std::size_t node) const;
  [[nodiscard]] std::span<const network_edge> edges_to(std::size_t node) const;
  /// The edges over which errors go back: all but those from inputs.
  [[nodiscard]] std::vector<network_edge> feedback_edges() const;
};

// ---- keys --------------------------------------------------------------------------------------------------------

/// What a template can make of a network.
struct network_abilities {
  bool pools = true, softmax = true;
};

/// A network of layers, each heard by the next: nodes "input", "hidden1", ..., "output", which are numbered so, and
/// projections "hidden1.forward", "hidden1.feedback" and "hidden1.bias". A layer may be a grid, circuit.connect says
/// how one hears the layer before, and circuit.pool which hidden layers are pooled. Reads [circuit], [weights] and what
/// is common of [learning] and [stimuli]. `rules` are those of the template, the default first. feedback_weights is
/// read for the rule "bp" only; what the other rules make of it is the template's.
[[nodiscard]] network read_layers(const section& root, std::vector<std::string> rules,
                                  const network_abilities& can = {});

/// What all networks have but nodes, edges and weights.
[[nodiscard]] network read_network(const section& root, std::vector<std::string> rules,
                                   const network_abilities& can = {});

/// [weights] shared = "window": all places of a window share their weights, in every edge with windows. Throws if there
/// is none.
void share_windows(const section& weights, network& n);

/// circuit.bias = "map": one bias for each map of the nodes that hear by one kernel. Throws if there is none.
void share_biases(const section& circuit, network& n);

/// Pools a node as the table under a key says: { window = [2, 2], stride = [2, 2], kind = "max" }.
[[nodiscard]] node_pool read_pool(const section& owner, std::string_view key, const neuron_grid& pooled);

/// What [weights] says of the projection of this name, by `init`, `scale`, `seed` and `file`; biases start at 0.
[[nodiscard]] weight_source forward_weights(const section& weights, const std::string& projection);
[[nodiscard]] weight_source bias_weights(const section& weights, const std::string& projection);

/// The activation functions that there are: ours, and the netlist's own.
[[nodiscard]] std::vector<std::string> activations(const section& root);

/// learning.loss_scale. Of the templates that read it.
[[nodiscard]] double read_loss_scale(const section& learning);

/// What the models of outputs' errors have beside their defaults.
[[nodiscard]] std::vector<parameter_setting> output_error_params(const network& n);

/// A number that must not be negative.
[[nodiscard]] double not_negative(const section& table, std::string_view key, double otherwise);

/// The values of circuit.feedback_weights.
[[nodiscard]] std::vector<std::string> feedback_kinds();

/// learning.update_at: ticks after the teacher's onset, or nothing for "l": nodes of level l at t = l.
[[nodiscard]] std::optional<std::int64_t> read_update_at(const section& learning,
                                                         std::optional<std::int64_t> otherwise);

// ---- entities ----------------------------------------------------------------------------------------------------

/// "hidden1.error.eps" -> reference.
[[nodiscard]] reference to_reference(const std::string& text);

void add_population(description& out, const std::string& name, const std::string& model, std::uint32_t size,
                    std::vector<parameter_setting> params = {});
/// One neuron for each of a node's, on the same grid: "hidden1.error" is the part "error" of "hidden1".
void add_population(description& out, const network_node& node, std::string_view part, const std::string& model,
                    std::vector<parameter_setting> params = {});
/// The same on another grid.
void add_population(description& out, const network_node& node, std::string_view part, const neuron_grid& grid,
                    const std::string& model, std::vector<parameter_setting> params = {});
/// A plain link named "from->to".
void add_link(description& out, const std::string& from, const std::string& to, connectivity connect = one_to_one{});
/// A control signal of population `name` (one controller), at the given ticks from the teacher's onset.
void add_controller(description& out, const std::string& name, std::int64_t onset, std::int64_t ticks);
void add_stimulus(description& out, const std::string& target, stimulus_role role);
/// Inputs into the values of input nodes, teachers into a part of output nodes, whose value's x is the answer, or the
/// probability of their softmax. Several divide the data's columns among them, in their order.
void add_data(description& out, const network& n, const std::string& taught = "value");
/// The constant unit of the biases, if the network has them; for biases of maps a unit for each place.
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
  source_position at = {};                ///< in the netlist
};
/// Plastic if `learns`, the network learns, and the synapses have weights of their own.
void add_synapses(description& out, const network& n, const synapses& s, bool learns);
/// The edges that lead to a node, `s.to`, and the synapses of its bias beside them. Their names, sources, connections
/// and weights are the network's.
void add_forward(description& out, const network& n, std::size_t node, synapses s);
/// The way back over an edge, with the edge's connections turned round and the weights that the network's feedback has.
void add_feedback(description& out, const network& n, const network_edge& e, synapses s);

/// The connections of an edge, turned round.
[[nodiscard]] connectivity feedback_connections(const network_edge& e);

/// Where the feedback synapses of an edge have their weights from.
[[nodiscard]] weight_source feedback_source(const network& n, const network_edge& e);

/// Controllers of an update: one for all nodes at a given tick, or one a node that says "now" at t = l; and the
/// modulator of the synapses of a node.
void add_update_controllers(const network& n, std::optional<std::int64_t> at, description& out);
[[nodiscard]] std::string update_gate(const network& n, std::optional<std::int64_t> at, std::size_t node);

/// Notes a warning that names the bound if `holds` is false.
void expect_bound(description& out, bool holds, const std::string& sentence);
/// The same for an update that needs the teacher.
void expect_update_in_time(const network& n, std::optional<std::int64_t> at, description& out);

}  // namespace locus::templates
