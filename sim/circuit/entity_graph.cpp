#include "sim/circuit/entity_graph.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/concept/assert.hpp>
#include <boost/graph/graph_concepts.hpp>
#include <mutex>

#include "sim/circuit/connections.hpp"
#include "sim/circuit/entity_names.hpp"

namespace locus {

BOOST_CONCEPT_ASSERT((boost::VertexListGraphConcept<entity_graph>));
BOOST_CONCEPT_ASSERT((boost::EdgeListGraphConcept<entity_graph>));
BOOST_CONCEPT_ASSERT((boost::BidirectionalGraphConcept<entity_graph>));

namespace detail {

/// Connections of a sparse projection by source, ascending; built once, by whoever asks first.
class reverse_connections {
 public:
  void build_once(const sparse_connections& forward, std::size_t sources) {
    std::call_once(built_, [&] { build(forward, sources); });
  }
  [[nodiscard]] std::size_t count(std::size_t source) const { return start_[source + 1] - start_[source]; }
  [[nodiscard]] std::size_t connection(std::size_t source, std::size_t k) const {
    return connections_[start_[source] + k];
  }

 private:
  void build(const sparse_connections& forward, std::size_t sources) {
    start_.assign(sources + 1, 0);
    forward.each([&](std::uint32_t source, std::uint32_t) { ++start_[source + 1]; });
    for (std::size_t j = 0; j < sources; ++j) start_[j + 1] += start_[j];
    std::vector<std::size_t> next(start_.begin(), start_.end() - 1);
    connections_.resize(forward.size());
    std::size_t connection = 0;
    forward.each([&](std::uint32_t source, std::uint32_t) { connections_[next[source]++] = connection++; });
  }

  std::once_flag built_;
  std::vector<std::size_t> start_;        ///< [source + 1]
  std::vector<std::size_t> connections_;  ///< by source
};

}  // namespace detail

std::string_view name_of(vertex_kind kind) noexcept {
  switch (kind) {
    case vertex_kind::neuron: return "neuron";
    case vertex_kind::modulator: return "modulator";
    case vertex_kind::synapse: break;
  }
  return "synapse";
}

std::string_view name_of(edge_kind kind) noexcept {
  switch (kind) {
    case edge_kind::message: return "message";
    case edge_kind::link: return "link";
    case edge_kind::gate: return "gate";
    case edge_kind::sees: break;
  }
  return "sees";
}

entity_graph::entity_graph(const circuit& c)
    : net_(&c),
      out_(c.populations.size()),
      in_(c.populations.size()),
      modulates_(c.populations.size()),
      seen_(c.projections.size()),
      reverse_(new detail::reverse_connections[c.projections.size()]) {
  start_.push_back(0);
  for (const population& p : c.populations) start_.push_back(start_.back() + p.size);
  for (std::size_t i = 0; i < c.projections.size(); ++i) {
    const projection& p = c.projections[i];
    start_.push_back(start_.back() + (p.synapse != nullptr ? c.connections(p) : 0));
    listed_.push_back(p.window ? std::make_shared<const sparse_connections>(listed_connections(c, p)) : nullptr);
    const edge_kind kind = p.synapse != nullptr ? edge_kind::message : edge_kind::link;
    out_[p.from.population].push_back({i, kind, reach::from});
    in_[p.to.population].push_back({i, kind, reach::onto});
    if (!p.learns()) continue;  // what a synapse that does not learn could see, it does not look at
    seen_[i] = seen_populations(p);
    for (const std::size_t seen : seen_[i]) out_[seen].push_back({i, edge_kind::sees, reach::onto});
    if (!p.gate) continue;
    const reach over = p.gate_at == gate_end::pre    ? reach::from
                       : p.gate_at == gate_end::post ? reach::onto
                                                     : reach::all;
    out_[p.gate->population].push_back({i, edge_kind::gate, over});
    modulates_[p.gate->population] = true;
  }
}

std::size_t entity_graph::edge_count() const {
  std::size_t sum = 0;
  for (const projection& p : net_->projections) {
    const std::size_t a_connection = p.synapse == nullptr ? 1u : 2u + (p.learns() ? (p.gate ? 2u : 1u) : 0u);
    sum += net_->connections(p) * a_connection;
  }
  return sum;
}

entity_graph::entity entity_graph::locate(std::size_t vertex) const {
  const auto group =
      static_cast<std::size_t>(std::upper_bound(start_.begin(), start_.end(), vertex) - start_.begin() - 1);
  const std::size_t populations = net_->populations.size();
  const bool is_synapse = group >= populations;
  return {is_synapse, is_synapse ? group - populations : group, vertex - start_[group]};
}

std::pair<std::size_t, std::size_t> entity_graph::ends(std::size_t projection, std::size_t connection) const {
  if (listed_[projection]) {
    const auto [source, target] = listed_[projection]->ends(connection);
    return {source, target};
  }
  const auto [pre, post] = ends_of(*net_, net_->projections[projection], connection);
  return {pre, post};
}

std::string entity_graph::name(std::size_t vertex) const {
  const entity e = locate(vertex);
  if (!e.is_synapse) return net_->populations[e.group].name + index_text(*net_, e.group, e.index);
  const auto [pre, post] = ends(e.group, e.index);
  const projection& p = net_->projections[e.group];
  return p.name + index_text(*net_, p, post, pre);
}

vertex_kind entity_graph::kind(std::size_t vertex) const {
  const entity e = locate(vertex);
  if (e.is_synapse) return vertex_kind::synapse;
  return modulates_[e.group] ? vertex_kind::modulator : vertex_kind::neuron;
}

std::size_t entity_graph::degree(const entity& of, direction d) const {
  if (of.is_synapse) {
    const projection& p = net_->projections[of.group];
    if (d == direction::out || !p.learns()) return 1;
    return 1 + seen_[of.group].size() + (p.gate ? 1 : 0);
  }
  std::size_t sum = 0;
  for (const fan& f : (d == direction::out ? out_ : in_)[of.group]) sum += width(f, of.index);
  return sum;
}

entity_edge entity_graph::edge(const entity& of, direction d, std::size_t k) const {
  if (of.is_synapse) return edge_of_synapse(of, d, k);
  for (const fan& f : (d == direction::out ? out_ : in_)[of.group]) {
    const std::size_t n = width(f, of.index);
    if (k < n) return edge_of(f, neuron(of.group, of.index), d, member(f, of.index, k));
    k -= n;
  }
  throw internal_error("entity_graph: no such edge");
}

/// Number of connections in a neuron's fan.
std::size_t entity_graph::width(const fan& f, std::size_t neuron) const {
  const auto& p = net_->projections[f.projection];
  if (f.over == reach::all) return neuron == 0 ? net_->connections(p) : 0;
  if (p.shape == projection_shape::one_to_one) return 1;
  if (p.shape == projection_shape::dense) return f.over == reach::onto ? net_->size_before(p) : net_->size_after(p);
  if (f.over == reach::from) return reverse(f.projection).count(neuron);
  return sparse(f.projection).degree(neuron);
}

/// The k-th connection in a neuron's fan.
std::size_t entity_graph::member(const fan& f, std::size_t neuron, std::size_t k) const {
  const auto& p = net_->projections[f.projection];
  if (f.over == reach::all) return k;
  if (p.shape == projection_shape::one_to_one) return neuron;
  if (p.shape == projection_shape::dense) {
    const std::size_t before = net_->size_before(p);
    return f.over == reach::onto ? neuron * before + k : k * before + neuron;
  }
  if (f.over == reach::from) return reverse(f.projection).connection(neuron, k);
  return sparse(f.projection).first(neuron) + k;
}

entity_edge entity_graph::edge_of(const fan& f, std::size_t vertex, direction d, std::size_t connection) const {
  const auto& p = net_->projections[f.projection];
  if (f.kind != edge_kind::link) {
    const std::size_t other = synapse(f.projection, connection);
    if (d == direction::out) return {vertex, other, f.projection, f.kind};
    return {other, vertex, f.projection, f.kind};
  }
  const auto [pre, post] = ends(f.projection, connection);
  return {neuron(p.from.population, pre), neuron(p.to.population, post), f.projection, f.kind};
}

entity_edge entity_graph::edge_of_synapse(const entity& of, direction d, std::size_t k) const {
  const projection& p = net_->projections[of.group];
  const auto [pre, post] = ends(of.group, of.index);
  const std::size_t self = synapse(of.group, of.index);
  if (d == direction::out) return {self, neuron(p.to.population, post), of.group, edge_kind::message};
  if (k == 0) return {neuron(p.from.population, pre), self, of.group, edge_kind::message};
  const std::vector<std::size_t>& seen = seen_[of.group];
  if (k <= seen.size()) return {neuron(seen[k - 1], post), self, of.group, edge_kind::sees};
  return {neuron(p.gate->population, modulator_of(p, {pre, post})), self, of.group, edge_kind::gate};
}

const detail::reverse_connections& entity_graph::reverse(std::size_t projection) const {
  const auto& p = net_->projections[projection];
  reverse_[static_cast<std::ptrdiff_t>(projection)].build_once(sparse(projection), net_->size_before(p));
  return reverse_[static_cast<std::ptrdiff_t>(projection)];
}

void entity_graph::edge_iterator::increment() {
  if (++position_ < degree_) return;
  ++vertex_;
  settle();
}

void entity_graph::edge_iterator::settle() {
  position_ = 0;
  for (; vertex_ < in_.graph->vertex_count(); ++vertex_) {
    in_.of = in_.graph->locate(vertex_);
    degree_ = in_.graph->degree(in_.of, direction::in);
    if (degree_ > 0) return;
  }
}

namespace {

entity_range incident(std::size_t vertex, const entity_graph& g, entity_graph::direction d) {
  const entity_graph::entity of = g.locate(vertex);
  const entity_graph::incidence edge_number{&g, of, d};
  return {entity_graph::out_edge_iterator(boost::counting_iterator<std::size_t>(0), edge_number),
          entity_graph::out_edge_iterator(boost::counting_iterator<std::size_t>(g.degree(of, d)), edge_number)};
}

}  // namespace

std::pair<entity_graph::edge_iterator, entity_graph::edge_iterator> edges(const entity_graph& g) {
  return {entity_graph::edge_iterator(g, 0), entity_graph::edge_iterator(g, g.vertex_count())};
}

entity_range out_edges(std::size_t vertex, const entity_graph& g) {
  return incident(vertex, g, entity_graph::direction::out);
}
entity_range in_edges(std::size_t vertex, const entity_graph& g) {
  return incident(vertex, g, entity_graph::direction::in);
}
std::size_t out_degree(std::size_t vertex, const entity_graph& g) {
  return g.degree(g.locate(vertex), entity_graph::direction::out);
}
std::size_t in_degree(std::size_t vertex, const entity_graph& g) {
  return g.degree(g.locate(vertex), entity_graph::direction::in);
}
std::size_t degree(std::size_t vertex, const entity_graph& g) { return out_degree(vertex, g) + in_degree(vertex, g); }

}  // namespace locus
