/// Kolen-Pollack and weight mirror (Akrout et al. 2019) against their invariants.

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "models/templates/catalogue.hpp"
#include "sim/core/noise.hpp"
#include "sim/experiment/experiment.hpp"
#include "tests/circuits/circuits_testing.hpp"
#include "tests/project_file.hpp"

namespace test_circuits_learned_feedback {

using namespace locus;
using namespace locus::testing;

namespace {

std::string kolen_pollack(double lambda, const std::string& feedback, unsigned lanes, const std::string& precision) {
  return fmt::format(
      "[circuit]\ntemplate = 'learned-feedback'\nlayers = [5, 7, 6, 3]\nactivation = 'tanh'\nbias = true\nlanes = {}\n"
      "precision = '{}'\n[weights]\nseed = 2\n[feedback]\nweights = {}\n[learning]\nrule = 'kolen-pollack'\nalpha = "
      "0.05\n"
      "lambda = {}\n[stimuli]\npredict = 5\nteach = 4\nepochs = 20\n",
      lanes, precision, feedback, lambda);
}

/// |D' - lambda D| of a pair, over the bound of its rounding.
template <class P>
double excess(const dense_weights& w, const dense_weights& b, const dense_weights& w_after,
              const dense_weights& b_after, double lambda) {
  // At an update both ends compute fl(fl(lambda theta) + alpha s) with the same s: two roundings each, of a number no
  // larger than lambda |theta| and of the result.
  const long double u = std::is_same_v<P, float> ? 0x1p-24L : 0x1p-53L;
  const auto rounded_lambda = static_cast<long double>(static_cast<P>(lambda));
  double worst = 0;
  for (std::size_t i = 0; i < w.rows; ++i) {
    for (std::size_t j = 0; j < w.columns; ++j) {
      const long double before = static_cast<long double>(w.at(i, j)) - b.at(j, i);
      const long double after = static_cast<long double>(w_after.at(i, j)) - b_after.at(j, i);
      const long double bound = u * (std::abs(rounded_lambda * w.at(i, j)) + std::abs(rounded_lambda * b.at(j, i)) +
                                     std::abs(w_after.at(i, j)) + std::abs(b_after.at(j, i)));
      worst = std::fmax(worst, static_cast<double>(std::abs(after - rounded_lambda * before) / (bound * (1 + 4 * u))));
    }
  }
  return worst;
}

template <class P>
void check_shrinking(double lambda, unsigned lanes) {
  const std::string precision = std::is_same_v<P, float> ? "f32" : "f64";
  rig r(netlist_of(kolen_pollack(lambda, "{ init = 'uniform', scale = 0.5, seed = 9 }", lanes, precision)),
        drawn_data(5, 3, 40, 31));
  const std::pair<const char*, const char*> pairs[] = {{"output.forward", "hidden2.feedback"},
                                                       {"hidden2.forward", "hidden1.feedback"}};
  for (std::uint32_t n = 0; n < 40 / lanes; ++n) {
    std::vector<dense_weights> before;
    for (const auto& [forward, feedback] : pairs)
      before.insert(before.end(), {weights_of(*r.sim, forward), weights_of(*r.sim, feedback)});
    std::vector<std::uint32_t> samples;
    for (std::uint32_t lane = 0; lane < lanes; ++lane) samples.push_back(n * lanes + lane);
    r.world.teach(samples, {5, 4, 0});
    for (std::size_t p = 0; p < 2; ++p) {
      const dense_weights w = weights_of(*r.sim, pairs[p].first), b = weights_of(*r.sim, pairs[p].second);
      CHECK(w.values != before[2 * p].values);
      CHECK(excess<P>(before[2 * p], before[2 * p + 1], w, b, lambda) <= 1);
    }
  }
}

double angle_to_transposed(const simulator& s, const std::string& forward, const std::string& feedback) {
  return angle_between(weights_of(s, forward).values, weights_of(s, feedback).transposed().values);
}

description shipped(const std::string& name) {
  return read_netlist(document::from_file(project_file("netlists/" + name + ".toml")), all_templates());
}

/// Notes the hidden layer's delta and what backpropagation's would be, while errors flow.
class delta_watch : public tick_observer {
 public:
  void on_tick(tick_t, const simulator& s) override {
    const row delta = field_of(s, "hidden1.value", "delta");
    if (largest(delta) > 0 && largest(errors_) > 0) {
      row told = weights_of(s, "output.forward").transposed().times(errors_);
      for (std::size_t i = 0; i < told.size(); ++i) told[i] *= slopes_[i];
      sum_ += angle_between(delta, told);
      ++count_;
    }
    errors_ = field_of(s, "output.value", "delta");
    slopes_ = field_of(s, "hidden1.value", "rate");
    for (double& f : slopes_) f = 1 - f * f;
  }
  void on_quiet(tick_t, tick_t, const simulator&) override {}
  [[nodiscard]] double mean_angle() const { return sum_ / count_; }
  [[nodiscard]] double count() const { return count_; }

 private:
  row errors_, slopes_;
  double sum_ = 0, count_ = 0;
};

}  // namespace

TEST_CASE("Kolen-Pollack: the difference of forward and feedback weights shrinks by lambda at each update",
          "[circuits]") {
  for (const double lambda : {1.0, 0.99, 0.7}) {
    for (const unsigned lanes : {1U, 4U}) {
      check_shrinking<double>(lambda, lanes);
      check_shrinking<float>(lambda, lanes);
    }
  }
}

TEST_CASE("Kolen-Pollack: synapses that are born equal stay equal bit for bit", "[circuits]") {
  description d = netlist_of(kolen_pollack(0.9, "{ init = 'uniform' }", 4, "f64"));
  for (projection_description& p : d.projections) {
    if (p.name == "hidden1.feedback") p.weights = copied_weights{"hidden2.forward", true};
    if (p.name == "hidden2.feedback") p.weights = copied_weights{"output.forward", true};
  }
  const data_set data = drawn_data(5, 3, 40, 31);
  experiment_options options;
  options.evaluate = false;
  experiment e(d, data, options);
  const row before = weights_of(e.sim(), "output.forward").values;
  e.run();
  CHECK(weights_of(e.sim(), "output.forward").values != before);
  CHECK(weights_of(e.sim(), "output.forward").values == weights_of(e.sim(), "hidden2.feedback").transposed().values);
  CHECK(weights_of(e.sim(), "hidden2.forward").values == weights_of(e.sim(), "hidden1.feedback").transposed().values);
}

TEST_CASE("Kolen-Pollack: weights decay with updates and not between them", "[circuits]") {
  rig r(netlist_of(kolen_pollack(0.5, "{ init = 'uniform' }", 1, "f64")), drawn_data(5, 3, 4, 31));
  const std::size_t forward = r.projection("hidden1.forward");
  const row before = r.sim->weights(forward);
  r.world.teach(std::vector<std::uint32_t>{0}, {30, 0, 10});  // no teacher, but the update comes: deltas are 0
  const row after = r.sim->weights(forward);
  for (std::size_t n = 0; n < before.size(); ++n) CHECK(after[n] == 0.5 * before[n]);
}

TEST_CASE("weight mirror: feedback synapses follow their rule, sample by sample", "[circuits]") {
  rig r(
      netlist_of("[circuit]\ntemplate = 'learned-feedback'\nlayers = [3, 4, 2]\nactivation = 'tanh'\nbias = true\n"
                 "[feedback]\nweights = { init = 'uniform', scale = 0.5 }\n[learning]\nrule = 'weight-mirror'\n"
                 "mirror = { alpha = 0.01, lambda = 0.9, sigma = 0.5, ticks = 5 }\n[stimuli]\npredict = 4\nteach = 3\n"
                 "rest = 8\n"),
      drawn_data(3, 2, 3, 41));
  field_recorder seen({{"hidden1.value", "sent"},
                       {"hidden1.value", "mirrored"},
                       {"hidden1.value", "delta"},
                       {"hidden1.noise", "rate"},
                       {"output.value", "x"}});
  r.sim->observe(&seen);
  dense_weights b = weights_of(*r.sim, "hidden1.feedback");
  for (std::uint32_t n = 0; n < 3; ++n) r.world.teach(std::vector<std::uint32_t>{n}, {4, 3, 8});
  std::size_t samples = 0;
  for (std::size_t t = 0; t < seen.ticks(); ++t) {
    const row& sent = seen.at(t, "hidden1.value.sent");
    if (largest(seen.at(t, "hidden1.value.mirrored")) == 0) continue;
    ++samples;
    CHECK(largest(seen.at(t, "hidden1.value.delta")) == 0);
    CHECK(sent == seen.at(t - 2, "hidden1.noise.rate"));
    CHECK(largest(sent) > 0);
    for (std::size_t i = 0; i < 4; ++i) {
      for (std::size_t j = 0; j < 2; ++j) {
        double& each = b.values[i * 2 + j];
        each = std::fma(0.01, std::fma(sent[i], seen.at(t, "output.value.x")[j], 0.0), 0.9 * each);
      }
    }
  }
  CHECK(samples == 15);
  CHECK(weights_of(*r.sim, "hidden1.feedback").values == b.values);
}

TEST_CASE("weight mirror: ticks = k learns from k draws, each of them once", "[circuits]") {
  constexpr double alpha = 0.01, lambda = 0.9, sigma = 0.5;
  for (const std::int64_t ticks : {1, 2, 3, 4, 8}) {
    INFO("ticks = " << ticks);
    const presentation_times times{4, 3, ticks + 2};  // as little rest as the template allows
    rig r(netlist_of(fmt::format("[circuit]\ntemplate = 'learned-feedback'\nlayers = [3, 4, 2]\n[feedback]\n"
                                 "weights = {{ init = 'uniform', scale = 0.5 }}\n[learning]\nrule = 'weight-mirror'\n"
                                 "alpha = 0\nmirror = {{ alpha = {}, lambda = {}, sigma = {}, ticks = {} }}\n"
                                 "[stimuli]\npredict = {}\nteach = {}\nrest = {}\n",
                                 alpha, lambda, sigma, ticks, times.predict, times.teach, times.rest)),
          drawn_data(3, 2, 3, 41));
    const noise_stream noise(r.net.noise_seed, "hidden1.noise.xi", port_source::normal);
    const dense_weights w = weights_of(*r.sim, "output.forward");
    dense_weights b = weights_of(*r.sim, "hidden1.feedback");
    for (std::uint32_t n = 0; n < 3; ++n) {
      const tick_t end_of_teacher = r.sim->now() + times.predict + times.teach;
      r.world.teach(std::vector<std::uint32_t>{n}, times);
      // The rule, in the engine's own arithmetic: y = W x and B <- lambda B + alpha x y^T, a draw a tick.
      for (std::int64_t k = 0; k < ticks; ++k) {
        const auto which = static_cast<std::uint64_t>(end_of_teacher + k);
        row x, y(2, 0.0);
        for (std::uint32_t i = 0; i < 4; ++i) x.push_back(sigma * noise.draw(i, 0, which));
        for (std::size_t j = 0; j < 2; ++j) {
          for (std::size_t i = 0; i < 4; ++i) y[j] = std::fma(w.at(j, i), x[i], y[j]);
        }
        for (std::size_t i = 0; i < 4; ++i) {
          for (std::size_t j = 0; j < 2; ++j) {
            double& each = b.values[i * 2 + j];
            each = std::fma(alpha, std::fma(x[i], y[j], 0.0), lambda * each);
          }
        }
      }
      CHECK(weights_of(*r.sim, "hidden1.feedback").values == b.values);
    }
  }
}

TEST_CASE("weight mirror: how long a presentation mirrors does not scale what a draw teaches", "[circuits]") {
  constexpr double alpha = 0.001, sigma = 1;
  constexpr std::int64_t draws = 6000;
  for (const std::int64_t ticks : {1, 2, 3, 4, 8}) {
    INFO("ticks = " << ticks);
    rig r(netlist_of(fmt::format("[circuit]\ntemplate = 'learned-feedback'\nlayers = [3, 5, 2]\n[feedback]\n"
                                 "weights = {{ init = 'constant', scale = 0 }}\n[learning]\nrule = 'weight-mirror'\n"
                                 "alpha = 0\nmirror = {{ alpha = {}, sigma = {}, ticks = {} }}\n"
                                 "[stimuli]\npredict = 4\nteach = 3\nrest = {}\n",
                                 alpha, sigma, ticks, ticks + 2)),
          drawn_data(3, 2, 1, 61));
    for (std::int64_t n = 0; n < draws / ticks; ++n) {
      r.world.teach(std::vector<std::uint32_t>{0}, {4, 3, ticks + 2});
    }
    // B / (alpha draws) has the mean sigma^2 W^T, and each number the variance sigma^4 (|W_i|^2 + W_ij^2) / draws: the
    // norm of the error is below five times its root mean square, sqrt((rows + 1) |W|^2 / draws), for certain.
    const dense_weights w = weights_of(*r.sim, "output.forward"), b = weights_of(*r.sim, "hidden1.feedback");
    double error = 0, size = 0;
    for (std::size_t i = 0; i < w.rows; ++i) {
      for (std::size_t j = 0; j < w.columns; ++j) {
        const double found = b.at(j, i) / (alpha * draws);
        error += (found - w.at(i, j)) * (found - w.at(i, j));
        size += w.at(i, j) * w.at(i, j);
      }
    }
    CHECK(error < 25.0 * static_cast<double>(w.columns + 1) * size / static_cast<double>(draws));
  }
}

TEST_CASE("weight mirror: <x y^T> is sigma^2 W^T", "[circuits]") {
  constexpr double alpha = 0.001, sigma = 0.7;
  constexpr std::size_t samples = 20000;
  rig r(
      netlist_of(fmt::format(
          "[circuit]\ntemplate = 'learned-feedback'\nlayers = [3, 5, 4, 2]\nactivation = 'relu'\n[weights]\nscale = 2\n"
          "[feedback]\nweights = {{ init = 'constant', scale = 0 }}\n[learning]\nrule = 'weight-mirror'\nalpha = 0\n"
          "mirror = {{ alpha = {}, sigma = {}, ticks = {} }}\n[stimuli]\npredict = 5\nteach = 4\nrest = {}\n",
          alpha, sigma, samples, samples + 2)),
      drawn_data(3, 2, 1, 51));
  r.world.teach(std::vector<std::uint32_t>{0}, {5, 4, samples + 2});
  for (const auto& [forward, feedback] :
       {std::pair("output.forward", "hidden2.feedback"), std::pair("hidden2.forward", "hidden1.feedback")}) {
    const dense_weights w = weights_of(*r.sim, forward), b = weights_of(*r.sim, feedback);
    for (std::size_t i = 0; i < w.rows; ++i) {
      double square = 0;
      for (std::size_t j = 0; j < w.columns; ++j) square += w.at(i, j) * w.at(i, j);
      for (std::size_t j = 0; j < w.columns; ++j) {
        // x_j y_i of normal numbers has the variance sigma^4 (|W_i|^2 + W_ij^2) (Isserlis): five standard errors.
        const double error = sigma * sigma * std::sqrt((square + w.at(i, j) * w.at(i, j)) / samples);
        CHECK(std::abs(b.at(j, i) / (alpha * samples) - sigma * sigma * w.at(i, j)) < 5 * error);
      }
    }
    CHECK(angle_to_transposed(*r.sim, forward, feedback) < 3);
  }
}

TEST_CASE("learned feedback: after training on the digits, feedback and forward weights are below 10 degrees apart",
          "[circuits]") {
  for (const char* name : {"digits-kolen-pollack", "digits-weight-mirror"}) {
    INFO(name);
    const description d = shipped(name);
    const data_set data = load_data(d.data);
    experiment e(d, data);
    CHECK(angle_to_transposed(e.sim(), "output.forward", "hidden1.feedback") > 70);
    const run_result result = e.run();
    CHECK(result.epochs.back().test->accuracy() > 0.94);
    CHECK(angle_to_transposed(e.sim(), "output.forward", "hidden1.feedback") < 10);
    // And so are the errors that the hidden layer hears from those that backpropagation would tell it.
    description more = d;
    more.epochs = 1;
    more.lanes = 1;
    rig r(more, data);
    for (const char* each : {"hidden1.forward", "output.forward", "hidden1.feedback", "hidden1.bias", "output.bias"})
      r.sim->set_weights(r.projection(each), e.sim().weights(r.projection(each)));
    r.sim->set_learning(false);
    delta_watch watch;
    r.sim->observe(&watch);
    for (std::uint32_t n = 0; n < 50; ++n) r.world.teach(std::vector<std::uint32_t>{n}, draw_times(more.timeline, n));
    CHECK(watch.count() >= 50);
    CHECK(watch.mean_angle() < 10);
  }
}

}  // namespace test_circuits_learned_feedback
