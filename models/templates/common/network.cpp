#include "models/templates/common/network.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/templates/common/pooling.hpp"
#include "models/templates/common/shared_weights.hpp"

namespace locus::templates {

std::size_t network::depth() const {
  std::size_t most = 0;
  for (const network_node& node : nodes) most = std::max(most, node.level);
  return most;
}

std::span<const network_edge> network::edges_to(std::size_t node) const {
  const auto comes_before = [](const network_edge& e, std::size_t to) { return e.to < to; };
  const auto first = std::lower_bound(edges.begin(), edges.end(), node, comes_before);
  return {first, std::lower_bound(first, edges.end(), node + 1, comes_before)};
}

std::string network::sent(std::size_t node) const {
  return nodes[node].heard_over_pool() ? pool_output(nodes[node]) : name(node) + ".value.rate";
}

std::string network::back(std::size_t node) const {
  return nodes[node].heard_over_pool() ? pool_port(nodes[node]) : name(node) + ".value.feedback";
}

std::vector<network_edge> network::feedback_edges() const {
  std::vector<network_edge> all = edges;
  std::erase_if(all, [&](const network_edge& e) { return e.from < inputs; });
  return all;
}

reference to_reference(const std::string& text) {
  const std::size_t dot = text.rfind('.');
  return {text.substr(0, dot), text.substr(dot + 1), {}};
}

void add_population(description& out, const std::string& name, const std::string& model, std::uint32_t size,
                    std::vector<parameter_setting> params) {
  out.populations.push_back({name, model, size, std::move(params), {}});
}

void add_population(description& out, const network_node& node, std::string_view part, const std::string& model,
                    std::vector<parameter_setting> params) {
  add_population(out, node, part, node.grid(), model, std::move(params));
}

void add_population(description& out, const network_node& node, std::string_view part, const neuron_grid& grid,
                    const std::string& model, std::vector<parameter_setting> params) {
  add_population(out, fmt::format("{}.{}", node.name, part), model, grid.size, std::move(params));
  out.populations.back().shape = grid.shape;
}

void add_link(description& out, const std::string& from, const std::string& to, connectivity connect) {
  projection_description p;
  p.name = fmt::format("{}->{}", from, to);
  p.from = to_reference(from);
  p.to = to_reference(to);
  p.connect = std::move(connect);
  out.projections.push_back(std::move(p));
}

void add_stimulus(description& out, const std::string& target, stimulus_role role) {
  stimulus_description s;
  s.target = {target, "clamp", {}};
  s.role = role;
  out.stimuli.push_back(std::move(s));
}

namespace {

/// Data of one role into a part of some nodes.
void add_data_of(description& out, const network& n, stimulus_role role, const std::vector<std::size_t>& nodes,
                 const std::string& part) {
  std::int64_t column = 0;
  for (const std::size_t node : nodes) {
    add_stimulus(out, n.name(node) + part, role);
    stimulus_description& s = out.stimuli.back();
    if (nodes.size() > 1) s.columns = {column, column + n.size(node)};
    if (role == stimulus_role::teacher) {
      s.answer = to_reference(n.name(node) + (n.softmax ? ".softmax.p" : ".value.x"));
      if (n.softmax) s.loss = answer_loss::cross_entropy;
    }
    column += n.size(node);
  }
}

}  // namespace

void add_data(description& out, const network& n, const std::string& taught) {
  std::vector<std::size_t> inputs, outputs;
  for (std::size_t k = 0; k < n.nodes.size(); ++k) {
    if (k < n.inputs) inputs.push_back(k);
    else if (n.nodes[k].level == 0) outputs.push_back(k);
  }
  add_data_of(out, n, stimulus_role::input, inputs, ".value");
  add_data_of(out, n, stimulus_role::teacher, outputs, "." + taught);
}

namespace {

/// The places of a node's maps, without the maps' own axis.
neuron_grid grid_of_map(const network_node& node) {
  neuron_grid grid{1, {node.shape.end() - static_cast<std::ptrdiff_t>(node.map_axes), node.shape.end()}};
  for (const std::uint32_t n : grid.shape) grid.size *= n;
  return grid;
}

/// All neurons of a map hear their place's unit with the same weight.
spatial_window window_of_one(std::size_t axes) {
  const std::vector<std::uint32_t> ones(axes, 1);
  spatial_window w{ones, ones, ones};
  w.one_kernel = true;
  return w;
}

}  // namespace

void add_bias_unit(const network& n, description& out) {
  if (!n.bias) return;
  const auto single = [&](const network_node& node) { return !node.relay && node.map_axes == 0; };
  const std::vector<parameter_setting> one = {{"value", 1.0, {}}};
  if (std::any_of(n.nodes.begin() + static_cast<std::ptrdiff_t>(n.inputs), n.nodes.end(), single))
    add_population(out, "bias", "constant", 1, one);
  for (const network_node& node : n.nodes) {
    if (node.map_axes > 0) add_population(out, node, "ones", grid_of_map(node), "constant", one);
  }
}

void add_controller(description& out, const std::string& name, std::int64_t onset, std::int64_t ticks) {
  add_population(out, name, "controller", 1);
  add_stimulus(out, name, stimulus_role::control);
  out.stimuli.back().onset = onset;
  out.stimuli.back().ticks = ticks;
}

void add_synapses(description& out, const network& n, const synapses& s, bool learns) {
  projection_description p;
  p.name = s.name;
  p.at = s.at;
  p.from = to_reference(s.from);
  p.to = to_reference(s.to);
  p.connect = s.connect;
  p.weights = s.weights;
  p.synapse = "fixed";
  const bool own = !std::holds_alternative<shared_weights>(s.weights);
  if (learns && own && n.rule != "none") {
    p.synapse = s.model.empty() ? n.synapse : s.model;
    p.params = s.model.empty() ? n.params : s.params;
    if (!s.pre.empty()) p.pre = {to_reference(s.pre)};
    p.post = {to_reference(s.post)};
    p.gate = to_reference(s.gate);
    p.gate_at = s.gate_at;
  }
  out.projections.push_back(std::move(p));
}

void add_forward(description& out, const network& n, std::size_t node, synapses s) {
  for (const network_edge& e : n.edges_to(node)) {
    s.name = e.forward;
    s.from = n.sent(e.from);
    s.weights = e.weights;
    s.connect = e.connect;
    s.at = e.at;
    if (n.nodes[node].relay) add_link(out, s.from, s.to);
    else add_synapses(out, n, s, true);
  }
  if (!n.bias || n.nodes[node].relay) return;
  s.name = n.name(node) + ".bias";
  const std::size_t axes = n.nodes[node].map_axes;
  s.from = axes == 0 ? "bias.rate" : n.name(node) + ".ones.rate";
  s.weights = n.nodes[node].bias_weights;
  s.connect = all_to_all{};
  if (axes > 0) s.connect = window_of_one(axes);
  s.at = {};
  add_synapses(out, n, s, true);
}

void add_feedback(description& out, const network& n, const network_edge& e, synapses s) {
  if (n.nodes[e.to].relay) return add_link(out, s.from, s.to);
  s.name = e.feedback;
  s.connect = feedback_connections(e);
  s.weights = feedback_source(n, e);
  add_synapses(out, n, s, n.feedback_weights == "learned");
}

connectivity feedback_connections(const network_edge& e) {
  if (std::holds_alternative<all_to_all>(e.connect)) return all_to_all{};
  return copied_connections{e.forward, true};
}

weight_source feedback_source(const network& n, const network_edge& e) {
  if (!e.group.empty() && n.feedback_weights == "tied") return shared_weights{shared_forward(e.group), true};
  if (!e.group.empty()) return shared_weights{shared_feedback(e.group), false};
  if (n.feedback_weights == "tied") return shared_weights{e.forward, true};
  if (n.feedback_weights == "fixed-random") return random_weights{"glorot-uniform", 1.0, n.seed, e.feedback};
  return copied_weights{e.forward, true};
}

void add_update_controllers(const network& n, std::optional<std::int64_t> at, description& out) {
  if (at) return add_controller(out, "controller", *at, 1);
  for (std::size_t k = n.inputs; k < n.nodes.size(); ++k) {
    if (n.nodes[k].relay) continue;
    add_controller(out, n.name(k) + ".controller", static_cast<std::int64_t>(n.nodes[k].level), 1);
  }
}

std::string update_gate(const network& n, std::optional<std::int64_t> at, std::size_t node) {
  return at ? "controller.signal" : n.name(node) + ".controller.signal";
}

void expect_bound(description& out, bool holds, const std::string& sentence) {
  if (!holds) out.warnings.push_back(sentence);
}

void expect_update_in_time(const network& n, std::optional<std::int64_t> at, description& out) {
  const std::int64_t last = at.value_or(static_cast<std::int64_t>(n.depth()) - 1);
  const std::int64_t teach = out.timeline.teach.low;
  expect_bound(out, teach > last,
               fmt::format("stimuli.teach = {} is not above update_at = {}: the controller says \"now\" after the "
                           "teacher has gone",
                           teach, last));
}

}  // namespace locus::templates
