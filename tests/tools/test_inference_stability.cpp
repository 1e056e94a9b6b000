#include "tools/reproduce/autonomy/inference_stability.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "sim/core/random.hpp"
#include "tests/engine/engine_testing.hpp"
#include "tests/engine/follower.hpp"

namespace test_tools_inference_stability {

using namespace locus;
using namespace locus::testing;

namespace {

/// Free-running inference that starts from the forward values.
short_form free_running(const std::vector<std::uint32_t>& layers, const std::string& activation) {
  short_form form;
  form.layers = layers;
  form.activation = activation;
  form.rule = "none";
  form.start = "forward";
  form.lanes = 2;
  return form;
}

/// A circuit that rests at the forward values of two samples.
struct resting {
  explicit resting(const short_form& form, double scale = 1)
      : r(form.read(), drawn_data(form.layers.front(), form.layers.back(), 2, 3)), depth(form.layers.size() - 1) {
    for (std::size_t k = 1; k <= depth; ++k) {
      const std::string layer = layer_name(k, depth);
      const std::size_t forward = r.projection(layer + ".forward");
      std::vector<double> theta = r.sim->weights(forward);
      for (double& each : theta) each *= scale;
      r.sim->set_weights(forward, theta);
      if (k > 1) put_feedback(k, theta);
      layers.push_back({*r.net.find_population(layer + ".value"), {}});
      if (k > 1) layers.back().synapses = forward;
    }
    r.world.show(r.data.train, std::vector<std::uint32_t>{0, 1}, 1);
    at_rest = values("b");
  }

  void put_feedback(std::size_t k, const std::vector<double>& theta) {
    const std::size_t feedback = r.projection(layer_name(k - 1, depth) + ".feedback");
    const std::size_t post = r.net.size_before(r.net.projections[feedback]), pre = theta.size() / post;
    std::vector<double> transposed(theta.size());
    for (std::size_t i = 0; i < post; ++i) {
      for (std::size_t j = 0; j < pre; ++j) transposed[j * post + i] = theta[i * pre + j];
    }
    r.sim->set_weights(feedback, transposed);
  }

  /// Of lane 1, layer by layer.
  [[nodiscard]] std::vector<double> field(const std::string& kind, const std::string& name) const {
    std::vector<double> all;
    for (std::size_t k = 1; k <= depth; ++k) {
      const output_id f = r.output(layer_name(k, depth) + kind, name);
      for (std::size_t i = 0; i < r.net.populations[f.population].size; ++i) all.push_back(r.sim->value(f, i, 1));
    }
    return all;
  }
  [[nodiscard]] std::vector<double> values(const std::string& name) const { return field(".value", name); }

  /// Moves all values of lane 1 by `step` from rest, and runs that tick.
  void disturb(const std::vector<double>& step) {
    std::size_t n = 0;
    for (std::size_t k = 1; k <= depth; ++k) {
      const output_id b = r.output(layer_name(k, depth) + ".value", "b");
      for (std::size_t i = 0; i < r.net.populations[b.population].size; ++i, ++n) {
        r.sim->perturb(b, i, 1, at_rest[n] + step[n]);
      }
    }
    r.sim->advance(r.sim->now() + 1);
  }

  rig r;
  std::size_t depth;
  std::vector<free_layer> layers;
  std::vector<double> at_rest;
};

double length(const std::vector<double>& v) {
  double sum = 0;
  for (const double x : v) sum += x * x;
  return std::sqrt(sum);
}

}  // namespace

TEST_CASE("inference_stability: one hidden unit and one output, by hand", "[experiment]") {
  // A = (1 0; -c 1) with c = theta f'(x): the eigenvalues of A^T A are 1 + c^2 / 2 +- c sqrt(1 + c^2 / 4).
  resting circuit(free_running({1, 1, 1}, "identity"), 2);
  const double c = std::abs(circuit.r.sim->weights(circuit.r.projection("output.forward")).front());
  REQUIRE(c > 0.1);
  const inference_modes modes = modes_of_inference(*circuit.r.sim, circuit.layers, 0);
  const double middle = 1 + c * c / 2, half = c * std::sqrt(1 + c * c / 4);
  CHECK(modes.fastest == Approx(middle + half).epsilon(1e-13));
  CHECK(modes.slowest == Approx(middle - half).epsilon(1e-12));
  CHECK(modes.stable(1.999 / modes.fastest));
  CHECK_FALSE(modes.stable(2.001 / modes.fastest));
  CHECK(modes.growth(1) == Approx(std::max(modes.fastest - 1, 1 - modes.slowest)));
  CHECK(modes.growth(0.01) == Approx(1 - 0.01 * modes.slowest));
}

TEST_CASE("inference_stability: relu units that are silent take no part", "[experiment]") {
  resting circuit(free_running({3, 4, 2}, "relu"));
  const std::size_t hidden = circuit.r.net.find_population("hidden1.value").value();
  for (const double value : {1.0, -1.0, 0.0}) {
    circuit.r.sim->clamp(hidden, std::vector<double>(8, value));
    circuit.r.sim->advance(circuit.r.sim->now() + 1);
    const inference_modes modes = modes_of_inference(*circuit.r.sim, circuit.layers, 1);
    if (value > 0) CHECK(modes.fastest > 1.01);
    else CHECK(modes.fastest == 1);
  }
}

// A step of size h is followed to rounding (1e-16 / h) and to second order (h times a curvature of order 1).
TEST_CASE("inference_stability: a running circuit grows along the fastest mode by 1 - gamma lambda", "[experiment]") {
  constexpr double h = 1e-8, error = 1e-6;
  for (const char* activation : {"sigmoid", "tanh", "relu"}) {
    for (const double gamma : {1.0, 0.3}) {
      short_form form = free_running({6, 5, 4, 3}, activation);
      form.gamma = gamma;
      resting circuit(form, 2);
      const inference_modes modes = modes_of_inference(*circuit.r.sim, circuit.layers, 1);
      INFO(activation << ", gamma = " << gamma << ", fastest = " << modes.fastest);
      std::vector<double> step = modes.direction;
      for (double& each : step) each *= h;
      circuit.disturb(step);
      // In that tick, |eps|^2 = |A d|^2 = lambda |d|^2; a tick later all values have followed the mode.
      CHECK(length(circuit.field(".error", "eps")) / h == Approx(std::sqrt(modes.fastest)).epsilon(error));
      circuit.r.sim->advance(circuit.r.sim->now() + 1);
      const std::vector<double> x = circuit.values("x");
      for (std::size_t n = 0; n < x.size(); ++n) {
        const double moved = (x[n] - circuit.at_rest[n]) / h;
        CHECK(moved == Approx((1 - gamma * modes.fastest) * modes.direction[n]).margin(error * modes.fastest));
      }
    }
  }
}

TEST_CASE("inference_stability: no other step has larger or smaller errors than the two modes", "[experiment]") {
  constexpr double h = 1e-8, error = 1e-6;
  const random_stream random(1, "test", "steps");
  for (std::uint64_t which = 0; which < 20; ++which) {
    resting circuit(free_running({6, 5, 4, 3}, "tanh"), 2);
    const inference_modes modes = modes_of_inference(*circuit.r.sim, circuit.layers, 1);
    std::vector<double> step(circuit.at_rest.size());
    for (std::size_t n = 0; n < step.size(); ++n) step[n] = random.uniform(which, n) - 0.5;
    const double size = length(step);
    for (double& each : step) each *= h / size;
    circuit.disturb(step);
    const double squared = std::pow(length(circuit.field(".error", "eps")) / h, 2);
    CHECK(squared <= modes.fastest * (1 + error));
    CHECK(squared >= modes.slowest * (1 - error));
  }
}

}  // namespace test_tools_inference_stability
