/// Circuits whose models stand in their netlist: equilibrium propagation (Scellier and Bengio 2017) against plain loops
/// and the gradient, the dendritic microcircuit (Sacramento et al. 2018) against its invariants.

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cmath>

#include "models/templates/catalogue.hpp"
#include "sim/core/functions.hpp"
#include "sim/data/order.hpp"
#include "tests/circuits/circuits_testing.hpp"
#include "tests/project_file.hpp"

namespace test_circuits_as_text {

using namespace locus;
using namespace locus::testing;

namespace {

description shipped(const std::string& name, const std::vector<std::string>& overrides) {
  return read_netlist(document::from_file(project_file("netlists/" + name + ".toml"), overrides), all_templates());
}

row row_of(const number_table& table, std::uint32_t which) {
  row out(table.columns());
  table.copy_row(which, out);
  return out;
}

// ---- equilibrium propagation ----

const std::vector<std::string> small_energy = {"circuit.precision=f64",    "circuit.lanes=2",
                                               "population.input.size=5",  "population.hidden.size=4",
                                               "population.output.size=3", "population.label.size=3"};

double clip01(double x) { return std::min(std::max(x, 0.0), 1.0); }

/// The rule of Scellier and Bengio for one hidden layer, in plain loops, one state for each lane.
struct energy_network {
  static constexpr std::size_t lanes = 2;
  dense_weights w1, w2;  ///< [post][pre]; the feedback is w2 used backwards
  row b1, b2;
  struct lane_state {
    row input, label, h, y, h_drive, y_drive;
    double beta = 0;
    double side = 0;  ///< sign of beta in this presentation, as the circuit drew it
  };
  std::vector<lane_state> lane{lanes};
  std::vector<row> free = std::vector<row>(4);  ///< minus the products of w1, w2, b1, b2 at the end of the free phase

  void tick(int t) {
    for (lane_state& s : lane) {
      for (std::size_t i = 0; i < s.h.size(); ++i)
        s.h[i] = clip01(s.h[i] + 0.5 * (s.h_drive[i] - s.h[i] + 0 * (0 - s.h[i])));
      for (std::size_t i = 0; i < s.y.size(); ++i)
        s.y[i] = clip01(s.y[i] + 0.5 * (s.y_drive[i] - s.y[i] + s.beta * (s.label[i] - s.y[i])));
      s.beta = t >= 50 && t < 58 ? s.side * 0.5 : 0;
      for (std::size_t i = 0; i < s.h.size(); ++i) {
        double sum = 0;
        for (std::size_t j = 0; j < s.input.size(); ++j) sum = std::fma(w1.at(i, j), s.input[j], sum);
        for (std::size_t k = 0; k < s.y.size(); ++k) sum = std::fma(w2.at(k, i), s.y[k], sum);
        s.h_drive[i] = std::fma(b1[i], 1.0, sum);
      }
      for (std::size_t i = 0; i < s.y.size(); ++i) {
        double sum = 0;
        for (std::size_t j = 0; j < s.h.size(); ++j) sum = std::fma(w2.at(i, j), s.h[j], sum);
        s.y_drive[i] = std::fma(b2[i], 1.0, sum);
      }
    }
    if (t == 50) contrast(-1);
    if (t == 58) contrast(1);
  }

  /// Products of the two ends, added up over lanes; in the nudged phase weights change by what they have become.
  void contrast(double phase) {
    const auto each = [&](row& weights, row& kept, std::size_t columns, double alpha, auto&& pre, auto&& post) {
      kept.resize(weights.size());
      for (std::size_t n = 0; n < weights.size(); ++n) {
        double sum = 0;
        for (const lane_state& s : lane)
          sum = std::fma(s.side * phase * post(s)[n / columns], pre(s, n % columns), sum);
        const double change = kept[n] + sum;
        kept[n] = phase > 0 ? 0 : change;
        if (phase > 0) weights[n] += alpha * change;
      }
    };
    const auto h = [](const lane_state& s) -> const row& { return s.h; };
    const auto y = [](const lane_state& s) -> const row& { return s.y; };
    const auto one = [](const lane_state&, std::size_t) { return 1.0; };
    each(
        w1.values, free[0], w1.columns, 0.02, [](const lane_state& s, std::size_t j) { return s.input[j]; }, h);
    each(
        w2.values, free[1], w2.columns, 0.01, [](const lane_state& s, std::size_t j) { return s.h[j]; }, y);
    each(b1, free[2], 1, 0.02, one, h);
    each(b2, free[3], 1, 0.01, one, y);
  }
};

double loss_at_rest(rig& r, std::uint32_t sample) {
  r.world.show(r.data.train, std::vector<std::uint32_t>{sample}, 400);
  const row y = field_of(*r.sim, "output", "x");
  const row wanted = row_of(r.data.train.target, sample);
  double loss = 0;
  for (std::size_t i = 0; i < y.size(); ++i) loss += (wanted[i] - y[i]) * (wanted[i] - y[i]) / 2;
  return loss;
}

}  // namespace

TEST_CASE("equilibrium propagation is its plain loops, bit for bit, and forward and feedback weights stay equal",
          "[circuits]") {
  rig r(shipped("equilibrium-propagation", small_energy), drawn_data(5, 3, 20, 4));
  const output_id side = r.output("nudge", "side");
  std::array<int, 3> signs = {};  // of both lanes together: -2, 0, 2
  energy_network by_hand;
  by_hand.w1 = weights_of(*r.sim, "hidden.forward");
  by_hand.w2 = weights_of(*r.sim, "output.forward");
  by_hand.b1.assign(4, 0.5);
  by_hand.b2.assign(3, 0.2);
  for (auto& s : by_hand.lane) {
    s.label = s.y = s.y_drive = row(3);
    s.h = s.h_drive = row(4);
  }
  for (std::uint32_t n = 0; n < 10; ++n) {
    const row before = weights_of(*r.sim, "output.forward").values;
    r.world.teach(std::vector<std::uint32_t>{2 * n, 2 * n + 1}, {50, 9, 0});
    for (std::uint32_t lane = 0; lane < 2; ++lane) {
      by_hand.lane[lane].input = row_of(r.data.train.input, 2 * n + lane);
      by_hand.lane[lane].side = r.sim->value(side, 0, lane);
      REQUIRE(std::abs(by_hand.lane[lane].side) == 1);
    }
    ++signs.at(static_cast<std::size_t>(1 + (by_hand.lane[0].side + by_hand.lane[1].side) / 2));
    for (int t = 0; t < 59; ++t) {
      for (std::uint32_t lane = 0; t == 50 && lane < 2; ++lane)
        by_hand.lane[lane].label = row_of(r.data.train.target, 2 * n + lane);
      by_hand.tick(t);
    }
    CHECK(weights_of(*r.sim, "hidden.forward").values == by_hand.w1.values);
    CHECK(weights_of(*r.sim, "output.forward").values == by_hand.w2.values);
    CHECK(weights_of(*r.sim, "hidden.feedback").values == by_hand.w2.transposed().values);
    CHECK(weights_of(*r.sim, "hidden.bias").values == by_hand.b1);
    CHECK(weights_of(*r.sim, "output.bias").values == by_hand.b2);
    CHECK(weights_of(*r.sim, "output.forward").values != before);
  }
  CHECK((signs[0] > 0 && signs[1] > 0 && signs[2] > 0));  // lanes draw for themselves
}

TEST_CASE("equilibrium propagation follows the loss's gradient if the nudge is weak and both phases come to rest",
          "[circuits]") {
  auto overrides = small_energy;
  constexpr double beta = 1e-4;
  for (const char* each :
       {"circuit.lanes=1", "population.nudge.params.random_sign=false", "stimuli.predict=400", "stimuli.teach=401",
        "stimulus[3].ticks=400", "stimulus[3].value=1e-4", "stimulus[4].onset=400"})
    overrides.emplace_back(each);
  for (const char* each : {"hidden.forward", "output.forward", "hidden.feedback"})
    overrides.push_back(std::string("projection.") + each + ".params.alpha=1e4");
  // Positive inputs and weights, so that units are awake, and small ones, so that they stay below 1.
  for (const char* each : {"hidden.forward", "output.forward"})
    overrides.push_back(std::string("projection.") + each + ".weights={ init = 'uniform', scale = 0.3, seed = 8 }");
  for (const char* each : {"hidden.bias", "output.bias"}) {
    overrides.push_back(std::string("projection.") + each + ".params.alpha=0");
    overrides.push_back(std::string("projection.") + each + ".weights={ init = 'constant', scale = 0.4 }");
  }
  const description netlist = shipped("equilibrium-propagation", overrides);
  const data_set data = drawn_data(5, 3, 4, 9);
  rig taught(netlist, data);
  const row w1 = weights_of(*taught.sim, "hidden.forward").values,
            w2 = weights_of(*taught.sim, "output.forward").values;
  taught.world.teach(std::vector<std::uint32_t>{1}, {400, 401, 0});
  const row h = field_of(*taught.sim, "hidden", "x");
  REQUIRE(*std::max_element(h.begin(), h.end()) > 0);

  const auto slope = [&](const std::string& forward, row weights, std::size_t n) {
    constexpr double step = 1e-4;
    double loss[2];
    const double at = weights[n];
    for (const int side : {0, 1}) {
      rig probe(netlist, data);
      weights[n] = at + (side == 0 ? -step : step);
      probe.sim->set_weights(probe.projection(forward), weights);
      if (forward == "output.forward")
        probe.sim->set_weights(probe.projection("hidden.feedback"), dense_weights{3, 4, weights}.transposed().values);
      loss[side] = loss_at_rest(probe, 1);
    }
    return (loss[1] - loss[0]) / (2 * step);
  };
  // The nudged fixed point differs from the free one by beta times its slope plus beta^2 times its curvature, which is
  // of the order of 1 here; the central difference errs by step^2. Both stay far below 1e-3.
  double largest_slope = 0;
  const row learnt1 = weights_of(*taught.sim, "hidden.forward").values;
  for (std::size_t n = 0; n < w1.size(); ++n) {
    const double expected = -slope("hidden.forward", w1, n);
    CHECK(std::abs(learnt1[n] - w1[n] - expected) < 1e-3);
    largest_slope = std::max(largest_slope, std::abs(expected));
  }
  const row learnt2 = weights_of(*taught.sim, "output.forward").values;
  for (std::size_t n = 0; n < w2.size(); ++n) {
    const double expected = -slope("output.forward", w2, n);
    CHECK(std::abs(learnt2[n] - w2[n] - expected) < 1e-3);
    largest_slope = std::max(largest_slope, std::abs(expected));
  }
  CHECK(largest_slope > 0.05);
  CHECK(beta * 1e4 == 1);  // what the learning rate makes up for
}

TEST_CASE("equilibrium propagation: an output at the clip moves only if the nudge exceeds what holds it there",
          "[circuits]") {
  // With Glorot's weights and no biases, the first digit puts two wrong outputs at 1 and most others at 0.
  const auto outputs = [](const std::string& beta) {
    std::vector<std::string> all = {"circuit.lanes=1", "population.nudge.params.random_sign=false",
                                    "stimulus[3].value=" + beta};
    for (const char* each : {"hidden.forward.weights.scale=1", "output.forward.weights.scale=1",
                             "hidden.bias.weights.scale=0", "output.bias.weights.scale=0"})
      all.push_back(std::string("projection.") + each);
    const description netlist = shipped("equilibrium-propagation", all);
    rig r(netlist, load_data(netlist.data));
    const std::uint32_t first = presentation_order(r.data.train.count(), netlist.shuffle, 0).front();
    field_recorder fields({{"output", "x"}, {"label", "target"}});
    r.sim->observe(&fields);
    r.world.teach(std::vector<std::uint32_t>{first}, {50, 9, 0});
    r.sim->observe(nullptr);
    return std::array{fields.at(50, "output.x"), fields.at(58, "output.x"), fields.at(50, "label.target")};
  };
  const auto [free, weak, target] = outputs("0.1");
  const auto [again, strong, same] = outputs("0.5");
  REQUIRE(free == again);
  int held = 0;
  for (std::size_t i = 0; i < free.size(); ++i) {
    if (free[i] != 1 || target[i] != 0) continue;
    ++held;
    CHECK(weak[i] == 1);
    CHECK(strong[i] < 0.95);
  }
  CHECK(held == 2);
}

// ---- dendritic microcircuit ----

namespace {

std::vector<std::string> still_dendrites(const std::string& g_som) {
  std::vector<std::string> all = {"circuit.precision=f64", "population.output.params.g_som=" + g_som};
  for (const char* each : {"hidden.up", "output.up", "hidden.inhibition", "hidden.lateral"})
    all.push_back(std::string("projection.") + each + ".params.eta=0");
  return all;
}

/// After 400 ticks with a teacher: the largest |v_A - (1 - mu) lambda W_down phi'(u) (u_target - u_hat)|, over lambda.
double apical_remainder(double g_som) {
  rig r(shipped("dendritic-microcircuit", still_dendrites(std::to_string(g_som))), drawn_data(64, 10, 4, 3));
  r.world.show(r.data.train, std::vector<std::uint32_t>{1}, 400);
  const row free = field_of(*r.sim, "output", "u"), rate = field_of(*r.sim, "output", "rate");
  r.world.teach(std::vector<std::uint32_t>{1}, {400, 400, 0});
  const double lambda = g_som / (0.1 + 1 + g_som), mu = 0.8 / (0.1 + 1 + 0.8);
  row told = row_of(r.data.train.target, 1);
  for (std::size_t i = 0; i < told.size(); ++i)
    told[i] = (1 - mu) * lambda * (1 - rate[i] * rate[i]) * (told[i] - free[i]);
  const row expected = weights_of(*r.sim, "hidden.down").times(told);
  const row apical = field_of(*r.sim, "hidden.pyramidal", "v_A");
  CHECK(largest(expected) > 0.1 * lambda);
  return largest_difference(apical, expected) / lambda;
}

}  // namespace

TEST_CASE("dendritic microcircuit: in the self-predicting state apical dendrites are silent until a teacher comes",
          "[circuits]") {
  // An interneuron hears the same sum as the output neuron that it predicts, and its nudge is the difference of two
  // potentials that are the same bits: not only at rest does v_A keep 0, but in every tick.
  rig r(shipped("dendritic-microcircuit", still_dendrites("0.8")), drawn_data(64, 10, 4, 3));
  field_recorder fields({{"hidden.pyramidal", "v_A"}, {"output", "u"}});
  r.sim->observe(&fields);
  for (const std::uint32_t sample : {0U, 1U}) r.world.teach(std::vector<std::uint32_t>{sample}, {60, 60, 600});
  r.sim->observe(nullptr);
  double moved = 0;
  for (std::size_t t = 0; t < 60; ++t) {
    CHECK(largest(fields.at(t, "hidden.pyramidal.v_A")) == 0);
    moved = std::max(moved, largest(fields.at(t, "output.u")));
  }
  CHECK(moved > 0.1);
  CHECK(largest(fields.at(119, "hidden.pyramidal.v_A")) > 0.1);
}

TEST_CASE("dendritic microcircuit: under a weak teacher apical dendrites hold backpropagation's error, sent down",
          "[circuits]") {
  // v_A = (1 - mu) lambda W_down phi'(u) (u_target - u) + O(lambda^2): the remainder over lambda falls as lambda does.
  const double strong = apical_remainder(0.01), weak = apical_remainder(0.001);
  CHECK(weak < strong / 5);
  CHECK(weak < 0.01);
}

namespace {

/// A small circuit that learns to predict itself for 80 times 15 patterns.
struct self_prediction {
  double before = 0, after = 0;  ///< rms of v_A in the last ticks of all patterns
  double apart = 0;              ///< largest difference between W_pi and W_down
};

self_prediction predict_itself(bool lag) {
  std::vector<std::string> all = {"population.input.size=8", "population.hidden.pyramidal.size=5",
                                  "population.hidden.interneuron.size=3", "population.output.size=3"};
  for (const char* each : {"hidden.inhibition", "hidden.lateral"})
    all.push_back(std::string("projection.") + each + ".params.eta=0.02");
  for (const char* each : {"hidden.up", "output.up"})
    all.push_back(std::string("projection.") + each + ".weights.scale=0.6");
  if (!lag) {
    all.emplace_back("stimulus[1].onset=-80");
    all.emplace_back("stimulus[1].ticks=400");
  }
  rig r(shipped("dendritic-self-prediction", all), drawn_data(8, 3, 15, 3));
  const auto rms = [&] {
    double squares = 0;
    for (std::uint32_t sample = 0; sample < 15; ++sample) {
      r.world.show(r.data.train, std::vector<std::uint32_t>{sample}, 400);
      for (const double v : field_of(*r.sim, "hidden.pyramidal", "v_A")) squares += v * v;
    }
    return std::sqrt(squares / 75);
  };
  self_prediction result;
  result.before = rms();
  for (std::uint32_t n = 0; n < 1200; ++n) r.world.teach(std::vector<std::uint32_t>{n % 15}, {80, 320, 0});
  result.after = rms();
  result.apart =
      largest_difference(weights_of(*r.sim, "hidden.inhibition").values, weights_of(*r.sim, "hidden.down").values);
  return result;
}

}  // namespace

TEST_CASE("dendritic microcircuit: interneurons learn to cancel what comes down, if plasticity waits for potentials",
          "[circuits]") {
  const self_prediction waiting = predict_itself(true), hasty = predict_itself(false);
  CHECK(waiting.before > 0.1);
  CHECK(waiting.after < waiting.before / 1000);
  CHECK(waiting.apart < 0.01);
  CHECK(hasty.after > 10 * waiting.after);
}

}  // namespace test_circuits_as_text
