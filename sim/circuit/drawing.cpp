#include "sim/circuit/drawing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/graphml.hpp>
#include <boost/graph/graphviz.hpp>
#include <boost/property_map/function_property_map.hpp>
#include <functional>
#include <map>
#include <ostream>

#include "sim/circuit/census.hpp"
#include "sim/circuit/entity_graph.hpp"

namespace locus {
namespace {

/// What is said of a vertex.
struct node {
  std::string name, label, cluster, model;
  vertex_kind kind = vertex_kind::neuron;
  std::uint64_t size = 1;
  bool plastic = false;
};

struct arc {
  edge_kind kind = edge_kind::message;
  std::string projection;
};

/// The circuit seen from further away: populations, and synapses by projection.
using population_graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::bidirectionalS, node, arc>;

/// "hidden1" of "hidden1.value"; empty if the name has no such part.
std::string layer_of(const std::string& name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string::npos || name.find("->") != std::string::npos ? std::string() : name.substr(0, dot);
}

std::string model_of(const projection& p) { return std::string(p.synapse->info.name); }

void add_synapses(const circuit& c, const projection& p, population_graph& g) {
  const std::uint64_t size = c.connections(p);
  const std::string label =
      fmt::format("{}\n{} -> {}, {}", p.name, c.size_before(p), c.size_after(p), name_of(p.shape));
  const auto v =
      add_vertex(node{p.name, label, layer_of(p.name), model_of(p), vertex_kind::synapse, size, p.learns()}, g);
  add_edge(p.from.population, v, arc{edge_kind::message, p.name}, g);
  add_edge(v, p.to.population, arc{edge_kind::message, p.name}, g);
  if (!p.learns()) return;
  add_edge(p.post.population, v, arc{edge_kind::sees, p.name}, g);
  if (!p.gate) return;
  add_edge(p.gate->population, v, arc{edge_kind::gate, p.name}, g);
  g[p.gate->population].kind = vertex_kind::modulator;
}

population_graph make_population_graph(const circuit& c) {
  population_graph g;
  for (const population& p : c.populations) {
    const std::string label = fmt::format("{}\n{}", p.name, p.size);
    add_vertex(node{p.name, label, layer_of(p.name), std::string(p.model->info.name), vertex_kind::neuron, p.size}, g);
  }
  for (const projection& p : c.projections) {
    if (p.synapse != nullptr) add_synapses(c, p, g);
    else add_edge(p.from.population, p.to.population, arc{edge_kind::link, p.name}, g);
  }
  return g;
}

node node_of(const entity_graph& g, std::size_t v) {
  const auto where = g.locate(v);
  const circuit& c = g.net();
  if (!where.is_synapse) {
    const population& p = c.populations[where.group];
    return {g.name(v), std::to_string(where.index), p.name, std::string(p.model->info.name), g.kind(v)};
  }
  const projection& p = c.projections[where.group];
  const auto [pre, post] = g.ends(where.group, where.index);
  return {g.name(v), fmt::format("{},{}", post, pre), p.name, model_of(p), vertex_kind::synapse, 1, p.learns()};
}
node node_of(const population_graph& g, std::size_t v) { return g[v]; }

arc arc_of(const entity_graph& g, const entity_edge& e) { return {e.kind, g.net().projections[e.projection].name}; }
arc arc_of(const population_graph& g, const population_graph::edge_descriptor& e) { return g[e]; }

// ---- Graphviz -----------------------------------------------------------------------------------------------------

/// A fill colour for each neuron model, in the order in which the netlist names them.
std::map<std::string, std::string_view> colours_of(const circuit& c) {
  static constexpr std::array<std::string_view, 7> palette = {"#cfe2f3", "#f4cccc", "#ffe599", "#d9d2e9",
                                                              "#d0e0e3", "#fce5cd", "#ead1dc"};
  std::map<std::string, std::string_view> colours;
  for (const population& p : c.populations) {
    colours.emplace(p.model->info.name, palette[colours.size() % palette.size()]);
  }
  return colours;
}

/// A label for dot: quoted, line ends spelled out.
std::string quoted(std::string text) {
  for (const auto& [plain, escaped] : {std::pair{"\\", "\\\\"}, std::pair{"\"", "\\\""}, std::pair{"\n", "\\n"}}) {
    for (auto at = text.find(plain); at != std::string::npos; at = text.find(plain, at + 2))
      text.replace(at, 1, escaped);
  }
  return fmt::format("\"{}\"", text);
}

std::string dot_of(const node& n, const std::map<std::string, std::string_view>& colours) {
  if (n.kind == vertex_kind::synapse) {
    return fmt::format("[label={}, tooltip={}, shape=box, fontsize=9, width=0.3, height=0.2, fillcolor=\"{}\"]",
                       quoted(n.label), quoted(n.name), n.plastic ? "#d9ead3" : "#eeeeee");
  }
  return fmt::format("[label={}, tooltip={}, shape={}, fillcolor=\"{}\"]", quoted(n.label), quoted(n.name),
                     n.kind == vertex_kind::modulator ? "diamond" : "ellipse", colours.at(n.model));
}

/// Gates and what synapses see must not decide who stands where.
std::string dot_of(const arc& a) {
  switch (a.kind) {
    case edge_kind::message: return "[color=\"#444444\"]";
    case edge_kind::link: return "[color=\"#6fa8dc\", style=dashed]";
    case edge_kind::gate: return "[color=\"#e69138\", arrowhead=odot, constraint=false]";
    case edge_kind::sees: break;
  }
  return "[color=\"#999999\", style=dotted, arrowhead=empty, constraint=false]";
}

template <class Graph>
void write_clusters(std::ostream& out, const Graph& g) {
  std::vector<std::string> order;
  std::map<std::string, std::string> members;
  for (std::size_t v = 0; v < num_vertices(g); ++v) {
    const std::string cluster = node_of(g, v).cluster;
    if (cluster.empty()) continue;
    if (members.find(cluster) == members.end()) order.push_back(cluster);
    members[cluster] += fmt::format(" {};", v);
  }
  out << "rankdir=LR; nodesep=0.15; ranksep=0.5; fontname=\"Helvetica\"; fontsize=11;\n"
         "node [fontname=\"Helvetica\", fontsize=10, style=filled, color=\"#666666\", width=0.4, height=0.3];\n"
         "edge [arrowsize=0.6];\n";
  for (std::size_t i = 0; i < order.size(); ++i) {
    out << fmt::format("subgraph cluster_{} {{ label={}; style=rounded; color=\"#bbbbbb\";{} }}\n", i, quoted(order[i]),
                       members[order[i]]);
  }
}

template <class Graph>
void write_dot(std::ostream& out, const circuit& c, const Graph& g) {
  const auto colours = colours_of(c);
  boost::write_graphviz(
      out, g, [&](std::ostream& to, std::size_t v) { to << dot_of(node_of(g, v), colours); },
      [&](std::ostream& to, const auto& e) { to << dot_of(arc_of(g, e)); },
      [&](std::ostream& to) { write_clusters(to, g); });
}

// ---- GraphML ------------------------------------------------------------------------------------------------------

template <class Graph>
void write_graphml(std::ostream& out, const Graph& g) {
  using edge = typename boost::graph_traits<Graph>::edge_descriptor;
  boost::dynamic_properties properties;
  const auto about_vertex = [&](const std::string& name, auto read) {
    const std::function<decltype(read(node()))(std::size_t)> f = [&g, read](std::size_t v) {
      return read(node_of(g, v));
    };
    properties.property(name, boost::make_function_property_map<std::size_t>(f));
  };
  const auto about_edge = [&](const std::string& name, auto read) {
    const std::function<std::string(edge)> f = [&g, read](const edge& e) { return read(arc_of(g, e)); };
    properties.property(name, boost::make_function_property_map<edge>(f));
  };
  about_vertex("name", [](const node& n) { return n.name; });
  about_vertex("kind", [](const node& n) { return std::string(name_of(n.kind)); });
  about_vertex("model", [](const node& n) { return n.model; });
  about_vertex("entities", [](const node& n) { return n.size; });
  about_vertex("plastic", [](const node& n) { return n.plastic; });
  about_edge("edge_kind", [](const arc& a) { return std::string(name_of(a.kind)); });
  about_edge("projection", [](const arc& a) { return a.projection; });
  boost::write_graphml(out, g, properties, true);
}

}  // namespace

drawing_scale suitable_scale(const circuit& c) {
  std::uint64_t entities = 0;
  for (const population& p : c.populations) entities += p.size;
  for (const projection& p : c.projections) entities += p.synapse != nullptr ? c.connections(p) : 0;
  return entities <= entity_drawing_limit ? drawing_scale::entity : drawing_scale::population;
}

void write_dot(std::ostream& out, const circuit& c, drawing_scale scale) {
  if (scale == drawing_scale::entity) write_dot(out, c, entity_graph(c));
  else write_dot(out, c, make_population_graph(c));
}

void write_graphml(std::ostream& out, const circuit& c, drawing_scale scale) {
  if (scale == drawing_scale::entity) write_graphml(out, entity_graph(c));
  else write_graphml(out, make_population_graph(c));
}

}  // namespace locus
