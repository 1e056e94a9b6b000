#include "sim/why/history.hpp"

#include <catch2/catch.hpp>

#include "models/templates/catalogue.hpp"
#include "sim/circuit/circuit.hpp"
#include "sim/engine/field_values.hpp"
#include "sim/netlist/netlist.hpp"
#include "tests/why/chain.hpp"

namespace test_why_history {

namespace {

using namespace locus;

const std::string netlist = chain_of_two(2, "", "inputs = [[1, 2], [3, 4]], targets = [[0], [0]]");

circuit made() { return build_circuit(read_netlist(document::from_text(netlist, "ab.toml"), all_templates())); }

}  // namespace

TEST_CASE("history: what a simulator did, tick by tick", "[why]") {
  const circuit c = made();
  const auto sim = make_simulator(c);
  history kept(c);
  CHECK(kept.extent() == window{0, 0});
  CHECK_FALSE(kept.knows(0));
  sim->observe(&kept);
  const std::vector<double> first = {1, 2, 3, 4}, second = {1, 5, 3, 4};
  std::vector<std::vector<double>> a, b;  // [tick], [neuron * lanes + lane]
  sim->clamp(0, first);
  for (tick_t t = 0; t < 12; ++t) {
    if (t == 5) sim->clamp(0, second);
    if (t == 8) sim->release(0);
    sim->advance(t + 1);
    a.push_back(field_values(*sim, {0, 0}));
    b.push_back(field_values(*sim, {1, 0}));
  }
  REQUIRE(kept.extent() == window{0, 12});
  for (tick_t t = 0; t < 12; ++t) {
    for (std::size_t n = 0; n < 2; ++n) {
      for (std::size_t lane = 0; lane < 2; ++lane) {
        CHECK(kept.value({0, 0}, n, lane, t) == a[static_cast<std::size_t>(t)][n * 2 + lane]);
        CHECK(kept.value({1, 0}, n, lane, t) == b[static_cast<std::size_t>(t)][n * 2 + lane]);
      }
    }
    CHECK(kept.synapse(0, 0, 3, 0, t) == 0.5);
  }
  // Before the run there is nothing, and it is known.
  CHECK(kept.knows(-1));
  CHECK(kept.value({0, 0}, 1, 1, -1) == 0);
  CHECK_FALSE(kept.knows(12));
  CHECK(kept.held_since(0, 4) == tick_t{0});
  CHECK(kept.held_since(0, 7) == tick_t{5});
  CHECK(kept.held_since(0, 8) == std::nullopt);
  CHECK(kept.held_since(1, 4) == std::nullopt);
  CHECK(kept.last_change({0, 0}, 0, 1, 7) == tick_t{5});
  CHECK(kept.last_change({0, 0}, 0, 0, 7) == tick_t{0});
  // Two ticks on the way, and a step.
  CHECK(kept.last_change({1, 0}, 0, 0, 2) == std::nullopt);
  CHECK(kept.last_change({1, 0}, 0, 0, 4) == tick_t{3});
  CHECK(kept.last_change_of_synapse(0, 0, 0, 0, 11) == std::nullopt);
}

TEST_CASE("history: a conclusion lasts until the next tick", "[why]") {
  const circuit c = made();
  const auto sim = make_simulator(c), other = make_simulator(c);
  history asked(c), plain(c);
  sim->observe(&asked);
  other->observe(&plain);
  for (const auto& s : {&sim, &other}) (*s)->clamp(0, std::vector<double>{1, 2, 3, 4});
  for (tick_t t = 0; t < 9; ++t) {
    if (t == 6) {
      for (const auto& s : {&sim, &other}) (*s)->release(0);
    }
    sim->advance(t + 1);
    other->advance(t + 1);
    asked.conclude(*sim);
    asked.conclude(*sim);
    CHECK(asked.extent() == window{0, t + 2});
    CHECK(asked.synapse(0, 0, 3, 0, t + 1) == 0.5);
  }
  CHECK(plain.extent() == window{0, 9});
  for (tick_t t = 0; t < 9; ++t) {
    for (std::size_t n = 0; n < 2; ++n) CHECK(asked.value({1, 0}, n, 1, t) == plain.value({1, 0}, n, 1, t));
    CHECK(asked.last_change({1, 0}, 0, 0, t) == plain.last_change({1, 0}, 0, 0, t));
    CHECK(asked.held_since(0, t) == plain.held_since(0, t));
  }
}

TEST_CASE("history: quiet stretches are one look, and the oldest ticks go first", "[why]") {
  const circuit c = made();
  const auto sim = make_simulator(c);
  history all(c);
  sim->observe(&all);
  sim->clamp(0, std::vector<double>{1, 2, 3, 4});
  sim->advance(1000);
  CHECK(all.extent() == window{0, 1000});
  CHECK(all.value({1, 0}, 0, 0, 999) == all.value({1, 0}, 0, 0, 10));
  CHECK(all.last_change({1, 0}, 0, 0, 999) == tick_t{3});

  const auto other = make_simulator(c);
  history few(c, 1);
  other->observe(&few);
  for (tick_t t = 0; t < 20; ++t) {
    other->clamp(0, std::vector<double>(4, static_cast<double>(t)));
    other->advance(t + 1);
  }
  CHECK(few.extent() == window{18, 20});
  CHECK_FALSE(few.knows(17));
  CHECK_FALSE(few.knows(-1));
  CHECK(few.last_change({0, 0}, 0, 0, 19) == tick_t{19});
  CHECK(few.last_change({0, 0}, 0, 0, 18) == std::nullopt);
}

}  // namespace test_why_history
