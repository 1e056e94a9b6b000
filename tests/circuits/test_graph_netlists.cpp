/// The template `graph`: what its netlists become, and its mistakes.

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "models/templates/catalogue.hpp"
#include "sim/core/errors.hpp"
#include "tests/engine/engine_testing.hpp"

namespace test_circuits_graph_netlists {

using namespace locus;
using namespace locus::testing;
using Catch::Matchers::Contains;

namespace {

description read_graph(const std::string& circuit, const std::string& rest = "") {
  const std::string text = "[circuit]\ntemplate = 'graph'\n" + circuit + "\n" + rest;
  return read_netlist(document::from_text(text, "g.toml"), all_templates());
}

std::string message_of(const std::string& circuit, const std::string& rest = "") {
  try {
    (void)read_graph(circuit, rest);
  } catch (const usage_error& error) {
    return error.what();
  }
  return "(no usage_error)";
}

/// A list of nodes of one neuron, and of edges "a b".
std::string nodes(const std::vector<std::string>& names) {
  std::string text = "nodes = [";
  for (const std::string& name : names) text += "{ name = '" + name + "', size = 1 }, ";
  return text + "]\n";
}
std::string edges(const std::vector<std::pair<std::string, std::string>>& all) {
  std::string text = "edges = [\n";
  for (const auto& [from, to] : all) text += "{ from = '" + from + "', to = '" + to + "' },\n";
  return text + "]\n";
}

std::vector<std::string> names_of(const description& d) {
  std::vector<std::string> names;
  for (const population_description& p : d.populations) names.push_back(p.name);
  return names;
}

}  // namespace

TEST_CASE("graph: a chain is the network of layers", "[circuits]") {
  const std::string rest = "[learning]\nalpha = 0.05\n[stimuli]\npredict = 5\nteach = 4\n";
  const description layers = netlist_of(
      "[circuit]\ntemplate = 'predictive-coding'\nlayers = [4, 3, 5, 2]\nactivation = 'tanh'\nbias = true\n" + rest);
  const description chain = read_graph(
      "activation = 'tanh'\nbias = true\n"
      "nodes = [{ name = 'output', size = 2 }, { name = 'hidden1', size = 3 }, { name = 'input', size = 4 }, "
      "{ name = 'hidden2', size = 5 }]\n" +
          edges({{"hidden2", "output"}, {"input", "hidden1"}, {"hidden1", "hidden2"}}),
      rest);
  CHECK(names_of(chain) == names_of(layers));
  CHECK(chain.warnings == layers.warnings);
  const data_set data = drawn_data(4, 2, 9, 3);
  rig a(layers, data), b(chain, data);
  const std::vector<std::pair<std::string, std::string>> same = {
      {"hidden1.forward", "input.to.hidden1.forward"},    {"hidden2.forward", "hidden1.to.hidden2.forward"},
      {"output.forward", "hidden2.to.output.forward"},    {"hidden1.feedback", "hidden1.to.hidden2.feedback"},
      {"hidden2.feedback", "hidden2.to.output.feedback"}, {"output.bias", "output.bias"}};
  for (const auto& [of_a, of_b] : same) b.sim->set_weights(b.projection(of_b), a.sim->weights(a.projection(of_a)));
  for (std::uint32_t n = 0; n < 9; ++n) {
    a.world.teach(std::vector{n}, {5, 4, 0});
    b.world.teach(std::vector{n}, {5, 4, 0});
  }
  for (const auto& [of_a, of_b] : same) {
    INFO(of_a);
    CHECK(a.sim->weights(a.projection(of_a)) == b.sim->weights(b.projection(of_b)));
  }
}

TEST_CASE("graph: relays stand on edges that skip levels, but for those from inputs", "[circuits]") {
  const std::string skip = nodes({"input", "a", "b", "c", "output"}) + edges({{"input", "a"},
                                                                              {"a", "b"},
                                                                              {"b", "c"},
                                                                              {"c", "output"},
                                                                              {"a", "output"},
                                                                              {"input", "output"},
                                                                              {"b", "output"}});
  const auto values = [](description d) {
    std::vector<std::string> names = names_of(d);
    std::erase_if(names, [](const std::string& name) { return !name.ends_with(".value"); });
    return names;
  };
  CHECK(values(read_graph(skip)) == std::vector<std::string>{"input.value", "a.value", "b.value", "c.value",
                                                             "a.to.output.1.value", "a.to.output.2.value",
                                                             "b.to.output.1.value", "output.value"});
  CHECK(values(read_graph(skip + "levelling = false\n")) ==
        std::vector<std::string>{"input.value", "a.value", "b.value", "c.value", "output.value"});
  const circuit net = build_circuit(read_graph(skip));
  for (const char* link :
       {"a.value.rate->a.to.output.1.error.prediction", "a.to.output.1.value.rate->a.to.output.2.error.prediction",
        "a.to.output.1.error.burst->a.value.feedback", "a.to.output.2.error.burst->a.to.output.1.value.feedback"}) {
    INFO(link);
    REQUIRE(net.find_projection(link));
    CHECK(net.projections[*net.find_projection(link)].synapse == nullptr);
  }
  const projection& forward = net.projections[net.find_projection("a.to.output.forward").value()];
  CHECK(net.populations[forward.from.population].name == "a.to.output.2.value");
  CHECK(forward.learns());
}

TEST_CASE("graph: inputs and outputs divide the data's columns in the order of their lists", "[circuits]") {
  const description d = read_graph(
      "inputs = ['b', 'a']\noutputs = ['d', 'c']\n"
      "nodes = [{ name = 'a', size = 2 }, { name = 'b', size = 3 }, { name = 'c', size = 4 }, { name = 'd', size = 1 }]"
      "\n" +
      edges({{"a", "c"}, {"b", "d"}, {"b", "c"}}));
  std::vector<std::string> found;
  for (const stimulus_description& s : d.stimuli) {
    found.push_back(
        fmt::format("{} {} {} {}", s.target.text(), name_of(s.role), s.columns.value().first, s.columns.value().last));
  }
  CHECK(found == std::vector<std::string>{"b.value.clamp input 0 3", "a.value.clamp input 3 5",
                                          "d.value.clamp teacher 0 1", "c.value.clamp teacher 1 5"});
  CHECK_THROWS_WITH(rig(d, drawn_data(5, 6, 4, 1)),
                    "the targets of data \"random\" have 6 columns, but no stimulus takes column 5 (counted from 0)");
  CHECK_THROWS_WITH(
      rig(d, drawn_data(4, 5, 4, 1)),
      "the stimulus of \"a.value\" has columns = [3, 5], but the inputs of data \"random\" have 4 columns");
  const description single = read_graph(nodes({"input", "output"}) + edges({{"input", "output"}}));
  CHECK_FALSE(single.stimuli.at(0).columns.has_value());
}

TEST_CASE("graph: edges may have weights of their own", "[circuits]") {
  const std::string both = nodes({"input", "a", "output"}) +
                           "edges = [{ from = 'input', to = 'a', weights = { values = [[0.5]] } },\n"
                           "{ from = 'a', to = 'output' }, { from = 'input', to = 'output', "
                           "weights = { init = 'constant', scale = 2 } }]\n";
  const circuit net = build_circuit(read_graph(both, "[weights]\ninit = 'constant'\nscale = 3\n"));
  const auto weight = [&](const char* name) { return initial_weights(net, net.find_projection(name).value()); };
  CHECK(weight("input.to.a.forward") == std::vector{0.5});
  CHECK(weight("a.to.output.forward") == std::vector{3.0});
  CHECK(weight("a.to.output.feedback") == std::vector{3.0});
  CHECK(weight("input.to.output.forward") == std::vector{2.0});
}

TEST_CASE("graph: mistakes in nodes", "[circuits]") {
  const std::string chain = edges({{"input", "a"}, {"a", "output"}});
  const std::string good = nodes({"input", "a", "output"});
  CHECK(message_of(good + chain) == "(no usage_error)");
  CHECK(message_of(chain) == "g.toml:1:1: circuit.nodes: expected nodes, such as [{ name = \"input\", size = 64 }]");
  CHECK(message_of(nodes({"input", "a b", "output"}) + chain) ==
        "g.toml:3:49: circuit.nodes[1].name = \"a b\": expected a name of letters, digits, _ and -");
  CHECK(message_of(nodes({"input", "a.b", "output"}) + chain) ==
        "g.toml:3:49: circuit.nodes[1].name = \"a.b\": expected a name of letters, digits, _ and -");
  CHECK(message_of(nodes({"input", "a", "output", "a"}) + chain) ==
        "g.toml:3:106: circuit.nodes[3].name = \"a\": a node of this name stands at g.toml:3:49");
  CHECK(message_of("nodes = [{ name = 'input', size = 0 }]\n" + chain) ==
        "g.toml:3:35: circuit.nodes[0].size = 0: expected a whole number >= 1");
  CHECK(message_of("nodes = [{ name = 'input' }]\n" + chain) ==
        "g.toml:3:10: circuit.nodes[0].size is missing: expected a whole number >= 1");
  CHECK(message_of("nodes = [{ size = 4 }]\n" + chain) ==
        "g.toml:3:10: circuit.nodes[0].name is missing: expected a text");
  CHECK(message_of("nodes = ['input']\n" + chain) == "g.toml:3:10: circuit.nodes[0] = \"input\": expected a table");
  CHECK_THAT(message_of(nodes({"input", "a", "output"}) + chain + "layers = [1, 1]\n"),
             Catch::Contains("unknown key \"circuit.layers\""));
  CHECK_THAT(message_of("nodes = [{ name = 'input', size = 1, sise = 1 }, { name = 'output', size = 1 }]\n" +
                        edges({{"input", "output"}})),
             Catch::Contains("unknown key \"circuit.nodes[0].sise\" (did you mean \"size\"?)"));
}

TEST_CASE("graph: mistakes in activations", "[circuits]") {
  const auto message = [](const std::string& of_input, const std::string& of_output, const std::string& encode) {
    return message_of("nodes = [{ name = 'input', size = 1" + of_input + " }, { name = 'output', size = 1" + of_output +
                          " }]\n" + edges({{"input", "output"}}),
                      "[stimuli]\nencode = '" + encode + "'\n");
  };
  CHECK(message(", activation = 'tanh'", "", "value") == "(no usage_error)");
  CHECK_THAT(message(", activation = 'tanj'", "", "value"), Catch::Contains("did you mean \"tanh\"?"));
  CHECK(message(", activation = 'tanh'", "", "rate") ==
        "g.toml:3:51: circuit.nodes[0].activation = \"tanh\": with stimuli.encode = \"rate\" an input sends the datum "
        "itself");
  CHECK(message("", ", activation = 'tanh'", "rate") ==
        "g.toml:3:82: circuit.nodes[1].activation = \"tanh\": an output sends nothing: its answer is what it sums");
}

TEST_CASE("graph: mistakes in edges, inputs and outputs", "[circuits]") {
  const std::string three = nodes({"input", "a", "output"});
  const auto message = [&](const std::vector<std::pair<std::string, std::string>>& all) {
    return message_of(three + edges(all));
  };
  CHECK(message_of(three) ==
        "g.toml:1:1: circuit.edges: expected edges, such as [{ from = \"input\", to = \"output\" }]");
  CHECK(message({{"input", "a"}, {"b", "output"}}) ==
        "g.toml:6:10: circuit.edges[1].from = \"b\": no node is named \"b\" (known: a, input, output)");
  CHECK(message({{"input", "a"}, {"a", "outptu"}}) ==
        "g.toml:6:20: circuit.edges[1].to = \"outptu\": no node is named \"outptu\" (did you mean \"output\"?)");
  CHECK(message({{"input", "a"}, {"a", "output"}, {"input", "a"}}) ==
        "g.toml:7:24: circuit.edges[2].to = \"a\": the same edge stands at g.toml:5:24");
  CHECK(message({{"input", "a"}, {"a", "output"}, {"a", "input"}}) ==
        "g.toml:7:20: circuit.edges[2].to = \"input\": it is an input, held by the data: no edge may lead to it");
  CHECK(message({{"input", "a"}, {"a", "output"}, {"output", "a"}}) ==
        "g.toml:7:10: circuit.edges[2].from = \"output\": it is an output, held by the teacher: no edge may lead from "
        "it");
  CHECK(message({{"input", "a"}, {"a", "output"}, {"a", "a"}}) ==
        "g.toml:7:20: circuit.edges[2].to = \"a\": the edges form a cycle: a -> a");
  CHECK(message({{"input", "output"}}) ==
        "g.toml:3:49: circuit.nodes[1].name = \"a\": no edge leads to it, and it is not in circuit.inputs");
  CHECK(message({{"input", "output"}, {"input", "a"}}) ==
        "g.toml:3:49: circuit.nodes[1].name = \"a\": no edge leads from it, and it is not in circuit.outputs");
  CHECK(message_of(nodes({"input", "a", "b", "c", "output"}) +
                   edges({{"input", "a"}, {"a", "b"}, {"b", "c"}, {"c", "a"}, {"c", "output"}})) ==
        "g.toml:6:20: circuit.edges[1].to = \"b\": the edges form a cycle: b -> c -> a -> b");

  const std::string chain = edges({{"input", "a"}, {"a", "output"}});
  const auto ends = [&](const std::string& keys) { return message_of(keys + "\n" + three + chain); };
  CHECK(ends("inputs = []") == "g.toml:3:10: circuit.inputs = []: expected the name of one node at least");
  CHECK(ends("inputs = ['inptu']") ==
        "g.toml:3:10: circuit.inputs = [\"inptu\"]: no node is named \"inptu\" (did you mean \"input\"?)");
  CHECK(ends("inputs = ['input', 'input']") ==
        "g.toml:3:10: circuit.inputs = [\"input\", \"input\"]: \"input\" stands there twice");
  CHECK(ends("outputs = ['input']") == "g.toml:3:11: circuit.outputs = [\"input\"]: \"input\" is an input already");
  CHECK(message_of(nodes({"x", "output"}) + edges({{"x", "output"}})) ==
        "g.toml:1:1: circuit.inputs: no node is named \"input\" (known: output, x)");
}

TEST_CASE("graph: edges that cannot share weights are refused", "[circuits]") {
  const auto message = [](const std::string& first, const std::string& second, const std::string& rest = "") {
    return message_of(
        "inputs = ['a', 'b']\nnodes = [{ name = 'a', size = 2 }, { name = 'b', size = 2 }, { name = 'wide', size = 3 "
        "}, "
        "{ name = 'h', size = 2 }, { name = 'g', size = 2 }, { name = 'output', size = 2 }]\n"
        "edges = [{ from = 'a', to = 'h' }, { from = 'b', to = 'g'" +
            first + " }, { from = 'h', to = 'g'" + second +
            " }, { from = 'a', to = 'wide' }, { from = 'wide', to = 'output' }, { from = 'g', to = 'output' }]\n",
        rest);
  };
  const auto shared = [](const std::string& with) { return ", weights = { shared = '" + with + "' }"; };
  CHECK(message(shared("a.to.h"), "") == "(no usage_error)");
  CHECK(message(shared("a.to.h"), "", "[learning]\nrule = 'z-il'\n") == "(no usage_error)");
  CHECK(message(shared("a.to.h"), "", "[learning]\nrule = 'none'\n") == "(no usage_error)");
  CHECK_THAT(message(shared("a.to.hh"), ""), Contains("no edge is named \"a.to.hh\" (did you mean \"a.to.h\"?)"));
  CHECK_THAT(message(shared("a.to.wide"), ""), Contains("\"g\" has 2 neurons, \"wide\" 3"));
  CHECK_THAT(message(shared("b.to.g"), ""), Contains("names the edge itself"));
  CHECK_THAT(message(shared("a.to.h"), shared("b.to.g")),
             Contains("\"b.to.g\" shares the weights of another edge: name that one"));
  CHECK_THAT(message("", shared("b.to.g")),
             Contains("errors come to \"g\" and to \"g\" in the same tick, so that their edges cannot share weights"));
  CHECK_THAT(message(", weights = { shared = 'a.to.h', transposed = true }", ""),
             Contains("an edge shares the weights as they are"));
  CHECK_THAT(message(shared("a.to.h"), "", "[learning]\nsynapse = 'adam-hebbian'\n"),
             Contains("have synapses of the model \"summing-hebbian\""));
  for (const char* const rule : {"rule = 'il'", "rule = 'z-il'\nupdate_at = 3"}) {
    CHECK_THAT(message(shared("a.to.h"), "", std::string("[learning]\n") + rule + "\n"),
               Contains("need errors that come one after the other, at t = l"));
  }
}

}  // namespace test_circuits_graph_netlists
