#include "sim/circuit/entity_graph.hpp"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/graph_concepts.hpp>
#include <boost/graph/graphviz.hpp>
#include <boost/graph/incremental_components.hpp>
#include <boost/graph/strong_components.hpp>
#include <boost/pending/disjoint_sets.hpp>
#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <sstream>
#include <thread>
#include <tuple>

#include "tests/circuit/circuit_testing.hpp"
#include "tests/circuit/random_circuit.hpp"

namespace test_circuit_entity_graph {

using namespace locus;

BOOST_CONCEPT_ASSERT((boost::VertexListGraphConcept<entity_graph>));
BOOST_CONCEPT_ASSERT((boost::EdgeListGraphConcept<entity_graph>));
BOOST_CONCEPT_ASSERT((boost::BidirectionalGraphConcept<entity_graph>));

namespace {

using edge_tuple = std::tuple<std::size_t, std::size_t, std::size_t, edge_kind>;  // source, target, projection, kind

edge_tuple tuple_of(const entity_edge& e) { return {e.source, e.target, e.projection, e.kind}; }

/// (pre, post) of all connections in their order.
std::vector<std::pair<std::size_t, std::size_t>> pairs_of(const circuit& c, const projection& p) {
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  for (std::size_t post = 0; post < c.size_after(p); ++post) {
    for (std::size_t pre = 0; pre < c.size_before(p); ++pre) {
      bool connected = p.shape == projection_shape::dense || (p.shape == projection_shape::one_to_one && pre == post);
      if (p.shape == projection_shape::sparse) {
        for (std::size_t k = 0; k < p.connections.degree(post); ++k) {
          connected = connected || p.connections.source(post, k) == pre;
        }
      }
      if (connected) pairs.emplace_back(pre, post);
    }
  }
  return pairs;
}

/// All edges, written down from what the words mean.
std::multiset<edge_tuple> brute_force(const circuit& c) {
  std::vector<std::size_t> first = {0};
  for (const population& p : c.populations) first.push_back(first.back() + p.size);
  std::multiset<edge_tuple> all;
  std::size_t synapse = first.back();
  for (std::size_t i = 0; i < c.projections.size(); ++i) {
    const projection& p = c.projections[i];
    for (const auto& [pre, post] : pairs_of(c, p)) {
      const std::size_t from = first[p.from.population] + pre;
      const std::size_t to = first[p.to.population] + post;
      if (p.synapse == nullptr) {
        all.emplace(from, to, i, edge_kind::link);
        continue;
      }
      all.emplace(from, synapse, i, edge_kind::message);
      all.emplace(synapse, to, i, edge_kind::message);
      if (p.learns()) all.emplace(first[p.post[0].population] + post, synapse, i, edge_kind::sees);
      if (p.learns() && p.gate) {
        const std::size_t at = p.gate_at == gate_end::everywhere ? 0 : p.gate_at == gate_end::pre ? pre : post;
        all.emplace(first[p.gate->population] + at, synapse, i, edge_kind::gate);
      }
      ++synapse;
    }
  }
  return all;
}

std::size_t vertex_named(const entity_graph& g, const std::string& name) {
  for (std::size_t v = 0; v < num_vertices(g); ++v) {
    if (g.name(v) == name) return v;
  }
  throw std::out_of_range(name);
}

void check_against_brute_force(const circuit& c) {
  const entity_graph g(c);
  const auto expected = brute_force(c);
  std::multiset<edge_tuple> listed, going_out, coming_in;
  std::map<std::size_t, std::size_t> sources, targets;
  for (const auto& [from, to, projection, kind] : expected) ++sources[from], ++targets[to];
  const auto [first_edge, last_edge] = edges(g);
  for (auto e = first_edge; e != last_edge; ++e) listed.insert(tuple_of(*e));
  const auto [first, last] = vertices(g);
  bool own_ends = true, degrees = true;
  for (auto v = first; v != last; ++v) {
    const auto [first_out, last_out] = out_edges(*v, g);
    for (auto e = first_out; e != last_out; ++e) {
      own_ends = own_ends && source(*e, g) == *v;
      going_out.insert(tuple_of(*e));
    }
    const auto [first_in, last_in] = in_edges(*v, g);
    for (auto e = first_in; e != last_in; ++e) {
      own_ends = own_ends && target(*e, g) == *v;
      coming_in.insert(tuple_of(*e));
    }
    degrees = degrees && out_degree(*v, g) == sources[*v] && in_degree(*v, g) == targets[*v] &&
              degree(*v, g) == sources[*v] + targets[*v];
  }
  CHECK(own_ends);
  CHECK(degrees);
  CHECK(num_edges(g) == expected.size());
  CHECK(listed == expected);
  CHECK(going_out == expected);
  CHECK(coming_in == expected);
}

}  // namespace

TEST_CASE("entity graph: edges are those of a list written down by brute force, seen from both ends") {
  std::set<projection_shape> shapes;
  std::set<gate_end> gates;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    const circuit c = build_circuit(testing::random_description(seed));
    check_against_brute_force(c);
    for (const projection& p : c.projections) {
      shapes.insert(p.shape);
      if (p.gate) gates.insert(p.gate_at);
    }
  }
  CHECK(shapes.size() == 3);  // the random circuits cover all that there is
  CHECK(gates.size() == 3);
  for (const std::string rule : {"bp", "il", "z-il", "fa-z-il", "none"}) {
    CAPTURE(rule);
    check_against_brute_force(testing::circuit_of(
        testing::short_form_of("[3, 4, 2, 2]", "bias = true", "[learning]\nrule = \"" + rule + "\"")));
  }
}

TEST_CASE("entity graph: every vertex has a name of its own, and names say [post][pre]") {
  const circuit c = testing::circuit_of(testing::short_form_of("[2, 3, 1]", "bias = true"));
  const entity_graph g(c);
  std::set<std::string> names;
  for (std::size_t v = 0; v < num_vertices(g); ++v) names.insert(g.name(v));
  CHECK(names.size() == num_vertices(g));
  const std::size_t synapse = vertex_named(g, "hidden1.forward[2][1]");
  CHECK(g.kind(synapse) == vertex_kind::synapse);
  const auto [first, last] = in_edges(synapse, g);
  std::map<std::string, std::string> senders;
  for (auto e = first; e != last; ++e) senders[std::string(name_of((*e).kind))] = g.name(source(*e, g));
  CHECK(senders == std::map<std::string, std::string>{
                       {"message", "input.value[1]"}, {"sees", "hidden1.error[2]"}, {"gate", "hidden1.phi[2]"}});
  CHECK(g.name(target(*out_edges(synapse, g).first, g)) == "hidden1.error[2]");
  CHECK(g.kind(vertex_named(g, "hidden1.phi[0]")) == vertex_kind::modulator);
  CHECK(g.kind(vertex_named(g, "hidden1.value[0]")) == vertex_kind::neuron);
  CHECK(g.kind(vertex_named(g, "bias[0]")) == vertex_kind::neuron);
}

TEST_CASE("entity graph: breadth-first search counts the hops of a message") {
  const circuit c = testing::circuit_of(testing::short_form_of("[2, 3, 1]"));
  const entity_graph g(c);
  std::vector<int> hops(num_vertices(g), -1);
  const std::size_t start = vertex_named(g, "input.value[0]");
  hops[start] = 0;
  const auto distance = boost::make_iterator_property_map(hops.begin(), get(boost::vertex_index, g));
  boost::breadth_first_search(
      g, start, boost::visitor(boost::make_bfs_visitor(boost::record_distances(distance, boost::on_tree_edge()))));
  const std::vector<std::pair<std::string, int>> expected = {
      {"hidden1.forward[1][0]", 1},
      {"hidden1.error[1]", 2},
      {"hidden1.value[1]", 3},
      {"hidden1.phi[1]", 3},
      {"hidden1.forward[1][1]", 3},  // of the other input: over its error neuron, which
                                     // it sees
      {"output.forward[0][1]", 4},
      {"output.error[0]", 5},
      {"output.value[0]", 6},
      {"output.phi[0]", 6},
      {"hidden1.feedback[1][0]", 4},  // sees its value neuron
      {"input.value[1]", -1}};
  for (const auto& [name, d] : expected) {
    CAPTURE(name);
    CHECK(hops[vertex_named(g, name)] == d);
  }
}

TEST_CASE("entity graph: what is not input or bias is one strong component, and all is connected") {
  const circuit c = testing::circuit_of(testing::short_form_of("[4, 3, 3, 2]", "bias = true"));
  const entity_graph g(c);
  std::vector<std::size_t> component(num_vertices(g));
  const auto map = boost::make_iterator_property_map(component.begin(), get(boost::vertex_index, g));
  CHECK(boost::strong_components(g, map) == 4 + 1 + 1);  // inputs, bias, all others
  CHECK(component[vertex_named(g, "hidden1.value[0]")] == component[vertex_named(g, "output.forward[1][2]")]);

  std::vector<std::size_t> rank(num_vertices(g)), parent(num_vertices(g));
  const auto rank_map = boost::make_iterator_property_map(rank.begin(), get(boost::vertex_index, g));
  const auto parent_map = boost::make_iterator_property_map(parent.begin(), get(boost::vertex_index, g));
  boost::disjoint_sets sets(rank_map, parent_map);
  boost::initialize_incremental_components(g, sets);
  boost::incremental_components(g, sets);
  const auto [first, last] = vertices(g);
  CHECK(sets.count_sets(first, last) == 1);
}

TEST_CASE("entity graph: Boost's Graphviz writer writes all vertices and edges") {
  const circuit c = testing::circuit_of(testing::short_form_of("[2, 3, 1]"));
  const entity_graph g(c);
  std::ostringstream out;
  boost::write_graphviz(out, g);
  const std::string text = out.str();
  CHECK(static_cast<std::size_t>(std::count(text.begin(), text.end(), '>')) == num_edges(g));
  CHECK(static_cast<std::size_t>(std::count(text.begin(), text.end(), ';')) == num_edges(g) + num_vertices(g));
}

TEST_CASE("entity graph: threads may ask for the same sparse projection's out-edges at once") {
  const circuit c = build_circuit(testing::random_description(5));
  const entity_graph shared(c);
  std::vector<std::size_t> sums(4);
  std::vector<std::thread> threads;
  for (std::size_t& sum : sums) {
    threads.emplace_back([&sum, g = shared] {
      for (std::size_t v = 0; v < num_vertices(g); ++v) sum += out_degree(v, g);
    });
  }
  for (std::thread& t : threads) t.join();
  CHECK(sums == std::vector<std::size_t>(4, num_edges(shared)));
}

}  // namespace test_circuit_entity_graph
