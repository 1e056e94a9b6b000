#include "sim/why/explainer.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "models/templates/catalogue.hpp"
#include "sim/core/errors.hpp"
#include "sim/netlist/netlist.hpp"
#include "tests/why/chain.hpp"

namespace test_why_explainer {

namespace {

using Catch::Contains;
using namespace locus;

const std::string chain = chain_of_two(1, "activation = \"identity\"", "inputs = [[1, 2]], targets = [[0]]");

/// A circuit whose history is filled by hand or by a run.
struct watched {
  description netlist = read_netlist(document::from_text(chain, "chain.toml"), all_templates());
  data_set data = load_data(netlist.data);
  circuit c = build_circuit(netlist);
  std::unique_ptr<simulator> sim = make_simulator(c);
  history kept{c};
  locality near{c, netlist, data};
  std::vector<kept_presentation> presented = {{0, 0, 1, {0}, {-1}}};
  explanation_world world{kept, near, presented, {}};

  watched() { sim->observe(&kept); }
};

}  // namespace

TEST_CASE("explain: the message that changed most, back to the stimulus", "[why]") {
  watched w;
  w.sim->clamp(0, std::vector<double>{1, 2});
  w.sim->advance(6);
  w.sim->clamp(0, std::vector<double>{1.25, 4});
  w.sim->advance(12);
  const asked_event e = read_event(w.c, "b.x[1]@9");
  REQUIRE(happened(w.kept, e, 0));
  CHECK_FALSE(happened(w.kept, read_event(w.c, "b.x[1]@8"), 0));
  const explanation told = explain(w.world, e, std::nullopt, {});
  REQUIRE(told.steps.size() == 4);
  const explanation_step& message = told.steps[1];
  CHECK(told.steps[0].entity == "b[1].x");
  CHECK(told.steps[0].before == 1.5);
  CHECK(told.steps[0].value == 2.625);
  CHECK(message.kind == cause_kind::message);
  CHECK(message.from == "a[1].rate");
  CHECK(message.tick == 8);
  CHECK(message.before == 1.0);
  CHECK(message.value == 2.0);
  CHECK(message.local == true);
  CHECK_THAT(message.text, Contains("2 ticks before") && Contains("of 2 messages that changed there"));
  CHECK(told.steps[2].tick == 6);
  CHECK(told.steps[3].kind == cause_kind::stimulus);
  CHECK_THAT(told.steps[3].text, Contains("(input) since tick 6: sample 0, column 1"));

  // Another hand than the netlist's is called so.
  w.world.by_hand = [](std::size_t population, tick_t on) { return population == 0 && on == 6; };
  const explanation interfered = explain(w.world, e, std::nullopt, {});
  CHECK(interfered.steps[3].text == "clamped by hand since tick 6");
  w.world.by_hand = {};

  // Every branch: both messages.
  const explanation all = explain(w.world, e, std::nullopt, {.all = true});
  CHECK(std::count_if(all.steps.begin(), all.steps.end(),
                      [](const explanation_step& s) { return s.kind == cause_kind::message; }) == 2);
  const explanation cut = explain(w.world, e, std::nullopt, {.all = true, .most = 2});
  CHECK(cut.steps.size() == 2);
  CHECK(cut.more);
}

TEST_CASE("explain: what is let go, and what is set from outside", "[why]") {
  watched w;
  w.sim->clamp(0, std::vector<double>{1, 2});
  w.sim->advance(6);
  w.sim->release(0);
  w.sim->advance(8);
  w.sim->perturb({1, 0}, 0, 0, 7.5);
  w.sim->advance(10);
  // Nothing arrives at `a` any more: it takes its prediction, 0.
  const explanation gone = explain(w.world, read_event(w.c, "a.x[1]@6"), std::nullopt, {});
  CHECK(gone.steps.back().kind == cause_kind::stimulus);
  CHECK_THAT(gone.steps.back().text, Contains("let go"));
  const explanation set = explain(w.world, read_event(w.c, "b.b[0]@8"), std::nullopt, {});
  CHECK(set.steps[0].value == 7.5);
  CHECK_THAT(set.steps[1].text, Contains("set from outside: its rule gives"));
}

TEST_CASE("explain: what is no longer kept is said", "[why]") {
  watched w;
  history few(w.c, 1);
  w.sim->observe(&few);
  w.sim->clamp(0, std::vector<double>{1, 2});
  w.sim->advance(6);
  w.sim->clamp(0, std::vector<double>{3, 4});
  w.sim->advance(10);
  const window kept = few.extent();
  REQUIRE(kept.first > 0);
  const explanation_world world{few, w.near, w.presented, {}};
  const asked_event e = read_event(w.c, "b.x[1]@9");
  REQUIRE(happened(few, e, 0));
  const explanation told = explain(world, e, std::nullopt, {});
  CHECK(told.steps.back().kind == cause_kind::initial);
  CHECK_THAT(told.steps.back().text, Contains("nothing is kept of what was before"));
}

TEST_CASE("event: names", "[why]") {
  const watched w;
  const asked_event synapse = read_event(w.c, "ab[1][0]@3");
  CHECK(synapse.synapse);
  CHECK(synapse.index == 2);
  CHECK(synapse.tick == 3);
  CHECK(name_of_synapse(w.c, 0, 0, 2) == "ab[1][0].theta");
  CHECK(name_of_field(w.c, {1, 2}, 1) == "b[1].x");
  CHECK_FALSE(read_event(w.c, "b[1]@0").field.has_value());
  CHECK_THROWS_WITH(read_event(w.c, "b.y[1]@0"), Contains("no population, projection or variable \"b.y\""));
  CHECK_THROWS_WITH(read_event(w.c, "b[2]@0"), Contains("0 to 1"));
  CHECK_THROWS_WITH(read_event(w.c, "b[0]"), Contains("say in which tick"));
  CHECK_THROWS_WITH(read_event(w.c, "b[0]@-1"), Contains("the tick \"-1\""));
  CHECK_THROWS_WITH(read_event(w.c, "b[0]@99999999999999999999"), Contains("the tick"));
  CHECK_THROWS_AS(read_event(w.c, "ab[0]@1"), usage_error);
  CHECK_THROWS_AS(read_event(w.c, "@1"), usage_error);
  CHECK_THROWS_AS(read_event(w.c, "b[@1"), usage_error);
}

}  // namespace test_why_explainer
