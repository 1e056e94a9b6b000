/// Strict, fixed-prediction and exact predictive coding (Rosenbaum 2022) against the recursions, written in the
/// textbook's way, and against what is known of them in closed form.

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "sim/experiment/comparison.hpp"
#include "sim/experiment/experiment.hpp"
#include "tests/circuits/circuits_testing.hpp"

namespace test_circuits_supervised_predictive_coding {

using namespace locus;
using namespace locus::testing;

namespace {

constexpr std::size_t depth = 4;
constexpr std::size_t predict = 9;
const char* const layers[] = {"input", "hidden1", "hidden2", "hidden3", "output"};

description form(const std::string& rule, double gamma, std::size_t teach, const std::string& precision = "f64") {
  return netlist_of(fmt::format(
      "[circuit]\ntemplate = 'supervised-predictive-coding'\nlayers = [6, 5, 7, 5, 3]\nactivation = 'tanh'\n"
      "precision = '{}'\n[weights]\nscale = 1.5\nseed = 4\n[learning]\nrule = '{}'\ngamma = {}\nalpha = 0.01\n"
      "update_at = {}\n[stimuli]\npredict = {}\nteach = {}\nrest = 0\n",
      precision, rule, gamma, teach - 1, predict, teach));
}

std::vector<std::pair<std::string, std::string>> recorded_fields() {
  std::vector<std::pair<std::string, std::string>> all;
  for (std::size_t k = 1; k <= depth; ++k) {
    all.emplace_back(std::string(layers[k]) + ".error", "eps");
    all.emplace_back(std::string(layers[k]) + ".value", "x");
  }
  return all;
}

/// Predictive coding with layers v_l = theta_l tanh(v_{l-1}), one sample; eps is value minus prediction.
struct recursion {
  std::vector<dense_weights> theta;  ///< [layer]
  std::vector<row> v, forward, eps, delta;
  row target;

  recursion(const simulator& s, const row& input, const row& teacher) : target(teacher) {
    theta.resize(depth + 1);
    for (std::size_t k = 1; k <= depth; ++k) theta[k] = weights_of(s, std::string(layers[k]) + ".forward");
    v = {input};
    for (std::size_t k = 1; k <= depth; ++k) v.push_back(theta[k].times(rates(v[k - 1])));
    forward = v;
    eps.resize(depth + 1);
    delta.resize(depth + 1);
    for (std::size_t i = 0; i < target.size(); ++i) delta[depth].push_back(target[i] - v[depth][i]);
    for (std::size_t k = depth - 1; k >= 1; --k) delta[k] = back(k, forward[k], delta[k + 1]);
  }

  static row rates(const row& x) {
    row f;
    for (const double each : x) f.push_back(std::tanh(each));
    return f;
  }
  /// f'(at) theta^T of the errors above.
  [[nodiscard]] row back(std::size_t k, const row& at, const row& above) const {
    row g = theta[k + 1].transposed().times(above);
    for (std::size_t i = 0; i < g.size(); ++i) g[i] *= 1 - std::tanh(at[i]) * std::tanh(at[i]);
    return g;
  }
  /// Errors of this iteration; then the values take one step.
  void iterate(bool fixed, double gamma) {
    v[depth] = target;
    for (std::size_t k = 1; k <= depth; ++k) {
      const row mu = fixed ? forward[k] : theta[k].times(rates(v[k - 1]));
      eps[k].clear();
      for (std::size_t i = 0; i < mu.size(); ++i) eps[k].push_back(v[k][i] - mu[i]);
    }
    std::vector<row> next = v;
    for (std::size_t k = 1; k < depth; ++k) {
      const row g = back(k, fixed ? forward[k] : v[k], eps[k + 1]);
      for (std::size_t i = 0; i < g.size(); ++i) next[k][i] += gamma * (g[i] - eps[k][i]);
    }
    v = next;
  }
};

/// The first presentation, recorded.
struct recorded_run {
  rig r;
  recursion reference;
  field_recorder seen{recorded_fields()};

  explicit recorded_run(const description& d, const data_set& data, std::size_t teach)
      : r(d, data), reference(*r.sim, sample(data.train.input), sample(data.train.target)) {
    r.sim->observe(&seen);
    r.world.teach(std::vector<std::uint32_t>{0}, {predict, static_cast<std::int64_t>(teach), 0});
  }
  static row sample(const number_table& table) {
    row values(table.columns());
    table.copy_row(0, values);
    return values;
  }
  [[nodiscard]] const row& eps(std::size_t iteration, std::size_t k) const {
    return seen.at(predict + iteration, std::string(layers[k]) + ".error.eps");
  }
  [[nodiscard]] const row& x(std::size_t iteration, std::size_t k) const {
    return seen.at(predict + iteration, std::string(layers[k]) + ".value.x");
  }
};

/// P[Binomial(trials, p) >= least].
double binomial_tail(std::size_t trials, double p, std::size_t least) {
  double below = 0, term = std::pow(1 - p, static_cast<double>(trials));
  for (std::size_t k = 0; k < least && k <= trials; ++k) {
    below += term;
    term *= p / (1 - p) * static_cast<double>(trials - k) / static_cast<double>(k + 1);
  }
  return 1 - below;
}

}  // namespace

TEST_CASE("strict and fixed-prediction predictive coding follow the recursions in every step", "[circuits]") {
  const data_set data = drawn_data(6, 3, 1, 11);
  for (const bool fixed : {false, true}) {
    for (const double gamma : {0.1, 0.2, 0.4}) {
      constexpr std::size_t n = 20;
      recorded_run run(form(fixed ? "fixed-prediction" : "strict", gamma, n), data, n);
      for (std::size_t t = 0; t < n; ++t) {
        INFO(fixed << " " << gamma << " " << t);
        const std::vector<row> values = run.reference.v;
        run.reference.iterate(fixed, gamma);
        for (std::size_t k = 1; k <= depth; ++k) {
          // Both round each step: some 20 steps of numbers below 4, an ulp being 9e-16, and contracting.
          CHECK(largest_difference(run.eps(t, k), run.reference.eps[k]) < 1e-13);
          if (k < depth) CHECK(largest_difference(run.x(t, k), values[k]) < 1e-13);
        }
      }
    }
  }
}

TEST_CASE("strict predictive coding: before the first step all hidden errors are exactly 0", "[circuits]") {
  const recorded_run run(form("strict", 0.1, 4), drawn_data(6, 3, 1, 11), 4);
  for (std::size_t k = 1; k < depth; ++k) CHECK(largest(run.eps(0, k)) == 0);
  CHECK(largest(run.eps(0, depth)) > 0);
  // The wave of errors comes up one layer a tick.
  for (std::size_t k = 1; k < depth; ++k) {
    CHECK(largest(run.eps(depth - k - 1, k)) == 0);
    CHECK(largest(run.eps(depth - k, k)) > 0);
  }
}

TEST_CASE("fixed prediction: after n ticks an error d layers below the output is P[Bin(n - 1, gamma) >= d] delta",
          "[circuits]") {
  for (const double gamma : {0.1, 0.3, 0.5, 0.9}) {
    constexpr std::size_t n = 60;
    const recorded_run run(form("fixed-prediction", gamma, n), drawn_data(6, 3, 1, 12), n);
    for (std::size_t t = 0; t < n; ++t) {
      for (std::size_t k = 1; k <= depth; ++k) {
        INFO(gamma << " " << t << " " << k);
        row expected = run.reference.delta[k];
        for (double& each : expected) each *= binomial_tail(t, gamma, depth - k);
        // Each step rounds x, |x| < 4, to 4.5e-16; the sum contracts by 1 - gamma: at most 4.5e-15 at gamma = 0.1, and
        // three layers up some five times as much, against deltas of 0.1 and more.
        CHECK(largest_difference(run.eps(t, k), expected) <= 1e-12 * largest(run.reference.delta[k]));
      }
    }
    for (std::size_t k = 1; k < depth; ++k) CHECK(largest(run.reference.delta[k]) > 0.1);
  }
}

TEST_CASE("fixed prediction: weights move along backpropagation's update, scaled by the law", "[circuits]") {
  constexpr std::size_t n = 20;
  const double gamma = 0.2;
  recorded_run run(form("fixed-prediction", gamma, n), drawn_data(6, 3, 1, 13), n);
  for (std::size_t k = 1; k <= depth; ++k) {
    const dense_weights after = weights_of(*run.r.sim, std::string(layers[k]) + ".forward");
    const row rate = recursion::rates(run.reference.forward[k - 1]);
    const double part = binomial_tail(n - 1, gamma, depth - k);
    for (std::size_t i = 0; i < after.rows; ++i) {
      for (std::size_t j = 0; j < after.columns; ++j) {
        const double update = 0.01 * part * run.reference.delta[k][i] * rate[j];
        CHECK(after.at(i, j) - run.reference.theta[k].at(i, j) == Approx(update).margin(1e-15));
      }
    }
  }
}

TEST_CASE("fixed prediction: single precision stagnates where half an ulp of the value hides a step", "[circuits]") {
  // The output's error is 1e-5 of the values, as with Rosenbaum's mean-reduced loss: his curves end on plateaus that
  // grow as 1 / gamma. In double precision there is none.
  constexpr std::size_t n = 400;
  const data_set drawn = drawn_data(6, 3, 1, 12);
  const recorded_run start(form("fixed-prediction", 0.5, 4), drawn, 4);
  data_set close = drawn;
  row target = start.reference.forward[depth];
  for (std::size_t i = 0; i < target.size(); ++i) target[i] += 1e-5 * (i % 2 == 0 ? 1 : -0.7);
  close.train.target = number_table(3, target);
  double before = 1;
  for (const double gamma : {0.1, 0.2, 0.5, 1.0}) {
    const recorded_run narrow(form("fixed-prediction", gamma, n, "f32"), close, n);
    const recorded_run wide(form("fixed-prediction", gamma, n), close, n);
    double error = 0, error_wide = 0, size = 0;
    for (std::size_t k = 1; k < depth; ++k) {
      INFO(gamma << " " << k);
      CHECK(narrow.x(n - 1, k) == narrow.x(n / 2, k));  // a plateau: nothing moves any more
      const row g = narrow.reference.back(k, narrow.x(n - 1, k), narrow.eps(n - 1, k + 1));
      for (std::size_t i = 0; i < g.size(); ++i) {
        const auto x = static_cast<float>(narrow.x(n - 1, k)[i]);
        const double ulp = static_cast<double>(std::nextafter(std::abs(x), 9.0F)) - std::abs(static_cast<double>(x));
        // x + gamma drive rounds to x. The drive itself is rounded, and slope and weights are: 1e-6 of g.
        CHECK(std::abs(g[i] - narrow.eps(n - 1, k)[i]) <= ulp / (2 * gamma) + 1e-6 * std::abs(g[i]) + 1e-12);
        const double delta = wide.reference.delta[k][i];
        error += std::pow(narrow.eps(n - 1, k)[i] - delta, 2);
        error_wide += std::pow(wide.eps(n - 1, k)[i] - delta, 2);
        size += delta * delta;
      }
    }
    error = std::sqrt(error / size);
    INFO(gamma << ": relative error " << error << " and " << std::sqrt(error_wide / size));
    // At gamma = 1 what is left is the rounding of x itself.
    if (gamma < 1) CHECK(error < before);
    CHECK(error > 1e-3);
    CHECK(std::sqrt(error_wide / size) < 1e-6 * std::fmax(error, 1e-3));
    before = error;
  }
}

TEST_CASE("strict predictive coding with gamma = 1, layer l read at t = l, is Z-IL bit for bit", "[circuits]") {
  const std::string common =
      "layers = [64, 20, 16, 10]\nactivation = 'sigmoid'\nbias = true\nlanes = 4\n[weights]\nseed = 3\n[stimuli]\n"
      "predict = 5\nteach = 3\nrest = 1\n";
  const description strict = netlist_of(
      "[learning]\nrule = 'strict'\ngamma = 1\nalpha = 0.01\nupdate_at = 'l'\n[circuit]\n"
      "template = 'supervised-predictive-coding'\n" +
      common);
  const description zil = netlist_of(
      "[learning]\nrule = 'z-il'\nalpha = 0.01\n[circuit]\ntemplate = 'predictive-coding'\n"
      "neuron = 'point'\n" +
      common + "start = 'forward'\n");
  experiment_options options;
  options.against = &zil;
  options.max_updates = 100;
  options.evaluate = false;
  const data_set data = load_data(data_description{});
  const run_result result = experiment(strict, data, options).run();
  REQUIRE(result.against.has_value());
  CHECK(result.against->bit_identical);
  CHECK(result.against->updates == 100);
}

TEST_CASE("exact predictive coding: value minus prediction is backpropagation's delta", "[circuits]") {
  const recorded_run run(form("exact", 1, depth), drawn_data(6, 3, 1, 14), depth);
  for (std::size_t k = 1; k <= depth; ++k) {
    CHECK(largest_difference(run.eps(depth - 1, k), run.reference.delta[k]) < 1e-14);
    row value = run.reference.forward[k];
    for (std::size_t i = 0; i < value.size(); ++i) value[i] += run.reference.delta[k][i];
    CHECK(largest_difference(run.x(depth - 1, k), value) < 1e-14);
  }
}

}  // namespace test_circuits_supervised_predictive_coding
