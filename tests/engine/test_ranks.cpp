#include <algorithm>
#include <array>
#include <catch2/catch.hpp>

#include "sim/circuit/census.hpp"
#include "sim/core/errors.hpp"
#include "tests/engine/engine_testing.hpp"
#include "tests/engine/thread_ranks.hpp"

namespace test_engine_ranks {

using namespace locus;
using namespace locus::testing;

namespace {

archive_memory saved(simulator& s) {
  archive_memory state;
  archive to = archive::writer(state);
  s.serialize(to);
  return state;
}

void load(const archive_memory& state, simulator& s) {
  archive from = archive::reader(state);
  s.serialize(from);
}

/// What two states do not have in common; "" if they are the same bytes.
std::string difference(const archive_memory& a, const archive_memory& b) {
  std::string paths;
  for (const auto& [path, entry] : a.entries) {
    const auto found = b.entries.find(path);
    if (found == b.entries.end() || found->second.bytes != entry.bytes || found->second.shape != entry.shape)
      paths += path + " ";
  }
  if (a.entries.size() != b.entries.size()) paths += "(other parts)";
  return paths;
}

/// A circuit that some ranks run.
struct joint_rig {
  joint_rig(std::size_t ranks, const description& d, const data_set& data, simulator_options options = {})
      : others(ranks, d, options), r(d, data, with(options)) {}

  simulator_options with(simulator_options options) {
    options.ranks = &others.group();
    options.all_connections = false;
    return options;
  }

  thread_ranks others;
  rig r;
};

/// Several panels in the first hidden layer of every third.
short_form form_of(std::uint64_t which) {
  short_form form = random_form(which);
  if (which % 3 == 0) form.layers[1] = 70;
  return form;
}

/// The circuit of a form. In every second, forward connections are sparse, and a rank knows those of its own neurons.
description netlist_of(short_form form, std::uint64_t which) {
  if (which % 2 == 1) form.feedback_weights = "fixed-random";
  description d = form.read();
  for (projection_description& p : d.projections) {
    if (which % 2 == 1 && p.name.ends_with("forward")) p.connect = connection_probability{0.4, which};
  }
  return d;
}

/// 200-333-10 in three lanes, whose hidden neurons hear 60 inputs each.
description sparse_netlist() {
  short_form form;
  form.layers = {200, 333, 10};
  form.lanes = 3;
  form.feedback_weights = "fixed-random";
  description netlist = form.read();
  for (projection_description& p : netlist.projections) {
    if (p.name.ends_with("forward")) p.connect = fixed_indegree{.degree = 60, .seed = 3};
  }
  return netlist;
}

}  // namespace

TEST_CASE("ranks: any number of them computes the same bits, counts and state", "[engine]") {
  std::uint64_t whole = 0;
  for (std::uint64_t which = 0; which < 40; ++which) {
    const short_form form = form_of(which);
    INFO("circuit " << which << "\n" << form.text());
    const data_set data = data_for(form, which);
    const description netlist = netlist_of(form, which);
    rig alone(netlist, data);
    recorder expected;
    alone.sim->observe(&expected);
    const bool finished = teach_jittered(alone, form, which, 0, 3);
    whole += finished ? 1 : 0;
    const std::size_t ranks = std::array<std::size_t, 4>{2, 3, 4, 7}[which % 4];
    INFO(ranks << " ranks");
    simulator_options options;
    options.threads = 1 + which % 2;
    options.track_activity = which % 5 != 4;
    joint_rig joint(ranks, netlist, data, options);
    recorder found;
    joint.r.sim->observe(&found);
    REQUIRE(teach_jittered(joint.r, form, which, 0, 3) == finished);
    REQUIRE(first_difference(expected, found) == -1);
    if (!finished) continue;
    REQUIRE(joint.r.sim->counters() == alone.sim->counters());
    REQUIRE(joint.r.sim->now() == alone.sim->now());
    if (options.track_activity) REQUIRE(difference(saved(*joint.r.sim), saved(*alone.sim)) == "");
  }
  CHECK(whole > 20);
}

TEST_CASE("ranks: a state goes on with any other number of them, and a clone with the same", "[engine]") {
  for (const std::uint64_t which : {0u, 3u, 6u, 11u, 12u, 15u}) {
    const short_form form = form_of(which);
    INFO("circuit " << which << "\n" << form.text());
    const data_set data = data_for(form, which);
    const description netlist = netlist_of(form, which);
    rig alone(netlist, data);
    if (!teach_jittered(alone, form, which, 0, 2)) continue;
    const archive_memory state = saved(*alone.sim);
    joint_rig three(3, netlist, data), two(2, netlist, data);
    load(state, *three.r.sim);
    load(saved(*three.r.sim), *two.r.sim);
    const std::unique_ptr<simulator> copy = two.r.sim->clone();
    rig again(netlist, data);
    load(saved(*two.r.sim), *again.sim);
    const bool finished = teach_jittered(alone, form, which, 2, 4);
    for (rig* each : {&three.r, &two.r, &again}) {
      REQUIRE(teach_jittered(*each, form, which, 2, 4) == finished);
      REQUIRE(same_state(*each->sim, *alone.sim));
      REQUIRE(each->sim->counters() == alone.sim->counters());
    }
    REQUIRE(difference(saved(*copy), state) == "");
  }
}

TEST_CASE("ranks: sparse weights that changed in the last tick are counted after loading", "[engine]") {
  const description netlist = sparse_netlist();
  const data_set data = drawn_data(200, 10, 30, 1);
  const auto teach = [](rig& r, std::uint32_t first) {
    r.world.teach(std::vector<std::uint32_t>{first, first + 1, first + 2},
                  {6, 2, 0});  // hidden1 learns in the last tick
  };
  rig alone(netlist, data);
  teach(alone, 0);
  const archive_memory state = saved(*alone.sim);
  const auto changed = std::ranges::find_if(
      state.entries, [](const auto& each) { return each.first.ends_with("hidden1.forward/changed_entries"); });
  REQUIRE(changed != state.entries.end());
  REQUIRE(std::ranges::any_of(changed->second.bytes, [](auto byte) { return byte != decltype(byte){}; }));
  teach(alone, 3);
  for (const std::size_t ranks : {2u, 3u}) {
    INFO(ranks << " ranks");
    joint_rig joint(ranks, netlist, data);
    load(state, *joint.r.sim);
    REQUIRE(difference(saved(*joint.r.sim), state) == "");
    teach(joint.r, 3);
    CHECK(joint.r.sim->counters() == alone.sim->counters());
  }
}

TEST_CASE("ranks: a rank holds and tells what is predicted of it", "[engine]") {
  const description netlist = sparse_netlist();
  const data_set data = drawn_data(200, 10, 30, 1);
  const circuit whole = build_circuit(netlist);
  for (const std::size_t ranks : {2u, 4u}) {
    INFO(ranks << " ranks");
    joint_rig joint(ranks, netlist, data);
    const std::size_t forward = joint.r.projection("hidden1.forward");
    const sparse_connections& kept = joint.r.net.projections[forward].connections;
    const sparse_connections& all = whole.projections[forward].connections;
    CHECK(whole.kept_in_part(forward));
    CHECK(kept.size() == all.size());
    CHECK(kept.entries() <= all.entries() / ranks + 60);
    CHECK(kept.counts().entries == all.entries());
    const census n = take_census(whole, ranks);
    CHECK(n.ranks[0].memory.total() == joint.r.sim->memory());
    const std::uint64_t before = joint.others.group().told;
    joint.r.sim->advance(1);  // in its first tick, everything counts as changed
    std::uint64_t learning = 0;
    for (const projection& p : whole.projections) learning += p.learns() ? 1 : 0;
    const std::uint64_t outcome = sizeof(activity) + sizeof(bool) + learning;
    CHECK(joint.others.group().told - before == n.ranks[0].told + outcome);
  }
}

TEST_CASE("ranks: what is done to a circuit is done on all of them", "[engine]") {
  short_form form;
  form.layers = {20, 40, 18};
  form.lanes = 2;
  const data_set data = data_for(form, 1);
  rig alone(form.read(), data);
  joint_rig joint(3, form.read(), data);
  const auto both = [&](auto&& act) {
    act(*alone.sim);
    act(*joint.r.sim);
    REQUIRE(same_state(*alone.sim, *joint.r.sim));
  };
  const output_id x = alone.output("hidden1.value", "x");
  const std::size_t forward = alone.projection("hidden1.forward");
  REQUIRE(teach_jittered(alone, form, 1, 0, 1));
  REQUIRE(teach_jittered(joint.r, form, 1, 0, 1));
  both([&](simulator& s) {
    s.perturb(x, 37, 1, 0.25);
    s.advance(s.now() + 3);
  });
  both([&](simulator& s) {
    std::vector<double> weights = s.weights(forward);
    for (double& w : weights) w += 0.125;
    s.set_weights(forward, weights);
    s.advance(s.now() + 2);
  });
  both([&](simulator& s) {
    s.set_learning(false);
    s.clamp(x.population, std::vector<double>(40 * 2, 0.5));
    s.advance(s.now() + 2);
    s.release(x.population);
    s.set_learning(true);
    s.advance(s.now() + 2);
  });
  rig fresh(form.read(), data);
  joint_rig fresh_joint(3, form.read(), data);
  fresh.sim->take_synapses(*alone.sim);
  REQUIRE(fresh.sim->weights(forward) == alone.sim->weights(forward));
}

TEST_CASE("ranks: an observer's exception and numbers that are none end a tick for all", "[engine]") {
  struct refusing : tick_observer {
    void on_tick(tick_t tick, const simulator&) override {
      if (tick == 0) throw run_error("enough");
    }
    void on_quiet(tick_t, tick_t, const simulator&) override {}
  };
  short_form form;
  form.layers = {20, 40, 18};
  const data_set data = data_for(form, 1);
  joint_rig joint(3, form.read(), data);
  refusing observer;
  joint.r.sim->observe(&observer);
  REQUIRE_THROWS_AS(joint.r.sim->advance(10), run_error);
  REQUIRE_THROWS_AS(joint.r.sim->weights(0), run_error);

  rig alone(form.read(), data);
  joint_rig other(3, form.read(), data);
  std::vector<std::string> said;
  for (simulator* s : {alone.sim.get(), other.r.sim.get()}) {
    std::vector<double> weights = s->weights(alone.projection("hidden1.forward"));
    weights[35 * 20 + 3] = 1e308;
    weights[35 * 20 + 4] = 1e308;
    s->set_weights(alone.projection("hidden1.forward"), weights);
    s->clamp(*alone.net.find_population("input.value"), std::vector<double>(20, 1e10));
    try {
      s->advance(20);
      said.emplace_back("no");
    } catch (const nonfinite_error& e) {
      said.emplace_back(e.what());
    }
  }
  REQUIRE(said[0] != "no");
  REQUIRE(said[0] == said[1]);
}

}  // namespace test_engine_ranks
