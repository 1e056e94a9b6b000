#include "sim/trace/selection.hpp"

#include <catch2/catch.hpp>

#include "tests/trace/fake_simulator.hpp"
#include "tests/trace/stored.hpp"

namespace test_trace_selection {

namespace {

using namespace locus;
using namespace locus::test;
using Catch::Contains;

struct selecting {
  fake_models models;
  circuit c = fake_circuit(models, "f64", 1);

  std::vector<std::string> names(std::vector<std::string> record) {
    std::vector<std::string> all;
    for (const recorded_variable& v : select_recorded(c, recording("x.h5", std::move(record)))) {
      all.push_back(identity_of(c, v).full_name());
    }
    return all;
  }
};

}  // namespace

TEST_CASE("stars stand for any characters") {
  REQUIRE(matches("hidden1.value.x", "hidden1.value.x"));
  REQUIRE(matches("hidden1.value.x", "*"));
  REQUIRE(matches("hidden1.value.x", "h*1*x"));
  REQUIRE(matches("aab", "*ab"));
  REQUIRE(matches("abcabd", "a*bd"));
  REQUIRE(matches("", "*"));
  REQUIRE_FALSE(matches("", "a"));
  REQUIRE_FALSE(matches("hidden1.value.x", "hidden1.value"));
  REQUIRE_FALSE(matches("hidden1.value.x", "h*y"));
  REQUIRE_FALSE(matches(std::string(5000, 'a'), "*a*a*a*a*a*a*a*b"));
}

TEST_CASE_METHOD(selecting, "patterns match full names and their ends") {
  using list = std::vector<std::string>;
  REQUIRE(names({}).empty());
  REQUIRE(names({"value.x"}) == list{"input.value.x", "hidden1.value.x"});
  REQUIRE(names({"hidden1.value.x"}) == list{"hidden1.value.x"});
  REQUIRE(names({"forward.theta"}) == list{"hidden1.forward.theta"});
  REQUIRE(names({"*.theta"}) == list{"hidden1.forward.theta", "hidden1.some.theta"});
  REQUIRE(names({"theta"}) == names({"*.theta"}));
  REQUIRE(names({"input.*"}) == list{"input.value.x", "input.value.count"});
}

TEST_CASE_METHOD(selecting, "patterns may be names of populations and projections, their ends, and kinds") {
  using list = std::vector<std::string>;
  REQUIRE(names({"hidden1.value"}) == list{"hidden1.value.x", "hidden1.value.count"});
  REQUIRE(names({"phi"}) == list{"hidden1.phi.spike"});
  REQUIRE(names({"value"}) == names({"input.value", "hidden1.value"}));
  REQUIRE(names({"forward"}) == list{"hidden1.forward.theta"});
  REQUIRE(names({"kind:weights"}) == names({"theta"}));
  REQUIRE(names({"kind:neurons"}).size() == 5);
  REQUIRE(names({"kind:detector"}) == list{"hidden1.phi.spike"});
  REQUIRE_THAT(message_of<usage_error>([&] { names({"kind:detectr"}); }), Contains("did you mean \"detector\"?"));
}

TEST_CASE_METHOD(selecting, "the order of the patterns does not matter, and nothing is recorded twice") {
  REQUIRE(names({"theta", "x", "value.x", "phi.spike"}) == names({"phi.spike", "x", "theta"}));
}

TEST_CASE_METHOD(selecting, "all variables can be recorded, hidden ones too, but links have no weights") {
  REQUIRE(names({"*"}) == std::vector<std::string>{"input.value.x", "input.value.count", "hidden1.value.x",
                                                   "hidden1.value.count", "hidden1.phi.spike", "hidden1.forward.theta",
                                                   "hidden1.some.theta"});
  REQUIRE(names({"count"}).size() == 2);
}

TEST_CASE_METHOD(selecting, "a pattern that matches nothing is refused, with the nearest name and all names") {
  const std::string message = message_of<usage_error>([&] { names({"value.x", "valeu.x"}); });
  REQUIRE_THAT(message, Contains("net.toml:7:1: trace: nothing is called \"valeu.x\": did you mean \"value.x\"?"));
  REQUIRE_THAT(message, Contains("(known: value.x, value.count, phi.spike, forward.theta, some.theta, input.value.x"));
  // A full name that ends with the end of another one is not matched by chance.
  REQUIRE_THAT(message_of<usage_error>([&] { names({"alue.x"}); }), Contains("nothing is called \"alue.x\""));
}

namespace {

using numbers = std::vector<std::uint32_t>;

struct choosing : selecting {
  choosing() { c = fake_circuit(models, "f64", 1, 20, 4); }

  std::vector<recorded_variable> chosen(std::vector<std::string> record, std::vector<std::string> on_change = {}) {
    trace_description trace = recording("x.h5", std::move(record));
    trace.on_change = std::move(on_change);
    return select_recorded(c, trace);
  }
  numbers indices(const std::string& pattern) { return chosen({pattern}).at(0).indices; }
  std::string refusal(const std::string& pattern) {
    return message_of<usage_error>([&] { chosen({pattern}); });
  }
};

}  // namespace

TEST_CASE_METHOD(choosing, "brackets choose neurons by numbers and half-open ranges") {
  CHECK(indices("input.value.x[3]") == numbers{3});
  CHECK(indices("input.value.x[7, 0,3,3]") == numbers{0, 3, 7});
  CHECK(indices("input.value.x[8:12]") == numbers{8, 9, 10, 11});
  CHECK(indices("input.value.x[18:]") == numbers{18, 19});
  CHECK(indices("input.value.x[:2, 19]") == numbers{0, 1, 19});
  CHECK(indices("input.value.x[::6]") == numbers{0, 6, 12, 18});
  CHECK(indices("input.value.x[1:9:4]") == numbers{1, 5});
  CHECK(indices("input.value.x").size() == 20);
  CHECK(chosen({"input.value.x"}).at(0).whole());
  CHECK_FALSE(chosen({"input.value.x[1:]"}).at(0).whole());
}

TEST_CASE_METHOD(choosing, "what a trace records of synapses is known without their ends") {
  const auto of_synapses = [&](std::vector<std::string> record, std::vector<std::string> on_change = {}) {
    trace_description trace = recording("x.h5", std::move(record));
    trace.on_change = std::move(on_change);
    return records_synapses(c, trace);
  };
  CHECK(of_synapses({"*"}));
  CHECK(of_synapses({"kind:weights"}));
  CHECK(of_synapses({"input.value.x"}, {"theta[0][1]"}));
  CHECK_FALSE(of_synapses({"input.value.x[3]", "kind:neurons"}));
  CHECK_FALSE(of_synapses({}));
  CHECK_THROWS_AS(of_synapses({"theta[0"}), usage_error);
  trace_description messages = recording("x.h5", {"input.value.x"});
  messages.messages = true;
  CHECK(records_synapses(c, messages));
}

TEST_CASE_METHOD(choosing, "ranges end where a population does, and several patterns add up") {
  const auto all = chosen({"value.x[2:10]", "input.value.x[0]"});
  REQUIRE(all.size() == 2);
  CHECK(all[0].indices == numbers{0, 2, 3, 4, 5, 6, 7, 8, 9});
  CHECK(all[1].indices == numbers{2, 3});
  CHECK(chosen({"value.x[10:12]"}).size() == 1);
}

TEST_CASE_METHOD(choosing, "brackets of weights are those of theta[post][pre]") {
  CHECK(indices("forward.theta[1]").size() == 20);
  CHECK(indices("forward.theta[1]").front() == 20);
  CHECK(indices("forward.theta[1][3]") == numbers{23});
  CHECK(indices("forward.theta[:][3]") == numbers{3, 23, 43, 63});
  CHECK(indices("some.theta[0][19]") == numbers{0});
  CHECK_THAT(refusal("some.theta[1]"), Contains("\"some.theta[1]\" chooses no neuron or synapse"));
  CHECK_THAT(refusal("forward.theta[4]"), Contains("there is no postsynaptic neuron 4 (there are 4, the first is 0)"));
  CHECK_THAT(refusal("forward.theta[0][20]"), Contains("there is no presynaptic neuron 20"));
  CHECK_THAT(refusal("forward.theta[0][0][0]"), Contains("two of weights, [postsynaptic][presynaptic]"));
}

TEST_CASE_METHOD(choosing, "what is recorded on change is not recorded in frames") {
  const auto all = chosen({"*"}, {"phi.spike[1]"});
  REQUIRE(all.size() == recordable_variables(c).size());
  for (const recorded_variable& v : all) {
    CHECK(v.on_change == (identity_of(c, v).full_name() == "hidden1.phi.spike"));
    if (v.on_change) CHECK(v.indices == numbers{1});
  }
  CHECK_THAT(message_of<usage_error>([&] { chosen({}, {"phi.spiek"}); }), Contains("did you mean \"phi.spike\"?"));
}

TEST_CASE_METHOD(choosing, "brackets that say nothing sensible are refused") {
  CHECK_THAT(refusal("value.x[20]"),
             Contains("net.toml:7:1: trace: \"value.x[20]\" of input.value.x: there is no neuron 20"));
  CHECK_THAT(refusal("value.x[4]"), Contains("\"value.x[4]\" of hidden1.value.x: there is no neuron 4"));
  CHECK_THAT(refusal("value.x[1][2]"), Contains("expected one pair of brackets"));
  CHECK_THAT(refusal("value.x[30:40]"), Contains("chooses no neuron"));
  for (const char* brackets : {"[", "[]", "[1", "[a]", "[1,]", "[-1]", "[1:2:3:4]", "[1]x", "]"}) {
    INFO(brackets);
    CHECK_FALSE(refusal(std::string("value.x") + brackets).empty());
  }
  CHECK_THAT(refusal("value.x[5:5]"), Contains("the range \"5:5\" holds nothing"));
  CHECK_THAT(refusal("value.x[::0]"), Contains("step > 0"));
}

}  // namespace test_trace_selection
