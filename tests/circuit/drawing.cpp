#include "sim/circuit/drawing.hpp"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/graphml.hpp>
#include <catch2/catch.hpp>
#include <set>
#include <sstream>

#include "sim/circuit/census.hpp"
#include "sim/circuit/entity_graph.hpp"
#include "tests/circuit/circuit_testing.hpp"

using Catch::Contains;
using namespace locus;

namespace {

circuit small() { return testing::circuit_of(testing::short_form("[2, 3, 1]", "bias = true")); }

std::string dot(const circuit& c, drawing_scale scale) {
  std::ostringstream out;
  write_dot(out, c, scale);
  return out.str();
}

std::size_t occurrences(const std::string& text, const std::string& word) {
  std::size_t count = 0;
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++count;
  return count;
}

struct read_vertex {
  std::string name, kind, model;
  long entities = 0;
};
struct read_edge {
  std::string kind, projection;
};
using read_graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, read_vertex, read_edge>;

/// Writes GraphML and reads it back.
read_graph there_and_back(const circuit& c, drawing_scale scale) {
  std::stringstream text;
  write_graphml(text, c, scale);
  read_graph g;
  boost::dynamic_properties properties(boost::ignore_other_properties);
  properties.property("name", get(&read_vertex::name, g));
  properties.property("kind", get(&read_vertex::kind, g));
  properties.property("model", get(&read_vertex::model, g));
  properties.property("entities", get(&read_vertex::entities, g));
  properties.property("edge_kind", get(&read_edge::kind, g));
  properties.property("projection", get(&read_edge::projection, g));
  boost::read_graphml(text, g, properties);
  return g;
}

}  // namespace

TEST_CASE("drawing: dot has a node for each neuron and synapse, in a cluster for each population and projection") {
  const circuit c = small();
  const entity_graph g(c);
  const std::string text = dot(c, drawing_scale::entity);
  CHECK(occurrences(text, "->") == num_edges(g));
  CHECK(occurrences(text, "tooltip=") == num_vertices(g));
  CHECK(occurrences(text, "subgraph cluster_") == c.populations.size() + 5);  // 2 forward, 2 bias, 1 feedback
  CHECK(occurrences(text, "shape=diamond") == 4);                             // phi
  CHECK_THAT(text, Contains("label=\"hidden1.error\"") && Contains("tooltip=\"hidden1.forward[2][1]\""));
}

TEST_CASE("drawing: seen from further away there is a node for each population and projection with synapses") {
  const std::string text = dot(small(), drawing_scale::population);
  CHECK(occurrences(text, "tooltip=") == 8 + 5);
  CHECK(occurrences(text, "constraint=false") == 2 * 5);  // gate and sees, for each projection that learns
  CHECK_THAT(text, Contains("label=\"hidden1.forward\\n2 -> 3, all-to-all\""));
}

TEST_CASE("drawing: labels are quoted") {
  description d;  // a netlist file could not have such a name
  d.populations.push_back({"a \"quoted\" \\ name", "error", 1, {}, {}});
  const circuit c = build_circuit(d);
  CHECK_THAT(dot(c, drawing_scale::entity), Contains("label=\"a \\\"quoted\\\" \\\\ name\""));
}

TEST_CASE("drawing: GraphML that is read back is the same graph") {
  const circuit c = small();
  const entity_graph g(c);
  const read_graph entities = there_and_back(c, drawing_scale::entity);
  REQUIRE(num_vertices(entities) == num_vertices(g));
  REQUIRE(num_edges(entities) == num_edges(g));
  for (std::size_t v = 0; v < num_vertices(g); ++v) {
    CHECK(entities[v].name == g.name(v));
    CHECK(entities[v].kind == name_of(g.kind(v)));
    CHECK(entities[v].entities == 1);
  }
  std::multiset<std::tuple<std::size_t, std::size_t, std::string, std::string>> expected, found;
  for (std::size_t v = 0; v < num_vertices(g); ++v) {
    const auto [first, last] = out_edges(v, g);
    for (auto e = first; e != last; ++e) {
      expected.emplace(v, (*e).target, name_of((*e).kind), c.projections[(*e).projection].name);
    }
    const auto [first_read, last_read] = out_edges(v, entities);
    for (auto e = first_read; e != last_read; ++e) {
      found.emplace(v, target(*e, entities), entities[*e].kind, entities[*e].projection);
    }
  }
  CHECK(found == expected);

  const read_graph populations = there_and_back(c, drawing_scale::population);
  long neurons = 0, synapses = 0;
  for (std::size_t v = 0; v < num_vertices(populations); ++v) {
    (populations[v].kind == "synapse" ? synapses : neurons) += populations[v].entities;
  }
  CHECK(neurons == static_cast<long>(take_census(c).neurons));
  CHECK(synapses == static_cast<long>(take_census(c).synapses));
}

TEST_CASE("drawing: only small circuits are drawn neuron by neuron unless one asks") {
  CHECK(suitable_scale(small()) == drawing_scale::entity);
  CHECK(suitable_scale(testing::circuit_of(testing::short_form("[64, 32, 10]"))) == drawing_scale::population);
}
