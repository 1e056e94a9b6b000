#pragma once
/// The circuit as a graph of single entities, on which Boost.Graph's algorithms run: breadth-first distance,
/// components, the Graphviz and GraphML writers.

#include <boost/graph/graph_traits.hpp>
#include <boost/graph/properties.hpp>
#include <boost/iterator/counting_iterator.hpp>
#include <boost/iterator/iterator_facade.hpp>
#include <boost/iterator/transform_iterator.hpp>
#include <boost/property_map/property_map.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/circuit/circuit.hpp"

namespace locus {

/// A modulator is a neuron that gates some synapse.
enum class vertex_kind { neuron, modulator, synapse };

/// What goes over an edge. message: pre neuron -> synapse -> post neuron. link: neuron -> neuron over a plain link.
/// gate: modulator -> synapse. sees: the neuron whose output a learning synapse sees at its postsynaptic end ->
/// synapse.
enum class edge_kind { message, link, gate, sees };

[[nodiscard]] std::string_view name_of(vertex_kind kind) noexcept;
[[nodiscard]] std::string_view name_of(edge_kind kind) noexcept;

/// Edges that join the same two entities in different ways (b and a of a value neuron) are different edges.
struct entity_edge {
  std::size_t source = 0;
  std::size_t target = 0;
  std::size_t projection = 0;
  edge_kind kind = edge_kind::message;
  friend bool operator==(const entity_edge&, const entity_edge&) = default;
};

namespace detail {
class reverse_connections;
}

/// A view of a circuit whose vertices are neurons (by population), then synapses (by projection, in the order of
/// connections; a plain link has none). Models Boost.Graph's VertexListGraph, EdgeListGraph and BidirectionalGraph.
///
/// No adjacency list is held: edges are computed from the circuit when asked for. Only the out-edges of a neuron that
/// sends over a sparse projection need an index of that projection by source, which is built when first asked for; and
/// the connections of a shared window, which the circuit does not list, are listed here. Copies are cheap and share
/// that index. The circuit must outlive the view. Safe to share between threads.
class entity_graph {
 public:
  /// Neuron `index` of population `group`, or synapse `index` of projection `group`.
  struct entity {
    bool is_synapse = false;
    std::size_t group = 0;
    std::size_t index = 0;
  };
  enum class direction { in, out };

  explicit entity_graph(const circuit& c);

  [[nodiscard]] const circuit& net() const noexcept { return *net_; }
  [[nodiscard]] std::size_t vertex_count() const noexcept { return start_.back(); }
  [[nodiscard]] std::size_t edge_count() const;

  [[nodiscard]] std::size_t neuron(std::size_t population, std::size_t index) const {
    return start_[population] + index;
  }
  /// Requires: the projection has a synapse model.
  [[nodiscard]] std::size_t synapse(std::size_t projection, std::size_t connection) const {
    return start_[net_->populations.size() + projection] + connection;
  }
  [[nodiscard]] entity locate(std::size_t vertex) const;

  /// (pre, post) of a connection, as indices in their populations.
  [[nodiscard]] std::pair<std::size_t, std::size_t> ends(std::size_t projection, std::size_t connection) const;

  /// "hidden1.value[3]", "hidden1.forward[2][17]" ([post][pre]); on grids "map.value[0,3]"
  [[nodiscard]] std::string name(std::size_t vertex) const;
  [[nodiscard]] vertex_kind kind(std::size_t vertex) const;

  [[nodiscard]] std::size_t degree(const entity& of, direction d) const;
  /// The k-th edge into or out of an entity.
  [[nodiscard]] entity_edge edge(const entity& of, direction d, std::size_t k) const;

  // What boost::graph_traits asks for.

  /// k -> edge.
  struct incidence {
    const entity_graph* graph = nullptr;
    entity of;
    direction way = direction::out;
    entity_edge operator()(std::size_t k) const { return graph->edge(of, way, k); }
  };

  /// All edges, as the in-edges of all vertices: no index of sparse projections is needed.
  class edge_iterator
      : public boost::iterator_facade<edge_iterator, entity_edge, boost::forward_traversal_tag, entity_edge> {
   public:
    edge_iterator() = default;
    edge_iterator(const entity_graph& g, std::size_t vertex) : in_{&g, {}, direction::in}, vertex_(vertex) { settle(); }

   private:
    friend class boost::iterator_core_access;
    [[nodiscard]] entity_edge dereference() const { return in_(position_); }
    [[nodiscard]] bool equal(const edge_iterator& other) const {
      return vertex_ == other.vertex_ && position_ == other.position_;
    }
    void increment();
    void settle();  ///< to the next vertex that has an in-edge

    incidence in_;
    std::size_t vertex_ = 0;
    std::size_t position_ = 0;
    std::size_t degree_ = 0;  ///< of the vertex
  };

  using vertex_descriptor = std::size_t;
  using edge_descriptor = entity_edge;
  using directed_category = boost::bidirectional_tag;
  using edge_parallel_category = boost::allow_parallel_edge_tag;
  struct traversal_category : virtual boost::bidirectional_graph_tag,
                              virtual boost::vertex_list_graph_tag,
                              virtual boost::edge_list_graph_tag {};
  using vertices_size_type = std::size_t;
  using edges_size_type = std::size_t;
  using degree_size_type = std::size_t;
  using vertex_iterator = boost::counting_iterator<std::size_t>;
  using out_edge_iterator = boost::transform_iterator<incidence, boost::counting_iterator<std::size_t>>;
  using in_edge_iterator = out_edge_iterator;
  static std::size_t null_vertex() noexcept { return static_cast<std::size_t>(-1); }

 private:
  /// Connections of a projection that one neuron has an edge to: those onto it, those from it, or all of them.
  enum class reach { onto, from, all };
  struct fan {
    std::size_t projection = 0;
    edge_kind kind = edge_kind::message;
    reach over = reach::onto;
  };
  [[nodiscard]] std::size_t width(const fan& f, std::size_t neuron) const;
  [[nodiscard]] std::size_t member(const fan& f, std::size_t neuron, std::size_t k) const;
  [[nodiscard]] entity_edge edge_of(const fan& f, std::size_t vertex, direction d, std::size_t connection) const;
  [[nodiscard]] entity_edge edge_of_synapse(const entity& of, direction d, std::size_t k) const;
  [[nodiscard]] const detail::reverse_connections& reverse(std::size_t projection) const;

  /// The connections of a projection that are neither one-to-one nor all-to-all.
  [[nodiscard]] const sparse_connections& sparse(std::size_t projection) const {
    return listed_[projection] ? *listed_[projection] : net_->projections[projection].connections;
  }

  const circuit* net_;
  std::vector<std::size_t> start_;              ///< [population, then projection, then 1 past]: first vertex
  std::vector<std::vector<fan>> out_, in_;      ///< [population]
  std::vector<bool> modulates_;                 ///< [population]
  std::vector<std::vector<std::size_t>> seen_;  ///< [projection]: populations that its synapses see at the far end
  std::shared_ptr<detail::reverse_connections[]> reverse_;         ///< [projection]
  std::vector<std::shared_ptr<const sparse_connections>> listed_;  ///< [projection]: of a shared window, else null
};

using entity_range = std::pair<entity_graph::out_edge_iterator, entity_graph::out_edge_iterator>;

[[nodiscard]] inline std::size_t source(const entity_edge& e, const entity_graph&) noexcept { return e.source; }
[[nodiscard]] inline std::size_t target(const entity_edge& e, const entity_graph&) noexcept { return e.target; }

[[nodiscard]] inline std::size_t num_vertices(const entity_graph& g) noexcept { return g.vertex_count(); }
[[nodiscard]] inline std::pair<entity_graph::vertex_iterator, entity_graph::vertex_iterator> vertices(
    const entity_graph& g) {
  return {entity_graph::vertex_iterator(0), entity_graph::vertex_iterator(g.vertex_count())};
}

[[nodiscard]] inline std::size_t num_edges(const entity_graph& g) { return g.edge_count(); }
[[nodiscard]] std::pair<entity_graph::edge_iterator, entity_graph::edge_iterator> edges(const entity_graph& g);

[[nodiscard]] entity_range out_edges(std::size_t vertex, const entity_graph& g);
[[nodiscard]] entity_range in_edges(std::size_t vertex, const entity_graph& g);
[[nodiscard]] std::size_t out_degree(std::size_t vertex, const entity_graph& g);
[[nodiscard]] std::size_t in_degree(std::size_t vertex, const entity_graph& g);
[[nodiscard]] std::size_t degree(std::size_t vertex, const entity_graph& g);

/// Vertices are their own indices.
[[nodiscard]] inline boost::typed_identity_property_map<std::size_t> get(boost::vertex_index_t, const entity_graph&) {
  return {};
}
[[nodiscard]] inline std::size_t get(boost::vertex_index_t, const entity_graph&, std::size_t vertex) noexcept {
  return vertex;
}

}  // namespace locus

template <>
struct boost::property_map<locus::entity_graph, boost::vertex_index_t> {
  using type = boost::typed_identity_property_map<std::size_t>;
  using const_type = type;
};
