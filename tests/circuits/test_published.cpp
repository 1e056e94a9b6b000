/// Circuits without a template against the published algorithms as NumPy computes them (published/make.py), update by
/// update, and predictive coding with variances against backpropagation, to which it goes as the output's variance
/// grows.

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <tuple>

#include "models/templates/catalogue.hpp"
#include "sim/data/data_set.hpp"
#include "sim/netlist/weights_file.hpp"
#include "tests/circuits/circuits_testing.hpp"
#include "tests/project_file.hpp"

namespace test_circuits_published {

using namespace locus;
using namespace locus::testing;

namespace {

constexpr std::uint32_t lanes = 4, updates = 5;
using overrides = std::vector<std::string>;

std::string oracle() { return project_file("tests/circuits/published/published.h5"); }

description shipped(const std::string& name, overrides all, const std::string& data) {
  for (const std::string& each :
       {std::string("circuit.precision=f64"), fmt::format("circuit.lanes={}", lanes),
        fmt::format("stimuli.data={{ inputs = 'hdf5:{}:{}/inputs', targets = 'hdf5:{}:{}/targets' }}", oracle(), data,
                    oracle(), data)})
    all.push_back(each);
  return read_netlist(document::from_file(project_file("netlists/" + name + ".toml"), all), all_templates());
}

overrides sizes(const std::vector<std::pair<std::string, int>>& populations) {
  overrides all;
  for (const auto& [name, size] : populations) all.push_back(fmt::format("population.{}.size={}", name, size));
  return all;
}

overrides with(overrides all, const std::vector<std::string>& projections, const std::string& key, double value) {
  for (const std::string& each : projections)
    all.push_back(fmt::format("projection.{}.params.{}={}", each, key, value));
  return all;
}

/// Before each update the circuit, at rest at 0, is given the weights that the algorithm had; the largest difference
/// after it, over all learning projections and updates, over the largest change of that projection's weights.
double worst_difference(const description& netlist, const std::string& name,
                        const std::vector<std::string>& projections, const presentation_times& times) {
  const data_set data = load_data(netlist.data);
  double worst = 0;
  for (std::uint32_t n = 0; n < updates; ++n) {
    rig r(netlist, data);
    const auto stored = [&](std::uint32_t update, const std::string& of) {
      return read_weights(oracle(), fmt::format("{}/{}/{}", name, update, of)).values;
    };
    for (const projection& each : r.net.projections) {
      if (each.synapse != nullptr) r.sim->set_weights(r.projection(each.name), stored(n, each.name));
    }
    r.world.teach(std::vector<std::uint32_t>{lanes * n, lanes * n + 1, lanes * n + 2, lanes * n + 3}, times);
    for (const std::string& each : projections) {
      const row before = stored(n, each), expected = stored(n + 1, each);
      const double change = largest_difference(before, expected);
      INFO(name << " " << each << ", update " << n);
      CHECK(change > 1e-5);
      worst = std::fmax(worst, largest_difference(r.sim->weights(r.projection(each)), expected) / change);
    }
  }
  return worst;
}

const std::vector<std::string> layered = {"hidden1.forward", "hidden1.bias", "output.forward", "output.bias",
                                          "hidden1.feedback"};
const std::vector<std::string> energetic = {"hidden.forward", "output.forward", "hidden.feedback", "hidden.bias",
                                            "output.bias"};

overrides small_layers(double hidden, double output, double alpha) {
  overrides all =
      sizes({{"input.value", 6}, {"hidden1.value", 5}, {"hidden1.error", 5}, {"output.value", 3}, {"output.error", 3}});
  all.push_back(fmt::format("population.hidden1.error.params={{ variance = {} }}", hidden));
  all.push_back(fmt::format("population.output.error.params={{ variance = {} }}", output));
  return with(all, layered, "alpha", alpha);
}

overrides small_energy(double hidden, double output) {
  overrides all = sizes({{"input", 6}, {"hidden", 5}, {"output", 3}, {"label", 3}});
  all = with(all, {"hidden.forward", "hidden.bias"}, "alpha", hidden);
  return with(all, {"output.forward", "hidden.feedback", "output.bias"}, "alpha", output);
}

}  // namespace

// ---- Whittington and Bogacz 2017 ----

TEST_CASE("predictive coding with variances learns what Whittington and Bogacz's program learns", "[circuits]") {
  // Rounding: a prediction is a sum of at most 7 products below 1 (7 x 1.1e-16); 50 steps of 0.1 contract towards the
  // fixed point, and add up at most 5 of those. Against changes of 1e-5 and more, times the rate of 0.05 x variance and
  // 4 samples: below 1e-9. A wrong term would be off by more than 1e-3.
  for (const auto& [name, hidden, output] :
       {std::tuple{"variances/equal", 1.0, 1.0}, std::tuple{"variances/different", 2.0, 10.0}}) {
    const description netlist = shipped("digits-variances", small_layers(hidden, output, 0.2 * output / lanes), name);
    CHECK(worst_difference(netlist, name, layered, {4, 51, 0}) < 1e-9);
  }
}

TEST_CASE("predictive coding comes to backpropagation as one over the variance of the output", "[circuits]") {
  // At the fixed point x = mu + eps, eps = f'(x) theta' eps_out, and S eps_out = target - mu_out: values are off by
  // 1 / S, so that S eps is backpropagation's delta but for terms of that order. 400 ticks leave 0.9^400 of the way.
  const auto apart = [](double variance) {
    overrides all = small_layers(1, variance, variance);
    for (const char* each : {"stimulus[3].onset=400", "stimuli.teach=401"}) all.emplace_back(each);
    const std::string name = "variances/equal";
    const description netlist = shipped("digits-variances", all, name);
    const data_set data = load_data(netlist.data);
    rig r(netlist, data);
    for (const std::string& each : layered)
      r.sim->set_weights(r.projection(each), read_weights(oracle(), name + "/0/" + each).values);
    const dense_weights w1 = weights_of(*r.sim, "hidden1.forward"), w2 = weights_of(*r.sim, "output.forward");
    const row b1 = r.sim->weights(r.projection("hidden1.bias")), b2 = r.sim->weights(r.projection("output.bias"));
    r.world.teach(std::vector<std::uint32_t>{0, 1, 2, 3}, {4, 401, 0});
    row expected1(w1.values.size()), expected2(w2.values.size());
    for (std::uint32_t sample = 0; sample < lanes; ++sample) {
      row input(6), target(3);
      data.train.input.copy_row(sample, input);
      data.train.target.copy_row(sample, target);
      row rate = w1.times(input), slope(5), delta = w2.times(row(5));
      for (std::size_t i = 0; i < 5; ++i) {
        rate[i] = std::tanh(rate[i] + b1[i]);
        slope[i] = 1 - rate[i] * rate[i];
      }
      const row answer = w2.times(rate);
      for (std::size_t k = 0; k < 3; ++k) delta[k] = target[k] - answer[k] - b2[k];
      const row back = w2.transposed().times(delta);
      for (std::size_t i = 0; i < 5; ++i) {
        for (std::size_t j = 0; j < 6; ++j) expected1[i * 6 + j] += slope[i] * back[i] * input[j];
        for (std::size_t k = 0; k < 3; ++k) expected2[k * 5 + i] += delta[k] * rate[i];
      }
    }
    const auto off = [&](const std::string& projection, const dense_weights& before, const row& expected) {
      row change = r.sim->weights(r.projection(projection));
      for (std::size_t n = 0; n < change.size(); ++n) change[n] -= before.values[n];
      return largest_difference(change, expected) / largest(expected);
    };
    return std::max(off("hidden1.forward", w1, expected1), off("output.forward", w2, expected2));
  };
  const double hundred = apart(1e2), thousand = apart(1e3), ten_thousand = apart(1e4);
  INFO(hundred << " " << thousand << " " << ten_thousand);
  CHECK(hundred < 0.1);
  // The next term is 1 / S^2: of the first it is at most a part of 10 / S.
  CHECK(hundred / thousand == Approx(10).epsilon(0.1));
  CHECK(thousand / ten_thousand == Approx(10).epsilon(0.01));
}

// ---- Scellier and Bengio 2017 ----

TEST_CASE("equilibrium propagation learns what Scellier and Bengio's program learns, with either sign of beta",
          "[circuits]") {
  // Units stay in [0, 1], sums have at most 10 terms, and 58 steps of 0.5 add up rounding errors of 1e-15, which
  // weights below 1 may carry on ten times: 1e-13 in products that differ by 1e-4 and more, before they are divided by
  // beta.
  for (const auto& [name, side] : {std::pair{"energy/towards", 1}, std::pair{"energy/away", -1}}) {
    // Their cost has no 1/2: beta is twice theirs. Their rates are 0.1 and 0.05, for means over the batch.
    overrides all = small_energy(0.1 / (0.25 * lanes), 0.05 / (0.25 * lanes));
    all.emplace_back("population.nudge.params.random_sign=false");
    all.push_back(fmt::format("stimulus[2].value={}", -side));
    all.push_back(fmt::format("stimulus[3].value={}", side * 0.5));
    all.push_back(fmt::format("stimulus[4].value={}", side));
    CHECK(worst_difference(shipped("equilibrium-propagation", all, name), name, energetic, {50, 9, 0}) < 1e-8);
  }
}

TEST_CASE("equilibrium propagation with both signs compares two nudged phases that begin with the same state",
          "[circuits]") {
  const std::string name = "energy/both";
  const overrides all = small_energy(0.1 / (0.5 * lanes), 0.05 / (0.5 * lanes));
  CHECK(worst_difference(shipped("equilibrium-propagation-symmetric", all, name), name, energetic, {50, 18, 0}) < 1e-8);
}

// ---- Almeida 1987, Pineda 1987 ----

TEST_CASE("recurrent backpropagation learns the gradient at the fixed point, which NumPy gets from a linear system",
          "[circuits]") {
  overrides all = small_energy(0.1 / lanes, 0.05 / lanes);
  for (const char* each : {"stimulus[3].onset=2000", "stimuli.predict=2000", "stimuli.teach=2001"})
    all.emplace_back(each);
  const std::string name = "energy/gradient";
  CHECK(worst_difference(shipped("recurrent-backpropagation", all, name), name, energetic, {2000, 2001, 0}) < 1e-9);
}

// ---- Sacramento et al. 2018 ----

TEST_CASE("the dendritic microcircuit is the published equations by Euler steps, with random and with learned W_down",
          "[circuits]") {
  // 80 steps, in which potentials contract and weights integrate, each with sums of at most 10 terms below 2 (2e-15):
  // 80 x 2e-15 x 0.03 x 4 in weights, over changes of 1e-4 and more: below 1e-9.
  const std::vector<std::string> learning = {"hidden.up", "output.up", "hidden.inhibition", "hidden.lateral"};
  for (const auto& [name, onset] :
       {std::pair{"dendritic/random", -30}, std::pair{"dendritic/learned", -30}, std::pair{"dendritic/lag", 20}}) {
    overrides all =
        sizes({{"input", 6}, {"hidden.pyramidal", 5}, {"hidden.interneuron", 3}, {"output", 3}, {"label", 3}});
    all = with(all, {"hidden.up", "output.up"}, "eta", 0.02);
    all = with(all, {"hidden.inhibition", "hidden.lateral"}, "eta", 0.03);
    for (const std::string& each :
         {std::string("stimuli.predict=30"), std::string("stimuli.teach=50"),
          fmt::format("stimulus[2].onset={}", onset), fmt::format("stimulus[2].ticks={}", 50 - onset)})
      all.push_back(each);
    std::vector<std::string> projections = learning;
    if (name == std::string("dendritic/learned")) {
      projections.emplace_back("hidden.down");
      for (const char* each : {"synapse=dendritic-hebbian", "post=hidden.pyramidal.unknown", "gate=plasticity.signal",
                               "gate_at=everywhere", "params={ eta = 0.01, tau = 120 }"})
        all.push_back(std::string("projection.hidden.down.") + each);
    }
    CHECK(worst_difference(shipped("dendritic-teacher", all, name), name, projections, {30, 50, 0}) < 1e-9);
  }
}

}  // namespace test_circuits_published
