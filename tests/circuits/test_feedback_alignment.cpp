/// Feedback alignment against a few lines of reference, and the linear experiment of Lillicrap et al. 2016.

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "models/templates/catalogue.hpp"
#include "models/templates/variants.hpp"
#include "sim/experiment/experiment.hpp"
#include "tests/circuits/circuits_testing.hpp"
#include "tests/project_file.hpp"

namespace test_circuits_feedback_alignment {

using namespace locus;
using namespace locus::testing;

namespace {

struct shipped {
  explicit shipped(const std::string& name, const std::vector<std::string>& overrides = {}) {
    const std::string file = project_file("netlists/" + name + ".toml");
    const netlist_reader read = [&](std::vector<std::string> more) {
      more.insert(more.begin(), overrides.begin(), overrides.end());
      return document::from_file(file, more);
    };
    netlist = read_netlist(read({}), all_templates());
    twin = with_rule(read, "bp").value();
    data = load_data(netlist.data);
  }
  description netlist, twin;
  data_set data;
};

/// The hidden layer's angle, mean over the first and the last `window` examples, and the loss there.
struct descent {
  double first_angle = 0, last_angle = 0, first_loss = 0, last_loss = 0;
};

descent linear_run(std::uint64_t seed) {
  const shipped s("linear-feedback-alignment",
                  {fmt::format("weights.seed={}", seed), fmt::format("feedback.weights.seed={}", seed),
                   fmt::format("stimuli.data.seed={}", seed)});
  constexpr std::uint64_t window = 20, examples = 2000;
  descent result;
  experiment_options options;
  options.against = &s.twin;
  options.measure_angles = true;
  options.evaluate = false;
  options.on_angle = [&](experiment& x, const angle_sample& angle, const answer_score& answer) {
    const std::uint64_t n = x.presentations();
    if (n <= window) {
      result.first_angle += angle.layers.front() / window;
      result.first_loss += answer.mean_loss().value() / window;
    }
    if (n > examples - window) {
      result.last_angle += angle.layers.front() / window;
      result.last_loss += answer.mean_loss().value() / window;
    }
  };
  experiment(s.netlist, s.data, options).run();
  return result;
}

}  // namespace

TEST_CASE("feedback alignment does what its equations say", "[circuits]") {
  const description d = netlist_of(
      "[circuit]\ntemplate = 'feedback-alignment'\nlayers = [4, 6, 5, 3]\nactivation = 'tanh'\n[weights]\nseed = 2\n"
      "[feedback]\nweights = { init = 'uniform', scale = 0.7, seed = 5 }\nconnect = { probability = 0.6, seed = 3 }\n"
      "[learning]\nalpha = 0.05\n[stimuli]\npredict = 5\nteach = 4\n");
  rig r(d, drawn_data(4, 3, 8, 21));
  std::vector<dense_weights> w, b;
  for (const char* name : {"hidden1.forward", "hidden2.forward", "output.forward"})
    w.push_back(weights_of(*r.sim, name));
  for (const char* name : {"hidden1.feedback", "hidden2.feedback"}) {
    const projection& p = r.net.projections[r.projection(name)];
    dense_weights dense{r.net.size_after(p), r.net.size_before(p), row(r.net.size_after(p) * r.net.size_before(p))};
    const row listed = r.sim->weights(r.projection(name));
    std::size_t connection = 0;
    p.connections.each(
        [&](std::size_t pre, std::size_t post) { dense.values[post * dense.columns + pre] = listed[connection++]; });
    CHECK(listed.size() < dense.values.size());
    b.push_back(dense);
  }
  for (std::uint32_t n = 0; n < 8; ++n) {
    const row x = r.data.train.input_of(n), target = r.data.train.target_of(n);
    std::vector<row> rate(4), delta(4);
    rate[0] = x;
    for (double& each : rate[0]) each = std::tanh(each);
    for (std::size_t k = 1; k <= 3; ++k) {
      rate[k] = w[k - 1].times(rate[k - 1]);
      if (k < 3) {
        for (double& each : rate[k]) each = std::tanh(each);
      }
    }
    for (std::size_t i = 0; i < 3; ++i) delta[3].push_back(target[i] - rate[3][i]);
    for (std::size_t k = 2; k >= 1; --k) {
      delta[k] = b[k - 1].times(delta[k + 1]);
      for (std::size_t i = 0; i < delta[k].size(); ++i) delta[k][i] *= 1 - rate[k][i] * rate[k][i];
    }
    for (std::size_t k = 1; k <= 3; ++k) {
      for (std::size_t i = 0; i < w[k - 1].rows; ++i) {
        for (std::size_t j = 0; j < w[k - 1].columns; ++j)
          w[k - 1].values[i * w[k - 1].columns + j] += 0.05 * delta[k][i] * rate[k - 1][j];
      }
    }
    r.world.teach(std::vector<std::uint32_t>{n}, {5, 4, 0});
  }
  // Eight updates of numbers below 2, each rounded a few times: 8 * 10 * 2e-16.
  CHECK(largest_difference(r.sim->weights(r.projection("hidden1.forward")), w[0].values) < 2e-14);
  CHECK(largest_difference(r.sim->weights(r.projection("hidden2.forward")), w[1].values) < 2e-14);
  CHECK(largest_difference(r.sim->weights(r.projection("output.forward")), w[2].values) < 2e-14);
}

TEST_CASE("feedback alignment: in the linear experiment the angle falls from 90 degrees below 45, and the loss falls",
          "[circuits]") {
  const descent d = linear_run(1);
  CHECK(std::abs(d.first_angle - 90) < 20);
  CHECK(d.last_angle < 45);
  CHECK(d.last_loss < 1e-2 * d.first_loss);
}

TEST_CASE("feedback alignment: the linear experiment comes out alike for 20 teachers and networks",
          "[circuits][validation]") {
  double first = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const descent d = linear_run(seed);
    INFO(seed << ": " << d.first_angle << " -> " << d.last_angle << ", " << d.first_loss << " -> " << d.last_loss);
    CHECK(d.last_angle < 45);
    CHECK(d.last_loss < 1e-1 * d.first_loss);
    first += d.first_angle / 20;
  }
  CHECK(first == Approx(90).margin(10));
}

TEST_CASE("feedback alignment learns the digits, with half of its feedback synapses missing", "[circuits]") {
  const shipped s("digits-feedback-alignment");
  experiment e(s.netlist, s.data);
  const run_result result = e.run();
  CHECK(result.epochs.back().test->accuracy() > 0.94);
  const projection& p = e.net().projections[e.net().find_projection("hidden1.feedback").value()];
  CHECK(e.net().connections(p) < 192);  // of 320, at probability 0.5
}

}  // namespace test_circuits_feedback_alignment
