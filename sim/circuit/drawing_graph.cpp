#include "sim/circuit/drawing_graph.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/circuit/census.hpp"
#include "sim/circuit/entity_names.hpp"
#include "sim/circuit/grid.hpp"

namespace locus::detail {
namespace {

/// "hidden1" of "hidden1.value"; empty if the name has no such part.
std::string layer_of(const std::string& name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string::npos || name.find("->") != std::string::npos ? std::string() : name.substr(0, dot);
}

std::string model_of(const projection& p) { return std::string(p.synapse->info.name); }

void add_synapses(const circuit& c, std::size_t index, population_graph& g) {
  const projection& p = c.projections[index];
  const std::uint64_t size = c.connections(p);
  const std::string label = fmt::format("{}\n{} -> {}, {}", p.name, c.size_before(p), c.size_after(p),
                                        p.wiring.empty() ? std::string(name_of(p.shape)) : p.wiring);
  const auto v =
      add_vertex(node{p.name, label, layer_of(p.name), model_of(p), vertex_kind::synapse, size, p.learns(), index}, g);
  add_edge(p.from.population, v, arc{edge_kind::message, index}, g);
  add_edge(v, p.to.population, arc{edge_kind::message, index, true}, g);
  if (!p.learns()) return;
  for (const std::size_t seen : seen_populations(p)) add_edge(seen, v, arc{edge_kind::sees, index}, g);
  if (!p.gate) return;
  add_edge(p.gate->population, v, arc{edge_kind::gate, index}, g);
  g[p.gate->population].kind = vertex_kind::modulator;
}

}  // namespace

population_graph make_population_graph(const circuit& c) {
  population_graph g;
  for (std::size_t i = 0; i < c.populations.size(); ++i) {
    const population& p = c.populations[i];
    const std::string label =
        fmt::format("{}\n{}{}", p.name, p.shape.size() > 1 ? text_of(p.shape) + " = " : "", p.size);
    const std::string model(p.model->info.name);
    add_vertex(node{p.name, label, layer_of(p.name), model, vertex_kind::neuron, p.size, false, i}, g);
  }
  for (std::size_t i = 0; i < c.projections.size(); ++i) {
    const projection& p = c.projections[i];
    if (p.synapse != nullptr) add_synapses(c, i, g);
    else add_edge(p.from.population, p.to.population, arc{edge_kind::link, i}, g);
  }
  return g;
}

node node_of(const entity_graph& g, std::size_t v) {
  const auto where = g.locate(v);
  const circuit& c = g.net();
  if (!where.is_synapse) {
    const population& p = c.populations[where.group];
    const std::string model(p.model->info.name);
    const std::string label = fmt::format("{}", fmt::join(place_of(p.shape, where.index), ","));
    return {g.name(v), label, p.name, model, g.kind(v), 1, false, where.group};
  }
  const projection& p = c.projections[where.group];
  const auto [pre, post] = g.ends(where.group, where.index);
  const bool rows =
      c.populations[p.from.population].shape.size() < 2 && c.populations[p.to.population].shape.size() < 2;
  const std::string label = rows ? fmt::format("{},{}", post, pre) : index_text(c, p, post, pre);
  return {g.name(v), label, p.name, model_of(p), vertex_kind::synapse, 1, p.learns(), where.group};
}

arc arc_of(const entity_graph& g, const entity_edge& e) {
  return {e.kind, e.projection, g.locate(e.source).is_synapse};
}

}  // namespace locus::detail
