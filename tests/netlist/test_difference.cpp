#include "sim/netlist/difference.hpp"

#include <catch2/catch.hpp>

namespace test_netlist_difference {

using namespace locus;

namespace {

std::string difference(const std::string& a, const std::string& b) {
  const auto found = first_difference(a, b);
  return found ? found->text("there", "here") : "none";
}

const std::string circuit = "[circuit]\nlanes = 20\nprecision = \"f64\"\n";

}  // namespace

TEST_CASE("difference: the first key that differs, with both values", "[netlist]") {
  CHECK(difference(circuit, circuit) == "none");
  CHECK(difference(circuit, "[circuit]\nlanes = 1\nprecision = \"f32\"\n") == "circuit.lanes is 20 there, 1 here");
  CHECK(difference(circuit, "[circuit]\nlanes = 20\n") == "circuit.precision is \"f64\" there, not set here");
  CHECK(difference(circuit, circuit + "bias = true\n") == "circuit.bias is not set there, true here");
}

TEST_CASE("difference: tables of an array are told apart by their number", "[netlist]") {
  const std::string one = "[[population]]\nname = \"a\"\nsize = 3\n", two = "[[population]]\nname = \"b\"\nsize = 4\n";
  CHECK(difference(one + two, one + two) == "none");
  CHECK(difference(one + two, one + "[[population]]\nname = \"b\"\nsize = 5\n") ==
        "population[1].size is 4 there, 5 here");
  CHECK(difference(one, one + two) == "population[1].name is not set there, \"b\" here");
}

TEST_CASE("difference: the trace and the number of epochs do not matter", "[netlist]") {
  CHECK(difference("[stimuli]\nepochs = 3\npredict = 8\n[trace]\nevery = 1\n",
                   "[stimuli]\nepochs = 30\npredict = 8\n") == "none");
  CHECK(difference("[stimuli]\nepochs = 3\npredict = 8\n", "[stimuli]\nepochs = 3\npredict = 9\n") ==
        "stimuli.predict is 8 there, 9 here");
}

TEST_CASE("difference: values of many lines are compared whole", "[netlist]") {
  const auto listed = [](const std::string& last) {
    return "[[projection]]\nname = \"p\"\nweights = { values = [\n  [1, 2],\n  [3, " + last + "],\n] }\n";
  };
  CHECK(difference(listed("4"), listed("4")) == "none");
  CHECK(difference(listed("4"), listed("4.0")) == "none");  // the same number
  CHECK(difference(listed("4"), listed("5")) == "projection[0].weights.values[1][1] is 4 there, 5 here");
  CHECK(difference(listed("0.0"), listed("-0.0")) == "projection[0].weights.values[1][1] is 0 there, -0.0 here");
  CHECK(difference(listed("4"), listed("4, 5")) == "projection[0].weights.values[1] is [3, 4] there, [3, 4, 5] here");
  const std::string data = "[stimuli.data]\ninputs = [\n  [0],\n  [1],\n]\ntargets = [\n  [0],\n";
  CHECK(difference(data + "  [0],\n]\n", data + "  [1],\n]\n") == "stimuli.data.targets[1][0] is 0 there, 1 here");
}

TEST_CASE("difference: tables that are written in one line or under a header are the same", "[netlist]") {
  CHECK(difference("[a]\nb = { c = 1, d = 2 }\n", "[a.b]\nd = 2\nc = 1\n") == "none");
  CHECK(difference("[a]\nb = { c = 1, d = 2 }\n", "[a.b]\nc = 1\n") == "a.b.d is 2 there, not set here");
  CHECK(difference("[a]\nb = 1\n", "[a.b]\nc = 1\n") == "a.b is 1 there, { c = 1 } here");
  std::string deep = "[a";
  for (int i = 0; i < 31; ++i) deep += ".a";
  CHECK(difference(deep + "]\nx = 1\n", deep + "]\nx = 1\n") == "none");
}

TEST_CASE("difference: long values are cut to where they differ", "[netlist]") {
  const std::string same(100, '1');
  const auto text = [&](const std::string& middle) { return "a = '" + same + middle + same + "'"; };
  CHECK(difference(text("2"), text("3")) == "a is ... " + std::string(20, '1') + "2" + std::string(39, '1') +
                                                " ... there, ... " + std::string(20, '1') + "3" + std::string(39, '1') +
                                                " ... here");
}

}  // namespace test_netlist_difference
