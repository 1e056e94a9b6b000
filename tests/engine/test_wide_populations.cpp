/// Sparse projections from and onto more neurons than two bytes can number.

#include <catch2/catch.hpp>

#include <cmath>

#include "sim/core/random.hpp"
#include "sim/engine/models.hpp"
#include "tests/engine/engine_testing.hpp"

namespace test_engine_wide_populations {

using namespace locus;
using namespace locus::testing;

namespace {

constexpr std::uint32_t many = 70'000;
constexpr std::uint32_t few = 20;
constexpr std::size_t lanes = 2;
constexpr double alpha = 0.25;

/// 70 000 neurons <-> 20 neurons, whose rates are their values: population 0 and 1, projection 0 onto the few, 1 back.
description wide_netlist() {
  return netlist_of(R"(
[circuit]
precision = "f64"
lanes     = 2

[[population]]
name   = "many"
model  = "two-compartment-value"
size   = 70000
params = { activation = "identity" }

[[population]]
name   = "few"
model  = "two-compartment-value"
size   = 20
params = { activation = "identity" }

[[projection]]
name    = "many->few"
from    = "many.rate"
to      = "few.prediction"
connect = { fixed_indegree = 12, seed = 3 }
synapse = "gated-hebbian"
post    = "few.rate"
params  = { alpha = 0.25 }
weights = { init = "uniform", scale = 1.0, seed = 1 }

[[projection]]
name    = "few->many"
from    = "few.rate"
to      = "many.prediction"
connect = { fixed_indegree = 2, seed = 4 }
synapse = "fixed"
weights = { init = "uniform", scale = 1.0, seed = 2 }
)");
}

struct wide_circuit {
  circuit net = build_circuit(wide_netlist());
  std::unique_ptr<simulator> sim;
  output_id few_b{1, 0}, many_b{0, 0};

  explicit wide_circuit(simd_target target) {
    simulator_options options;
    options.target = target;
    sim = make_simulator(net, options);
    sim->set_learning(false);
  }

  [[nodiscard]] static std::vector<double> drawn(std::uint32_t size, std::uint64_t seed) {
    const random_stream random(seed, "test", "wide");
    std::vector<double> values(size * lanes);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = 0.5 + random.uniform(i, 0);
    return values;
  }

  void run(tick_t ticks) { sim->advance(sim->now() + ticks); }

  /// What a target hears: sources in ascending order, one fused multiply-add each.
  [[nodiscard]] double heard(std::size_t projection, const std::vector<double>& weights,
                             const std::vector<double>& sent, std::size_t target, std::size_t lane) const {
    const sparse_connections& joins = net.projections[projection].connections;
    double sum = 0;
    for (std::size_t k = 0; k < joins.degree(target); ++k) {
      sum = std::fma(weights[joins.first(target) + k], sent[joins.source(target, k) * lanes + lane], sum);
    }
    return sum + 0.0;
  }
};

}  // namespace

TEST_CASE("wide populations: sparse sums and learning from 70 000 sources", "[engine]") {
  for (const simd_target target : available_targets()) {
    INFO(name_of(target));
    wide_circuit w(target);
    const sparse_connections& joins = w.net.projections[0].connections;
    CHECK(joins.slice_source().view().narrow == nullptr);
    const std::vector<double> pre = wide_circuit::drawn(many, 1);
    const std::vector<double> post = wide_circuit::drawn(few, 2);
    w.sim->clamp(0, pre);
    w.run(3);
    const std::vector<double> before = w.sim->weights(0);
    for (std::size_t i = 0; i < few; ++i) {
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        CHECK(w.sim->value(w.few_b, i, lane) == w.heard(0, before, pre, i, lane));
      }
    }
    w.sim->clamp(1, post);
    w.run(3);
    w.sim->set_learning(true);
    w.run(1);
    const std::vector<double> after = w.sim->weights(0);
    std::size_t wide = 0;
    std::size_t wrong = 0;
    std::size_t connection = 0;
    joins.each([&](std::uint32_t source, std::uint32_t to) {
      double product = 0;
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        product = std::fma(post[to * lanes + lane], pre[source * lanes + lane], product);
      }
      wrong += after[connection] != std::fma(alpha, product, before[connection]) ? 1 : 0;
      wide += source > 0xffff ? 1 : 0;
      ++connection;
    });
    CHECK(wrong == 0);
    CHECK(wide > 0);  // about 15 of 240
  }
}

TEST_CASE("wide populations: a few sources push onto 70 000 targets", "[engine]") {
  for (const simd_target target : available_targets()) {
    INFO(name_of(target));
    wide_circuit w(target);
    const std::uint64_t before = w.sim->memory();
    std::vector<double> sent(few * lanes);
    for (std::uint64_t round = 1; round <= 8; ++round) {  // so often that the list by source is made
      for (const std::size_t source : std::vector<std::size_t>{3, 17}) {
        for (std::size_t lane = 0; lane < lanes; ++lane) {
          sent[source * lanes + lane] = 0.1 * static_cast<double>(round + source + lane);
        }
      }
      w.sim->clamp(1, sent);
      w.run(2);
    }
    CHECK(w.sim->memory() > before);
    std::size_t wrong = 0;
    std::size_t reached = 0;
    const std::vector<double> weights = w.sim->weights(1);
    for (std::size_t i = 0; i < many; ++i) {
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double sum = w.heard(1, weights, sent, i, lane);
        wrong += w.sim->value(w.many_b, i, lane) != sum ? 1 : 0;
        reached += i > 0xffff && sum != 0 ? 1 : 0;
      }
    }
    CHECK(wrong == 0);
    CHECK(reached > 0);  // about a fifth of 2 x 4464
  }
}

}  // namespace test_engine_wide_populations
