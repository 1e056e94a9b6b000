#include "sim/circuit/drawing.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/graph/graphviz.hpp>
#include <map>
#include <ostream>

#include "sim/circuit/drawing_graph.hpp"

namespace locus {
namespace {

using detail::arc;
using detail::arc_of;
using detail::node;
using detail::node_of;

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

}  // namespace

drawing_scale suitable_scale(const circuit& c) {
  std::uint64_t entities = 0;
  for (const population& p : c.populations) entities += p.size;
  for (const projection& p : c.projections) entities += p.synapse != nullptr ? c.connections(p) : 0;
  return entities <= entity_drawing_limit ? drawing_scale::entity : drawing_scale::population;
}

void write_dot(std::ostream& out, const circuit& c, drawing_scale scale) {
  if (scale == drawing_scale::entity) write_dot(out, c, entity_graph(c));
  else write_dot(out, c, detail::make_population_graph(c));
}

}  // namespace locus
