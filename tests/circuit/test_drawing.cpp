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

namespace test_circuit_drawing {

using Catch::Contains;
using namespace locus;

namespace {

circuit small() { return testing::circuit_of(testing::short_form_of("[2, 3, 1]", "bias = true")); }

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
  std::string name, kind, model, activation;
  long entities = 0, post = 0, pre = 0;
  double weight = 0, mean = 0, alpha = 0;
  bool plastic = false;
};
struct read_edge {
  std::string kind, projection, output, port;
  long delay = 0;
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
  properties.property("plastic", get(&read_vertex::plastic, g));
  properties.property("post", get(&read_vertex::post, g));
  properties.property("pre", get(&read_vertex::pre, g));
  properties.property("weight", get(&read_vertex::weight, g));
  properties.property("weight_mean", get(&read_vertex::mean, g));
  properties.property("parameter.alpha", get(&read_vertex::alpha, g));
  properties.property("parameter.activation", get(&read_vertex::activation, g));
  properties.property("output", get(&read_edge::output, g));
  properties.property("port", get(&read_edge::port, g));
  properties.property("delay", get(&read_edge::delay, g));
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

TEST_CASE("drawing: neurons on grids are called by their places, and GraphML tells them") {
  const circuit c = testing::circuit_of(
      "[[population]]\nname = 'a'\nmodel = 'point-value'\nshape = [2, 3]\n"
      "[[population]]\nname = 'b'\nmodel = 'point-value'\nshape = [2, 1, 2]\n"
      "[[projection]]\nname = 'p'\nfrom = 'a.rate'\nto = 'b.error'\nsynapse = 'fixed'\n");
  CHECK(entity_graph(c).name(5) == "a[1,2]");
  CHECK(entity_graph(c).name(8) == "b[1,0,0]");
  CHECK(entity_graph(c).name(entity_graph(c).synapse(0, 2 * 6 + 4)) == "p[1,0,0][1,1]");
  CHECK_THAT(dot(c, drawing_scale::entity), Contains("label=\"1,2\", tooltip=\"a[1,2]\"") &&
                                                Contains("label=\"[1,0,0][1,1]\", tooltip=\"p[1,0,0][1,1]\""));
  CHECK_THAT(dot(c, drawing_scale::population),
             Contains("label=\"a\\n2 x 3 = 6\"") && Contains("label=\"b\\n2 x 1 x 2 = 4\""));
  std::ostringstream graphml;
  write_graphml(graphml, c, drawing_scale::entity);
  CHECK_THAT(graphml.str(), Contains("<data key=\"index\">5</data><data key=\"x\">2</data><data key=\"y\">1</data>"));
  CHECK_THAT(graphml.str(), Contains("<data key=\"x\">0</data><data key=\"y\">0</data><data key=\"z\">1</data>"));
  CHECK(occurrences(graphml.str(), "<data key=\"x\">") == 10);
  CHECK(occurrences(graphml.str(), "<data key=\"z\">") == 4);
  write_graphml(graphml, small(), drawing_scale::entity);
  CHECK(occurrences(graphml.str(), "<data key=\"x\">") == 10);  // none of a row
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

TEST_CASE("drawing: GraphML has the weights, models, parameters, ports and delays") {
  const circuit c =
      testing::circuit_of(testing::short_form_of("[2, 3, 1]", "bias = true", "[learning]\nalpha = 0.25\n"));
  const entity_graph g(c);
  const read_graph entities = there_and_back(c, drawing_scale::entity);
  for (std::size_t v = 0; v < num_vertices(g); ++v) {
    const auto where = g.locate(v);
    INFO(g.name(v));
    if (!where.is_synapse) {
      CHECK(entities[v].model == c.populations[where.group].model->info.name);
      if (entities[v].kind == "neuron" && entities[v].model == "two-compartment-value")
        CHECK(entities[v].activation == "sigmoid");
      continue;
    }
    CHECK(entities[v].weight == initial_weights(c, where.group)[where.index]);
    const auto [pre, post] = g.ends(where.group, where.index);
    CHECK(entities[v].pre == static_cast<long>(pre));
    CHECK(entities[v].post == static_cast<long>(post));
    CHECK(entities[v].alpha == 0.25);
    CHECK(entities[v].plastic);
  }
  const read_graph populations = there_and_back(c, drawing_scale::population);
  for (std::size_t i = 0; i < c.projections.size(); ++i) {
    const projection& p = c.projections[i];
    std::set<std::string> outputs, ports;
    for (std::size_t v = 0; v < num_vertices(populations); ++v) {
      const auto [first, last] = out_edges(v, populations);
      for (auto e = first; e != last; ++e) {
        const read_edge& edge = populations[*e];
        if (edge.projection != p.name || edge.kind == "gate" || edge.kind == "sees") continue;
        if (!edge.output.empty()) outputs.insert(c.populations[p.from.population].name + "." + edge.output);
        if (!edge.port.empty()) ports.insert(c.populations[p.to.population].name + "." + edge.port);
        if (!edge.output.empty()) CHECK(edge.delay == p.delay);
      }
    }
    CHECK(outputs == std::set<std::string>{c.name_of(p.from)});
    CHECK(ports == std::set<std::string>{c.name_of(p.to)});
  }
}

TEST_CASE("drawing: only small circuits are drawn neuron by neuron unless one asks") {
  CHECK(suitable_scale(small()) == drawing_scale::entity);
  CHECK(suitable_scale(testing::circuit_of(testing::short_form_of("[64, 32, 10]"))) == drawing_scale::population);
}

}  // namespace test_circuit_drawing
