/// What neurons draw: the same bits on every instruction set, keyed by neuron and lane, and never skipped.

#include <catch2/catch.hpp>

#include <set>

#include "sim/engine/models.hpp"
#include "tests/circuits/circuits_testing.hpp"

namespace test_engine_noise_ports {

using namespace locus;
using namespace locus::testing;

namespace {

description noisy(std::uint32_t size, unsigned lanes, const std::string& precision = "f64", std::uint64_t seed = 1) {
  return netlist_of("[circuit]\nlanes = " + std::to_string(lanes) + "\nprecision = '" + precision +
                    "'\nnoise_seed = " + std::to_string(seed) +
                    "\n[[population]]\nname = 'a'\nmodel = 'noise'\nsize = " + std::to_string(size) +
                    "\nparams = { sigma = 0.5 }\n");
}

std::vector<std::uint64_t> states(const description& d, const simulator_options& options) {
  const circuit c = build_circuit(d);
  const auto sim = make_simulator(c, options);
  recorder seen;
  sim->observe(&seen);
  sim->advance(sim->now() + 30);
  CHECK(seen.quiet == 0);
  return seen.states;
}

}  // namespace

TEST_CASE("noise: the same draws on every instruction set, wherever the clock starts, tracking or not", "[engine]") {
  for (const char* precision : {"f32", "f64"}) {
    const description d = noisy(37, 3, precision);
    const std::vector<std::uint64_t> expected = states(d, {});
    CHECK(std::set<std::uint64_t>(expected.begin() + 1, expected.end()).size() == 29);
    for (const simd_target target : available_targets()) CHECK(states(d, {true, target, 0, false}) == expected);
    CHECK(states(d, {false, {}, 0, false}) == expected);
    const circuit c = build_circuit(d);
    const auto plain = make_simulator(c), late = make_simulator(c, {true, {}, 4711, false});
    plain->advance(30);
    late->advance(4711 + 30);
    CHECK(same_state(*plain, *late));
    CHECK(states(noisy(37, 3, precision, 2), {}) != expected);
  }
}

TEST_CASE("noise: another neuron or lane changes nobody's draws", "[engine]") {
  const circuit small = build_circuit(noisy(5, 2)), large = build_circuit(noisy(40, 7));
  const auto a = make_simulator(small), b = make_simulator(large);
  std::set<double> different;
  for (tick_t t = 1; t < 20; ++t) {
    a->advance(t);
    b->advance(t);
    for (std::size_t i = 0; i < 5; ++i) {
      for (std::size_t lane = 0; lane < 2; ++lane) {
        CHECK(a->value({0, 0}, i, lane) == b->value({0, 0}, i, lane));
        if (t > 1) different.insert(a->value({0, 0}, i, lane));
      }
    }
  }
  CHECK(different.size() == 18 * 10);
}

TEST_CASE("noise: it can be silenced, and a gate silences it", "[engine]") {
  const circuit free = build_circuit(noisy(5, 2));
  const auto silent = make_simulator(free);
  silent->advance(4);
  CHECK(silent->value({0, 0}, 3, 1) != 0);
  const auto copy = silent->clone();
  for (simulator* each : {silent.get(), copy.get()}) each->silence_noise();
  const auto silent_copy = silent->clone();
  for (simulator* each : {silent.get(), copy.get(), silent_copy.get()}) {
    each->advance(10);
    CHECK(each->value({0, 0}, 3, 1) == 0);
  }
  description gated = noisy(5, 1);
  gated.populations[0].params.push_back({"gated", true, {}});
  const circuit c = build_circuit(gated);
  const auto sim = make_simulator(c);
  sim->advance(10);
  CHECK(sim->value({0, 0}, 3, 0) == 0);
}

TEST_CASE("noise: nothing can be connected to a neuron's own noise", "[engine]") {
  description d = noisy(5, 1);
  projection_description p;
  p.name = "p";
  p.from = {"a", "rate", {}};
  p.to = {"a", "xi", {}};
  p.connect = one_to_one{};
  d.projections.push_back(p);
  CHECK_THROWS_WITH(build_circuit(d),
                    Catch::Contains("port \"xi\" of population \"a\" (model \"noise\") is the neuron's "
                                    "own noise: nothing can be connected to it"));
}

}  // namespace test_engine_noise_ports
