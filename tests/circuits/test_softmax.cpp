/// Softmax with cross-entropy at the output: against backpropagation in plain loops, and against what probabilities
/// are.

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "models/templates/catalogue.hpp"
#include "sim/core/functions.hpp"
#include "tests/circuits/circuits_testing.hpp"
#include "tests/project_file.hpp"

namespace test_circuits_softmax {

using namespace locus;
using namespace locus::testing;

namespace {

description shipped(const std::string& name, const std::vector<std::string>& overrides) {
  return read_netlist(document::from_file(project_file("netlists/" + name + ".toml"), overrides), all_templates());
}

}  // namespace

namespace {

/// A network with one hidden layer of tanh units, softmax outputs and cross-entropy, trained by backpropagation: plain
/// loops with the project's sums, exponentials and tanh. Its batch is row by row.
struct softmax_network {
  dense_weights w1, w2;
  row b1, b2;

  [[nodiscard]] static row sums(const dense_weights& w, const row& b, const row& before) {
    row out(w.rows);
    for (std::size_t i = 0; i < w.rows; ++i) {
      for (std::size_t j = 0; j < w.columns; ++j) out[i] = std::fma(w.at(i, j), before[j], out[i]);
      out[i] += b[i];
    }
    return out;
  }
  [[nodiscard]] static row softmax(const row& logits) {
    const double top = *std::max_element(logits.begin(), logits.end());
    row p;
    double total = 0;
    for (const double mu : logits) total += p.emplace_back(locus::exp(mu - top));
    for (double& each : p) each /= total;
    return p;
  }
  /// theta + alpha sum over lanes of post pre.
  static void learn(dense_weights& w, row& b, const std::vector<row>& post, const std::vector<row>& pre) {
    for (std::size_t i = 0; i < w.rows; ++i) {
      double bias = 0;
      for (std::size_t j = 0; j < w.columns; ++j) {
        double sum = 0;
        for (std::size_t lane = 0; lane < post.size(); ++lane) sum = std::fma(post[lane][i], pre[lane][j], sum);
        double& weight = w.values[i * w.columns + j];
        weight = std::fma(0.006, sum, weight);
      }
      for (const row& of_lane : post) bias += of_lane[i];
      b[i] = std::fma(0.006, bias, b[i]);
    }
  }

  [[nodiscard]] row answer(const row& input) const {
    row hidden = sums(w1, b1, input);
    for (double& h : hidden) h = activate(activation::tanh, h);
    return softmax(sums(w2, b2, hidden));
  }
  void update(const std::vector<row>& inputs, const std::vector<row>& targets) {
    std::vector<row> hidden(inputs.size()), error(inputs.size()), back(inputs.size());
    for (std::size_t lane = 0; lane < inputs.size(); ++lane) {
      const row x = sums(w1, b1, inputs[lane]);
      for (const double v : x) hidden[lane].push_back(activate(activation::tanh, v));
      const row p = softmax(sums(w2, b2, hidden[lane]));
      for (std::size_t k = 0; k < p.size(); ++k) error[lane].push_back(targets[lane][k] - p[k]);
      for (std::size_t i = 0; i < x.size(); ++i) {
        double sum = 0;
        for (std::size_t k = 0; k < p.size(); ++k) sum = std::fma(w2.at(k, i), error[lane][k], sum);
        back[lane].push_back(slope(activation::tanh, x[i], hidden[lane][i]) * sum);
      }
    }
    learn(w1, b1, back, inputs);
    learn(w2, b2, error, hidden);
  }
};

softmax_network same_weights(const simulator& s) {
  return {weights_of(s, "hidden1.forward"), weights_of(s, "output.forward"), weights_of(s, "hidden1.bias").values,
          weights_of(s, "output.bias").values};
}

}  // namespace

TEST_CASE("digits-softmax is backpropagation with softmax and cross-entropy in plain loops, bit for bit",
          "[circuits]") {
  const description d = shipped("digits-softmax", {"circuit.lanes=3"});
  rig r(d, load_data(d.data));
  softmax_network plain = same_weights(*r.sim);
  const row before = plain.w1.values;
  for (std::uint64_t n = 0; n < 60; ++n) {
    const presentation p = draw_presentation(4, n, r.data.train.input.rows(), 3, {7, 2, 0}, {12, 6, 3});
    std::vector<row> inputs, targets;
    for (const std::uint32_t sample : p.samples) {
      inputs.push_back(r.data.train.input_of(sample));
      targets.push_back(r.data.train.target_of(sample));
    }
    plain.update(inputs, targets);
    r.world.teach(p.samples, p.times);
    const softmax_network now = same_weights(*r.sim);
    REQUIRE(now.w1.values == plain.w1.values);
    REQUIRE(now.b1 == plain.b1);
    REQUIRE(now.w2.values == plain.w2.values);
    REQUIRE(now.b2 == plain.b2);
  }
  CHECK(plain.w1.values != before);
  CHECK(weights_of(*r.sim, "hidden1.feedback").values == plain.w2.transposed().values);
}

TEST_CASE("digits-softmax: probabilities, errors and cross-entropy, however large the logits", "[circuits]") {
  rig r(shipped("digits-softmax", {"circuit.lanes=1"}), load_data(shipped("digits-softmax", {}).data));
  for (const double scale : {1.0, 3000.0}) {
    dense_weights w = weights_of(*r.sim, "output.forward");
    for (double& each : w.values) each *= scale;
    r.sim->set_weights(r.projection("output.forward"), w.values);
    const softmax_network plain = same_weights(*r.sim);
    field_recorder fields({{"output.error", "mu"},
                           {"output.error", "eps"},
                           {"output.error", "surprise"},
                           {"output.softmax", "p"},
                           {"output.normaliser", "total"}});
    r.sim->observe(&fields);
    r.world.teach(std::vector<std::uint32_t>{7}, {8, 4, 0});
    r.sim->observe(nullptr);
    const row target = r.data.train.target_of(7), p = fields.at(7, "output.softmax.p");
    CHECK(p == plain.answer(r.data.train.input_of(7)));
    CHECK(fields.at(6, "output.softmax.p") == p);
    for (std::size_t t = 0; t < 8; ++t) {
      CHECK(largest(fields.at(t, "output.error.eps")) == 0);
      CHECK(largest(fields.at(t, "output.error.surprise")) == 0);
    }
    double sum = 0, cross_entropy = 0, parts = 0;
    const row mu = fields.at(8, "output.error.mu"), eps = fields.at(8, "output.error.eps");
    const double top = *std::max_element(mu.begin(), mu.end());
    for (std::size_t k = 0; k < 10; ++k) {
      CHECK(eps[k] == target[k] - p[k]);
      sum += p[k];
      parts += std::exp(mu[k] - top);
      if (target[k] == 1) cross_entropy = top - mu[k];
    }
    cross_entropy += std::log(parts);
    // Ten quotients, each rounded once (u = 2^-53), of a sum that is at most 9 u off, added up with at most 9 u more.
    CHECK(std::abs(sum - 1) <= 19 * 0x1p-53);
    double surprise = 0;
    for (const double each : fields.at(8, "output.error.surprise")) surprise += each;
    // log total: its argument is off by less than 12 u here (exp 1.2 ulp, 9 sums), so that the logarithm is by as much
    // absolutely, and by a rounding of itself, below log 10 < 4; libm's likewise. Then two roundings of the result.
    CHECK(std::abs(surprise - cross_entropy) <= (2 * (12 + 2 * 4) + 4 * cross_entropy) * 0x1p-53);
    CHECK(fields.at(7, "output.normaliser.total").at(0) >= 1);
  }
}

}  // namespace test_circuits_softmax
