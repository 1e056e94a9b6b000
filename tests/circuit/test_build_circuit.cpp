#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "tests/circuit/circuit_testing.hpp"

namespace test_circuit_build_circuit {

using Catch::Contains;
using Catch::EndsWith;
using Catch::StartsWith;
using namespace locus;
using testing::circuit_message;
using testing::circuit_of;

namespace {

std::string neurons(const std::string& name, const std::string& model, int size, const std::string& params = "") {
  return fmt::format("[[population]]\nname = \"{}\"\nmodel = \"{}\"\nsize = {}\n{}\n", name, model, size,
                     params.empty() ? "" : "params = { " + params + " }");
}

/// Populations: in (2 value neurons), err (3 error neurons), phi (3), one (1 controller).
std::string base() {
  return neurons("in", "point-value", 2) + neurons("err", "error", 3) + neurons("phi", "phi", 3) +
         neurons("one", "controller", 1);
}

std::string joined(const std::string& keys, const std::string& name = "p", const std::string& from = "in.rate",
                   const std::string& to = "err.prediction") {
  return fmt::format("[[projection]]\nname = \"{}\"\nfrom = \"{}\"\nto = \"{}\"\n{}\n", name, from, to, keys);
}

std::string imposed(const std::string& keys) { return "[[stimulus]]\n" + keys + "\n"; }

const std::string fixed = "synapse = \"fixed\"\n";
const std::string learning = "synapse = \"gated-hebbian\"\npost = \"err.eps\"\n";

}  // namespace

TEST_CASE("build_circuit: a netlist without populations is refused") {
  CHECK(circuit_message(description()) == "the netlist has no population");
}

TEST_CASE("build_circuit: unknown models name the nearest one") {
  CHECK_THAT(circuit_message(neurons("a", "eror", 2)),
             Contains("no neuron model is called \"eror\" (did you mean \"error\"?)"));
  CHECK_THAT(circuit_message(base() + joined("synapse = \"gated-hebian\"")),
             Contains("no synapse model is called \"gated-hebian\" (did you mean \"gated-hebbian\"?)"));
  // A synapse model is no neuron model, and the other way round.
  CHECK_THAT(circuit_message(neurons("a", "fixed", 2)), Contains("no neuron model is called \"fixed\""));
  CHECK_THAT(circuit_message(base() + joined("synapse = \"phi\"")), Contains("no synapse model is called \"phi\""));
}

TEST_CASE("build_circuit: a gate for synapses that have no modulator is refused") {
  const std::string keys = "synapse = \"ungated-hebbian\"\npost = \"err.eps\"\n";
  CHECK(circuit_of(base() + joined(keys)).projections.size() == 1);
  CHECK_THAT(
      circuit_message(base() + joined(keys + "gate = \"phi.spike\"")),
      StartsWith("n.toml:") && Contains("projection \"p\": its synapses (\"ungated-hebbian\") have no modulator, "
                                        "so that `gate` would do nothing"));
}

TEST_CASE("build_circuit: synapses that never change see nothing, and are not told what they would see") {
  for (const std::string key : {"pre = \"in.x\"", "post = \"err.eps\"", "post = { eps = \"err.eps\" }"}) {
    const std::string end = key.substr(0, key.find(' '));
    CHECK_THAT(
        circuit_message(base() + joined(fixed + key)),
        StartsWith("n.toml:") && Contains("projection \"p\": the rule of its synapses (\"fixed\") does not read " +
                                          end + ", so that `" + end + "` would do nothing"));
  }
  CHECK_THAT(circuit_message(base() + joined(fixed + "gate = \"phi.spike\"\ngate_at = \"post\"")),
             StartsWith("n.toml:") && Contains("projection \"p\": its synapses (\"fixed\") have no modulator, so that "
                                               "`gate` would do nothing"));
  CHECK(circuit_of(base() + joined(fixed)).projections.front().pre.size() == 1);
}

TEST_CASE("build_circuit: unknown parameters and values out of range are refused where they stand") {
  CHECK_THAT(
      circuit_message(neurons("a", "point-value", 2, "gama = 1")),
      StartsWith("n.toml:5:") && Contains("model \"point-value\" has no parameter \"gama\" (did you mean \"gamma\"?)"));
  CHECK_THAT(circuit_message(neurons("a", "point-value", 2, "gamma = 0")),
             StartsWith("n.toml:5:") && Contains("gamma = 0: expected a number > 0"));
  CHECK_THAT(circuit_message(neurons("a", "phi", 2, "quiet_ticks = 1.5")),
             Contains("quiet_ticks = 1.5: expected a whole"));
  CHECK_THAT(circuit_message(neurons("a", "phi", 2, "cause_gate = 1")), Contains("expected true or false"));
  CHECK_THAT(circuit_message(neurons("a", "point-value", 2, "activation = \"tan\"")),
             Contains("activation = tan: expected sigmoid, tanh, relu, identity, softplus or clip"));
  CHECK_THAT(circuit_message(base() + joined(learning + "params = { alpha = -1 }")), Contains("alpha = -1: expected"));
}

TEST_CASE("build_circuit: references must name a population, one of its outputs, one of its ports") {
  CHECK_THAT(circuit_message(base() + joined("", "p", "in.rat")),
             Contains("population \"in\" (model \"point-value\") sends no \"rat\" (did you mean \"rate\"?)"));
  // Private state is not sent.
  CHECK_THAT(circuit_message(base() + joined("", "p", "phi.quiet")), Contains("(model \"phi\") sends no \"quiet\""));
  CHECK_THAT(
      circuit_message(base() + joined("", "p", "in.rate", "err.predictoin")),
      Contains("population \"err\" (model \"error\") has no port \"predictoin\" (did you mean \"prediction\"?)"));
}

TEST_CASE("build_circuit: one-to-one needs equal sizes, with or without synapses") {
  const std::string message = "projection \"p\" is one-to-one, but \"in\" has 2 neurons and \"err\" 3";
  CHECK_THAT(circuit_message(base() + joined("connect = \"one-to-one\"")), EndsWith(message));
  CHECK_THAT(circuit_message(base() + joined("connect = \"one-to-one\"\n" + fixed)), EndsWith(message));
}

TEST_CASE("build_circuit: random and listed connections must fit the sizes") {
  CHECK_THAT(circuit_message(base() + joined("connect = { fixed_indegree = 3 }\n" + fixed)),
             EndsWith("projection \"p\": fixed_indegree = 3: must not exceed the 2 neurons of \"in\""));
  CHECK_THAT(circuit_message(base() + joined("connect = { post_pre = [[0, 0], [0, 2]] }\n" + fixed)),
             EndsWith("projection \"p\": the pair [0, 2] ([post, pre]) is outside 3 targets and 2 sources"));
  CHECK_THAT(circuit_message(base() + joined("connect = { post_pre = [[3, 0]] }\n" + fixed)),
             EndsWith("the pair [3, 0] ([post, pre]) is outside 3 targets and 2 sources"));
  CHECK_THAT(circuit_message(base() + joined("connect = { post_pre = [[1, 0], [1, 1], [1, 0]] }\n" + fixed)),
             EndsWith("projection \"p\": the pair [1, 0] ([post, pre]) is listed twice"));
}

TEST_CASE("build_circuit: random connections are distinct, ascending, and of the given in-degree") {
  const circuit c = circuit_of(neurons("a", "point-value", 30) + neurons("b", "point-value", 40) +
                               joined("connect = { fixed_indegree = 7 }\n" + fixed, "p", "a.rate", "b.feedback"));
  const sparse_connections& s = c.projections.front().connections;
  REQUIRE(s.targets() == 40);
  for (std::size_t i = 0; i < 40; ++i) {
    REQUIRE(s.degree(i) == 7);
    for (std::size_t k = 1; k < 7; ++k) CHECK(s.source(i, k - 1) < s.source(i, k));
    CHECK(s.source(i, 6) < 30);
  }
}

TEST_CASE("build_circuit: a learning synapse needs a postsynaptic end of the right size") {
  CHECK_THAT(circuit_message(base() + joined("synapse = \"gated-hebbian\"")),
             EndsWith("projection \"p\" learns (\"gated-hebbian\") and needs `post`, what it sees of \"err\": post = "
                      "\"POPULATION.OUTPUT\""));
  CHECK_THAT(circuit_message(base() + joined("synapse = \"gated-hebbian\"\npost = \"in.x\"")),
             EndsWith("projection \"p\": post = \"in.x\" is not an output of \"err\", the neuron at that end"));
  CHECK_THAT(circuit_message(base() + joined(learning + "pre = \"phi.spike\"")),
             EndsWith("projection \"p\": pre = \"phi.spike\" is not an output of \"in\", the neuron at that end"));
}

TEST_CASE("build_circuit: a gate has the size of the end where it sits") {
  const auto message = [&](const std::string& gate, const std::string& at) {
    return circuit_message(base() + joined(learning + "gate = \"" + gate + "\"\ngate_at = \"" + at + "\""));
  };
  CHECK(message("phi.spike", "post") == "(no usage_error)");
  CHECK(message("one.signal", "everywhere") == "(no usage_error)");
  CHECK_THAT(message("phi.spike", "pre"),
             EndsWith("projection \"p\": the gate \"phi.spike\" has 3 neurons, but gate_at asks for 2"));
  CHECK_THAT(message("one.signal", "post"), EndsWith("the gate \"one.signal\" has 1 neurons, but gate_at asks for 3"));
  CHECK_THAT(message("phi.spike", "everywhere"), EndsWith("has 3 neurons, but gate_at asks for 1"));
}

TEST_CASE("build_circuit: shared and copied weights have an owner of their own and its shape") {
  for (const std::string kind : {"shared", "same_initial_as"}) {
    const auto takes = [&](const std::string& of, const std::string& more = "") {
      return fixed + "weights = { " + kind + " = \"" + of + "\"" + more + " }";
    };
    const std::string own = base() + joined(fixed, "own");
    const std::string back = "phi.spike";  // 3 neurons, to the 2 of `in`
    CHECK(circuit_message(own + joined(takes("own"))) == "(no usage_error)");
    CHECK(circuit_message(own + joined(takes("own", ", transposed = true"), "p", back, "in.feedback")) ==
          "(no usage_error)");
    CHECK_THAT(
        circuit_message(own + joined(takes("own"), "p", back, "in.feedback")),
        EndsWith("projection \"p\" takes the weights of \"own\": both must be all-to-all and of the same shape (2 x 3; "
                 "found 3 x 2)"));
    CHECK_THAT(circuit_message(own + joined("connect = { probability = 0.5 }\n" + takes("own"))),
               Contains("say that it has its connections too, connect = { same_as = \"own\" }"));
    CHECK_THAT(
        circuit_message(own + joined(takes("own"), "p") + joined(takes("p"), "q")),
        EndsWith(
            "projection \"q\" takes the weights of \"p\", which takes them from another projection: name that one"));
    // A copy is a weight of its own, which others can share.
    if (std::string(kind) == "same_initial_as")
      CHECK(circuit_message(own + joined(takes("own"), "p") + joined(fixed + "weights = { shared = \"p\" }", "q")) ==
            "(no usage_error)");
  }
}

TEST_CASE("build_circuit: a stimulus needs a clamp, a teacher's answer its size") {
  CHECK_THAT(circuit_message(base() + imposed("population = \"err\"\nrole = \"input\"")),
             EndsWith("population \"err\" (model \"error\") has no port \"clamp\" for a stimulus"));
  CHECK_THAT(circuit_message(base() + imposed("population = \"in\"\nport = \"clmp\"\nrole = \"input\"")),
             EndsWith("population \"in\" (model \"point-value\") has no port \"clmp\" for a stimulus (known: clamp)"));
  CHECK_THAT(circuit_message(base() + imposed("population = \"in\"\nrole = \"teacher\"\nanswer = \"err.eps\"")),
             EndsWith("the answer \"err.eps\" must have as many neurons as the teacher's population \"in\" (2)"));
  CHECK_THAT(circuit_message(base() + imposed("population = \"one\"\nrole = \"teacher\"")),
             Contains("population \"one\" (model \"controller\") sends no \"x\""));
  CHECK_THAT(circuit_message(base() + imposed("population = \"in\"\nrole = \"imposed\"\nsource = \"err.prediction\"")),
             EndsWith("the imposed port \"err.prediction\" must have as many neurons as \"in\" (2)"));
}

TEST_CASE("build_circuit: a description that no parser has seen may name what does not exist") {
  const description good =
      testing::description_of(base() + joined(fixed, "own") + joined(fixed + "weights = { shared = \"own\" }") +
                              imposed("population = \"in\"\nrole = \"input\""));
  REQUIRE(circuit_message(good) == "(no usage_error)");
  description bad = good;
  bad.projections[0].from.population = "inn";
  CHECK_THAT(circuit_message(bad), EndsWith("no population is called \"inn\" (did you mean \"in\"?)"));
  bad = good;
  bad.projections[0].to.population = "er";
  CHECK_THAT(circuit_message(bad), EndsWith("no population is called \"er\" (did you mean \"err\"?)"));
  bad = good;
  bad.stimuli[0].target.population = "nobody";
  CHECK_THAT(circuit_message(bad), Contains("no population is called \"nobody\""));
  bad = good;
  bad.projections[1].weights = shared_weights{"owm", false};
  CHECK_THAT(circuit_message(bad),
             EndsWith("projection \"p\": no projection is called \"owm\" (did you mean \"own\"?)"));
}

TEST_CASE("build_circuit: a stimulus has a column for each neuron of its population") {
  const auto of_input = [&](const std::string& columns) {
    return circuit_message(base() + imposed("population = \"in\"\nrole = \"input\"\ncolumns = " + columns));
  };
  CHECK(of_input("[2, 4]") == "(no usage_error)");
  CHECK(circuit_of(base() + imposed("population = \"in\"\nrole = \"input\"\ncolumns = [2, 4]"))
            .stimuli.at(0)
            .column_of(1) == 3);
  CHECK_THAT(of_input("[2, 5]"), EndsWith("\"in\" has 2 neurons, but its stimulus has columns = [2, 5]: expected one "
                                          "column a neuron, such as [2, 4]"));
  CHECK_THAT(of_input("[2, 3]"), EndsWith("such as [2, 4]"));
}

TEST_CASE("build_circuit: two stimuli that would come on together in one population are refused") {
  const std::string both = neurons("a", "point-value", 2) + neurons("c", "controller", 1);
  const auto message = [&](const std::string& one, const std::string& two) {
    return circuit_message(both + imposed(one) + imposed(two));
  };
  const std::string input = "population = \"a\"\nrole = \"input\"";
  const std::string start = "population = \"a\"\nrole = \"imposed\"\nsource = \"a.feedback\"";
  const std::string pulse = "population = \"c\"\nrole = \"control\"\nonset = ";
  CHECK_THAT(message(input, input), Contains("population \"a\" has two input stimuli that come on at the same time"));
  CHECK_THAT(message(start, start), Contains("two imposed stimuli"));
  CHECK_THAT(message(pulse + "2", pulse + "2"), Contains("population \"c\" has two control stimuli"));
  CHECK(message(pulse + "2", pulse + "5") == "(no usage_error)");
  CHECK(message(start, start + "\nwith = \"teacher\"") == "(no usage_error)");
  CHECK(message(input, start) == "(no usage_error)");
}

}  // namespace test_circuit_build_circuit
