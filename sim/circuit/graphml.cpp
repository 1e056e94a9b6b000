#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <ostream>
#include <set>
#include <string_view>
#include <variant>

#include "sim/circuit/drawing.hpp"
#include "sim/circuit/drawing_graph.hpp"
#include "sim/circuit/grid.hpp"

namespace locus {
namespace {

using detail::arc;
using detail::arc_of;
using detail::node;
using detail::node_of;

/// A key of GraphML: what a value is called and means, and its type: boolean, long, double or string.
struct graphml_key {
  std::string_view of, name, type, meaning;
};

constexpr graphml_key keys[] = {
    {"graph", "settings", "string",
     "what is no entity, as text: the netlist in the long form without populations and projections"},
    {"node", "name", "string", "hidden1.value[3], hidden1.forward[post][pre], or that of the population or projection"},
    {"node", "kind", "string", "neuron, modulator (a neuron that gates synapses), synapse"},
    {"node", "group", "string", "the population of a neuron, the projection of a synapse"},
    {"node", "model", "string", "see locus models"},
    {"node", "entities", "long", "neurons or synapses that the vertex stands for"},
    {"node", "plastic", "boolean", "a synapse that learns"},
    {"node", "index", "long", "of a neuron in its population"},
    {"node", "shape", "string", "of a neuron on a grid: the grid's sizes, the last axis the fastest"},
    {"node", "x", "long", "of a neuron on a grid: its place along the last axis, the column"},
    {"node", "y", "long", "of a neuron on a grid: its place along the axis before, the row"},
    {"node", "z", "long", "of a neuron on a grid of three axes: its place along the first, the channel"},
    {"node", "channel", "long", "of a neuron on a grid of four axes: its place along the first"},
    {"node", "post", "long", "of a synapse: index of its postsynaptic neuron"},
    {"node", "pre", "long", "of a synapse: index of its presynaptic neuron"},
    {"node", "weight", "double", "of a synapse, at the start"},
    {"node", "kernel_weight", "long", "of a synapse of a shared window: which of the kernel's weights it has"},
    {"node", "weight_min", "double", "of a projection's weights at the start"},
    {"node", "weight_mean", "double", "of a projection's weights at the start"},
    {"node", "weight_max", "double", "of a projection's weights at the start"},
    {"node", "shared_with", "string", "of a synapse: the projection whose weights it uses"},
    {"node", "shared_transposed", "boolean", "of such a synapse: it uses those that go the other way"},
    {"node", "same_initial_as", "string", "of a synapse: the projection with whose weights it started"},
    {"node", "initial_transposed", "boolean", "of such a synapse: with those that go the other way"},
    {"node", "initial_scale", "double", "of such a synapse: times this"},
    {"node", "sees_pre", "string",
     "what a synapse sees of its presynaptic neuron, if not what that sends over it: POPULATION.OUTPUT, or NAME = "
     "POPULATION.OUTPUT for each name that its model has"},
    {"node", "sees_post", "string", "what a synapse sees of its postsynaptic neuron, likewise"},
    {"node", "gate", "string", "of a synapse: the output of its modulator, POPULATION.OUTPUT"},
    {"node", "gate_at", "string", "of a synapse: where its modulator sits: post, pre, everywhere"},
    {"edge", "edge_kind", "string",
     "message (neuron to synapse to neuron), link (neuron to neuron), gate (modulator to synapse), sees (neuron that a "
     "synapse sees to that synapse)"},
    {"edge", "projection", "string", "the projection that it belongs to"},
    {"edge", "output", "string", "the output of the neuron that it comes from"},
    {"edge", "port", "string", "the port of the neuron that it goes to"},
    {"edge", "order", "long", "place of the projection in the netlist: a port sums projections in this order"},
    {"edge", "delay", "long", "ticks from the neuron that sends to the synapse, or over a link"},
};

constexpr std::string_view parameter_meaning = "parameter of the model";
constexpr std::string_view initial_meaning = "of a synapse: what this field begins with, if not as its model says";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') out += "&amp;";
    else if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else if (c == '"') out += "&quot;";
    else out += c;
  }
  return out;
}

std::string_view type_of(const parameter_value& value) {
  constexpr std::string_view types[] = {"boolean", "double", "string"};
  static_assert(std::is_same_v<parameter_value, std::variant<bool, double, std::string>>);
  return types[value.index()];
}

std::string parameter_key(const parameter_info& info, const parameter_value& value) {
  return fmt::format("parameter.{}.{}", info.name, type_of(value));
}

/// Boost reads a flag as 0 or 1 only.
std::string text_of(bool value) { return value ? "1" : "0"; }
std::string text_of(const std::string& value) { return escaped(value); }
template <class T>
std::string text_of(T number) {
  return fmt::format("{}", number);
}

template <class Graph>
class graphml_writer {
 public:
  graphml_writer(std::ostream& out, const circuit& c, const Graph& g) : out_(out), c_(c), g_(g) {}

  void write(const std::string& settings) {
    fmt::print(out_,
               "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
               "<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\" "
               "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
               "xsi:schemaLocation=\"http://graphml.graphdrawing.org/xmlns "
               "http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd\">\n");
    write_keys();
    fmt::print(out_,
               "<graph id=\"G\" edgedefault=\"directed\" parse.nodeids=\"free\" parse.edgeids=\"canonical\" "
               "parse.order=\"nodesfirst\">\n");
    say("settings", settings);
    fmt::print(out_, "\n");
    for (std::size_t v = 0; v < num_vertices(g_); ++v) write_node(v);
    std::size_t number = 0;
    const auto [first, last] = edges(g_);
    for (auto e = first; e != last; ++e) {
      fmt::print(out_, "<edge id=\"e{}\" source=\"n{}\" target=\"n{}\">", number++, source(*e, g_), target(*e, g_));
      write_arc(*e);
      fmt::print(out_, "</edge>\n");
    }
    fmt::print(out_, "</graph>\n</graphml>\n");
  }

 private:
  void write_key(std::string_view id, const graphml_key& key) {
    fmt::print(out_, "<key id=\"{}\" for=\"{}\" attr.name=\"{}\" attr.type=\"{}\"><desc>{}</desc></key>\n", escaped(id),
               key.of, escaped(key.name), key.type, escaped(key.meaning));
  }

  void write_keys() {
    for (const graphml_key& key : keys) write_key(key.name, key);
    std::map<std::string, graphml_key> of_parameters;
    const auto note = [&](const model_declaration& model, const parameter_block& parameters) {
      for (const parameter_info& info : model.parameters) {
        const parameter_value value = info.get(parameters.get());
        of_parameters.emplace(parameter_key(info, value),
                              graphml_key{"node", info.name, type_of(value), parameter_meaning});
      }
    };
    for (const population& p : c_.populations) note(*p.model, p.params);
    for (const projection& p : c_.projections) {
      if (p.synapse != nullptr) note(*p.synapse, p.params);
    }
    for (const auto& [id, key] : of_parameters) {
      const std::string name = fmt::format("parameter.{}", key.name);
      write_key(id, {key.of, name, key.type, key.meaning});
    }
    std::set<std::string> of_fields;
    for (const projection& p : c_.projections) {
      for (std::size_t f = 0; f < p.initial.size(); ++f) {
        if (p.initial[f]) of_fields.insert(initial_key(p, f));
      }
    }
    for (const std::string& id : of_fields) write_key(id, {"node", id, "double", initial_meaning});
  }

  static std::string initial_key(const projection& p, std::size_t field) {
    return "initial." + p.synapse->state[field].name;
  }

  template <class T>
  void say(std::string_view key, const T& value) {
    fmt::print(out_, "<data key=\"{}\">{}</data>", key, text_of(value));
  }

  void say_parameters(const model_declaration& model, const parameter_block& parameters) {
    for (const parameter_info& info : model.parameters) {
      const parameter_value value = info.get(parameters.get());
      std::visit([&](const auto& v) { say(escaped(parameter_key(info, value)), v); }, value);
    }
  }

  void write_node(std::size_t v) {
    const node n = node_of(g_, v);
    const bool synapse = n.kind == vertex_kind::synapse;
    fmt::print(out_, "<node id=\"n{}\">", v);
    say("name", n.name);
    say("kind", std::string(name_of(n.kind)));
    say("group", synapse ? c_.projections[n.group].name : c_.populations[n.group].name);
    say("model", n.model);
    say("entities", n.size);
    say("plastic", n.plastic);
    if (synapse) say_synapse(v, n.group);
    else say_neuron(v, n.group);
    fmt::print(out_, "</node>\n");
  }

  void say_neuron(std::size_t v, std::size_t population) {
    if constexpr (std::is_same_v<Graph, entity_graph>) say_place(c_.populations[population].shape, g_.locate(v).index);
    say_parameters(*c_.populations[population].model, c_.populations[population].params);
  }

  void say_place(const grid_shape& shape, std::size_t index) {
    say("index", index);
    if (shape.size() < 2) return;
    const grid_shape place = place_of(shape, index);
    for (std::size_t axis = shape.size(); axis-- > 0;) say(axis_name(shape, axis), place[axis]);
    say("shape", locus::text_of(shape));
  }

  void say_synapse(std::size_t v, std::size_t projection) {
    const std::vector<double>& weights = weights_of(projection);
    if constexpr (std::is_same_v<Graph, entity_graph>) {
      const std::size_t index = g_.locate(v).index;
      const auto [pre, post] = g_.ends(projection, index);
      say("post", post);
      say("pre", pre);
      say("weight", weights[weight_number(projection, index)]);
      if (c_.projections[projection].window) say("kernel_weight", weight_number(projection, index));
    } else if (!weights.empty()) {
      const auto [least, most] = std::minmax_element(weights.begin(), weights.end());
      say("weight_min", *least);
      say("weight_mean", std::accumulate(weights.begin(), weights.end(), 0.0) / static_cast<double>(weights.size()));
      say("weight_max", *most);
    }
    const auto& p = c_.projections[projection];
    if (p.shared_with) {
      say("shared_with", c_.projections[*p.shared_with].name);
      say("shared_transposed", p.transposed);
    }
    if (const auto* copied = std::get_if<copied_weights>(&p.weights)) {
      say("same_initial_as", copied->projection);
      say("initial_transposed", copied->transposed);
      say("initial_scale", copied->scale);
    }
    if (const bool usual = p.pre.size() == 1 && p.pre[0] == p.from; !usual) say_seen("sees_pre", p.pre, p.synapse->pre);
    say_seen("sees_post", p.post, p.synapse->post);
    if (p.gate) {
      say("gate", name_of_output(*p.gate));
      say("gate_at", std::string(name_of(p.gate_at)));
    }
    say_parameters(*p.synapse, p.params);
    if constexpr (std::is_same_v<Graph, entity_graph>) {
      const std::vector<std::vector<double>>& initial = initial_of(projection);
      for (std::size_t f = 0; f < initial.size(); ++f) {
        if (p.initial[f]) say(initial_key(p, f), initial[f][weight_number(projection, g_.locate(v).index)]);
      }
    }
  }

  /// Of a connection's weight: its own number, unless it is that of a shared window.
  [[nodiscard]] std::size_t weight_number(std::size_t projection, std::size_t connection) const {
    const auto& p = c_.projections[projection];
    if (!p.window) return connection;
    const auto [pre, post] = g_.ends(projection, connection);
    return p.window->find(static_cast<std::uint32_t>(pre), static_cast<std::uint32_t>(post)).value();
  }

  [[nodiscard]] std::string name_of_output(const output_id& output) const {
    const population& p = c_.populations[output.population];
    return fmt::format("{}.{}", p.name, p.model->fields[output.field].name);
  }

  /// Under the names that their model has for them.
  void say_seen(std::string_view key, const std::vector<output_id>& seen, const std::vector<std::string>& names) {
    std::string all;
    for (std::size_t i = 0; i < seen.size(); ++i) {
      if (!all.empty()) all += ", ";
      if (i < names.size() && !names[i].empty()) all += names[i] + " = ";
      all += name_of_output(seen[i]);
    }
    if (!all.empty()) say(key, all);
  }

  template <class Edge>
  void write_arc(const Edge& e) {
    const arc& a = arc_of(g_, e);
    const projection& p = c_.projections[a.projection];
    const auto say_output = [&](const output_id& from) {
      say("output", std::string(c_.populations[from.population].model->fields[from.field].name));
    };
    say("edge_kind", std::string(name_of(a.kind)));
    say("projection", p.name);
    say("order", a.projection);
    if (a.kind == edge_kind::gate) return say_output(*p.gate);
    if (a.kind == edge_kind::sees) {
      std::string all;
      for (const output_id& seen : p.post)
        all += fmt::format("{}{}", all.empty() ? "" : ", ",
                           c_.populations[seen.population].model->fields[seen.field].name);
      return say("output", all);
    }
    if (!a.from_synapse) {
      say_output(p.from);
      say("delay", delay_over(e, p));
    }
    if (a.from_synapse || a.kind == edge_kind::link)
      say("port", std::string(c_.populations[p.to.population].model->ports[p.to.port].name));
  }

  /// Of populations it is the shortest.
  template <class Edge>
  [[nodiscard]] std::uint32_t delay_over(const Edge& e, const projection& p) const {
    if constexpr (std::is_same_v<Graph, entity_graph>) {
      if (p.delays.empty()) return p.delay;
      const auto at = g_.locate(target(e, g_));
      if (p.synapse != nullptr) return delay_of(p, at.index);
      const auto pre = static_cast<std::uint32_t>(g_.locate(source(e, g_)).index);
      return delay_of(p, *p.connections.find(pre, static_cast<std::uint32_t>(at.index)));
    }
    return p.delay;
  }

  /// Vertices of one projection follow each other: the weights of one are held.
  const std::vector<double>& weights_of(std::size_t projection) {
    if (weights_are_of_ != projection) weights_ = initial_weights(c_, projection);
    weights_are_of_ = projection;
    return weights_;
  }

  /// [field][connection]: nothing for those that begin as their model says. One projection's are held.
  const std::vector<std::vector<double>>& initial_of(std::size_t projection) {
    if (initial_is_of_ == projection) return initial_;
    initial_is_of_ = projection;
    initial_.clear();
    for (std::size_t f = 0; f < c_.projections[projection].initial.size(); ++f)
      initial_.push_back(initial_field(c_, projection, f).value_or(std::vector<double>()));
    return initial_;
  }

  std::ostream& out_;
  const circuit& c_;
  const Graph& g_;
  std::size_t initial_is_of_ = static_cast<std::size_t>(-1);
  std::vector<std::vector<double>> initial_;
  std::size_t weights_are_of_ = static_cast<std::size_t>(-1);
  std::vector<double> weights_;
};

}  // namespace

void write_graphml(std::ostream& out, const circuit& c, drawing_scale scale, const std::string& settings) {
  if (scale == drawing_scale::entity) graphml_writer(out, c, entity_graph(c)).write(settings);
  else graphml_writer(out, c, detail::make_population_graph(c)).write(settings);
}

}  // namespace locus
