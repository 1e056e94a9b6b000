/// Circuits that learn in time: a movie's direction, and the next point of a sine.

#include <catch2/catch.hpp>

#include <cmath>

#include "models/templates/catalogue.hpp"
#include "sim/data/order.hpp"
#include "sim/experiment/experiment.hpp"
#include "tests/circuits/circuits_testing.hpp"
#include "tests/project_file.hpp"

namespace test_circuits_time {

using namespace locus;
using namespace locus::testing;

namespace {

description shipped_netlist(const std::string& name) {
  return read_netlist(document::from_file(project_file("netlists/" + name + ".toml")), all_templates());
}

/// One frame of a sample.
row frame_of(const row& sample, std::size_t frame, std::size_t width) {
  const auto first = sample.begin() + static_cast<std::ptrdiff_t>(frame * width);
  return {first, first + static_cast<std::ptrdiff_t>(width)};
}

void learn(dense_weights& w, const row& error, const row& before) {
  for (std::size_t i = 0; i < w.rows; ++i) {
    for (std::size_t j = 0; j < w.columns; ++j) w.values[i * w.columns + j] += 0.1 * error[i] * before[j];
  }
}

}  // namespace

TEST_CASE("movie: updates are backpropagation's on the last two frames", "[circuits]") {
  const description d = shipped_netlist("movie");
  rig r(d, load_data(d.data));
  dense_weights now = weights_of(*r.sim, "hidden1.forward"), before = weights_of(*r.sim, "hidden1.before"),
                out = weights_of(*r.sim, "output.forward");
  constexpr std::uint32_t epochs = 5, movies = 16;
  for (std::uint32_t epoch = 0; epoch < epochs; ++epoch) {
    for (const std::uint32_t sample : presentation_order(movies, d.shuffle, epoch)) {
      const row movie = r.data.train.input_of(sample), target = r.data.train.target_of(sample);
      const row last = frame_of(movie, 3, 8), previous = frame_of(movie, 2, 8);
      row hidden = now.times(last);
      const row late = before.times(previous);
      for (std::size_t i = 0; i < hidden.size(); ++i) hidden[i] = std::tanh(hidden[i] + late[i]);
      row error = out.times(hidden);
      for (std::size_t i = 0; i < error.size(); ++i) error[i] = target[i] - error[i];
      row back = out.transposed().times(error);
      for (std::size_t i = 0; i < back.size(); ++i) back[i] *= 1 - hidden[i] * hidden[i];
      learn(out, error, hidden);
      learn(now, back, last);
      learn(before, back, previous);
      r.world.teach(std::vector{sample}, draw_times(d.timeline, 0));
    }
  }
  // 80 updates of numbers below 2, each rounded some ten times: 80 * 10 * 2e-16. What is rounded otherwise is led on by
  // the next updates, which at this rate at most double it in ten: 2^8.
  const double bound = 80 * 10 * 2e-16 * 256;
  CHECK(largest_difference(r.sim->weights(r.projection("output.forward")), out.values) < bound);
  CHECK(largest_difference(r.sim->weights(r.projection("hidden1.forward")), now.values) < bound);
  CHECK(largest_difference(r.sim->weights(r.projection("hidden1.before")), before.values) < bound);
}

TEST_CASE("movie: the circuit comes to tell all directions, also in faint light", "[circuits]") {
  const description d = shipped_netlist("movie");
  const data_set data = load_data(d.data);
  experiment x(d, data);
  const run_result result = x.run();
  CHECK(result.epochs.front().train.accuracy() < 0.8);
  CHECK(result.epochs.back().train.accuracy() == 1);
  CHECK(result.epochs.back().test->accuracy() == 1);
}

TEST_CASE("movie: without the frame before there is nothing to learn", "[circuits]") {
  description d = shipped_netlist("movie");
  for (projection_description& p : d.projections) {
    if (p.name == "hidden1.before") p.delay = 0;  // the same frame twice
  }
  const data_set data = load_data(d.data);
  experiment x(d, data);
  CHECK(x.run().epochs.back().test->accuracy() == 0.5);
}

TEST_CASE("sine: the weights are those of plain loops, bit for bit, and come to 2 cos(w) and -1", "[circuits]") {
  const description d = shipped_netlist("sine");
  const data_set data = load_data(d.data);
  experiment x(d, data);
  const run_result result = x.run();
  double now = 0, before = 0;
  for (std::uint32_t epoch = 0; epoch < d.epochs; ++epoch) {
    for (const std::uint32_t sample : presentation_order(data.train.count(), d.shuffle, epoch)) {
      const row s = data.train.input_of(sample), next = data.train.target_of(sample);
      for (std::size_t t = 1; t < 40; ++t) {
        const double error = next[t - 1] - std::fma(before, s[t - 1], now * s[t]);
        now = std::fma(0.05, error * s[t], now);
        before = std::fma(0.05, error * s[t - 1], before);
      }
    }
  }
  CHECK(x.sim().weights(0).at(0) == now);
  CHECK(x.sim().weights(1).at(0) == before);
  // Each period of twelve points makes what is missing of the weights smaller by a factor of about 1 - alpha 6 (1 - cos
  // w) = 0.96 in the slower direction: of 390 periods 0.96^390 = 1e-7 is left of 2.
  CHECK(std::abs(now - std::sqrt(3.0)) < 1e-6);
  CHECK(std::abs(before + 1) < 1e-6);
  CHECK(result.epochs.back().test->r2() > 1 - 1e-12);
  CHECK(result.epochs.back().test->samples == 6 * 39);  // every point is an answer
  CHECK(result.epochs.front().train.r2() < 0.99);
}

}  // namespace test_circuits_time
