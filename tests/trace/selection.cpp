#include "sim/trace/selection.hpp"

#include <catch2/catch.hpp>

#include "tests/trace/fake_simulator.hpp"
#include "tests/trace/stored.hpp"

namespace {

using namespace locus;
using namespace locus::test;
using Catch::Contains;

struct selecting {
  fake_models models;
  circuit c = fake_circuit(models, "f64", 1);

  std::vector<std::string> names(std::vector<std::string> record) {
    const trace_selection chosen = select_recorded(c, recording("x.h5", std::move(record)));
    std::vector<std::string> all;
    for (const output_id f : chosen.fields) all.push_back(c.name_of(f));
    for (const std::size_t p : chosen.projections) all.push_back(c.projections[p].name + ".theta");
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

TEST_CASE_METHOD(selecting, "the order of the patterns does not matter, and nothing is recorded twice") {
  REQUIRE(names({"theta", "x", "value.x", "phi.spike"}) == names({"phi.spike", "x", "theta"}));
}

TEST_CASE_METHOD(selecting, "all variables can be recorded, hidden ones too, but links have no weights") {
  REQUIRE(recordable_names(c) == std::vector<std::string>{"input.value.x", "input.value.count", "hidden1.value.x",
                                                          "hidden1.value.count", "hidden1.phi.spike",
                                                          "hidden1.forward.theta", "hidden1.some.theta"});
  REQUIRE(names({"count"}).size() == 2);
}

TEST_CASE_METHOD(selecting, "a pattern that matches nothing is refused, with the nearest name and all names") {
  const std::string message = message_of<usage_error>([&] { names({"value.x", "valeu.x"}); });
  REQUIRE_THAT(message, Contains("net.toml:7:1: trace: nothing is called \"valeu.x\": did you mean \"value.x\"?"));
  REQUIRE_THAT(message, Contains("(known: value.x, value.count, phi.spike, forward.theta, some.theta, input.value.x"));
  // A full name that ends with the end of another one is not matched by chance.
  REQUIRE_THAT(message_of<usage_error>([&] { names({"alue.x"}); }), Contains("nothing is called \"alue.x\""));
}
