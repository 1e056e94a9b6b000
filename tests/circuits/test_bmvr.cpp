/// BMVR (Golkar et al. 2020) against a few lines of reference, its closed form, and its invariant.

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "models/templates/catalogue.hpp"
#include "sim/data/order.hpp"
#include "sim/experiment/experiment.hpp"
#include "tests/circuits/circuits_testing.hpp"
#include "tests/project_file.hpp"
#include "tools/reproduce/linear_regression.hpp"

namespace test_circuits_bmvr {

using namespace locus;
using namespace locus::testing;

namespace {

std::string netlist_text(const std::string& circuit, const std::string& learning, const std::string& more = {}) {
  return fmt::format(
      "[circuit]\ntemplate = 'bmvr'\nlayers = [6, 4, 3]\n{}\n[weights]\nseed = 3\n[learning]\nalpha = 0.05\n"
      "alpha_apical = 0.02\nalpha_inhibition = 0.03\n{}\n[stimuli]\nencode = 'rate'\npredict = 2\nteach = 3\nrest = "
      "1\n{}\n",
      circuit, learning, more);
}

/// The rule of the paper in plain loops: Eqs. (5)-(9), (21), (22), and (24) in both readings.
struct reference_bmvr {
  dense_weights w, v, p, r;
  row mean;
  bool relu = false, inside = false;
  double eta_w = 0.05, eta_v = 0.02, eta_p = 0.03, beta = 0;

  void learn(const row& x, const row& y) {
    row h = w.times(x), z(h.size()), averaged(h.size());
    row slope(h.size(), 1.0);
    for (std::size_t i = 0; i < h.size(); ++i) {
      const double u = inside ? h[i] - mean[i] : h[i];
      const double active = relu && u <= 0 ? 0 : u;
      if (relu && u <= 0) slope[i] = 0;
      z[i] = inside ? active : active - mean[i];
      averaged[i] = inside ? h[i] : active;
    }
    const row n = r.times(z), excitation = v.transposed().times(y), inhibition = p.times(n);
    for (std::size_t i = 0; i < z.size(); ++i) {
      for (std::size_t j = 0; j < x.size(); ++j)
        w.values[i * x.size() + j] += eta_w * slope[i] * (excitation[i] - inhibition[i]) * x[j];
      for (std::size_t o = 0; o < y.size(); ++o) {
        double& weight = v.values[o * z.size() + i];
        weight += eta_v * (y[o] * z[i] - weight);
      }
      for (std::size_t k = 0; k < n.size(); ++k) {
        p.values[i * n.size() + k] += eta_p * (z[i] * n[k] - p.at(i, k));
        r.values[k * z.size() + i] += eta_p * (n[k] * z[i] - r.at(k, i));
      }
      mean[i] += beta * (averaged[i] - mean[i]);
    }
  }
};

void check_against_reference(const std::string& circuit, const std::string& learning, reference_bmvr reference,
                             const std::string& more = {}) {
  rig r(netlist_of(netlist_text(circuit, learning, more)), drawn_data(6, 3, 12, 17));
  reference.w = weights_of(*r.sim, "hidden1.forward");
  reference.v = weights_of(*r.sim, "hidden1.apical").transposed();
  reference.p = weights_of(*r.sim, "hidden1.inhibition");
  reference.r = weights_of(*r.sim, "hidden1.excitation");
  reference.mean.assign(4, 0.0);
  for (std::uint32_t n = 0; n < 12; ++n) {
    const row x = r.data.train.input_of(n), y = r.data.train.target_of(n);
    reference.learn(x, y);
    r.world.teach(std::vector<std::uint32_t>{n}, {2, 3, 1});
  }
  // Twelve updates of numbers below 2, each from at most 20 roundings: 12 * 20 * 2 * 1.1e-16.
  constexpr double bound = 6e-14;
  CHECK(largest_difference(weights_of(*r.sim, "hidden1.forward").values, reference.w.values) < bound);
  CHECK(largest_difference(weights_of(*r.sim, "hidden1.apical").transposed().values, reference.v.values) < bound);
  CHECK(largest_difference(weights_of(*r.sim, "hidden1.inhibition").values, reference.p.values) < bound);
  CHECK(largest_difference(weights_of(*r.sim, "hidden1.excitation").values, reference.r.values) < bound);
  CHECK(weights_of(*r.sim, "output.forward").values == weights_of(*r.sim, "hidden1.apical").transposed().values);
  if (reference.beta > 0) CHECK(largest_difference(weights_of(*r.sim, "hidden1.mean").values, reference.mean) < bound);
}

document shipped_text(const std::string& name, const std::vector<std::string>& overrides) {
  return document::from_file(project_file("netlists/" + name + ".toml"), overrides);
}

/// Trains the linear circuit and holds it to its closed form: the best regression of its rank, uncorrelated outputs,
/// and calcium that is backpropagation's signal.
void check_closed_form(const std::vector<std::string>& overrides, std::size_t rank) {
  const description d = read_netlist(shipped_text("digits-bmvr", overrides), all_templates());
  const data_set data = load_data(d.data);
  experiment_options options;
  options.evaluate = false;
  experiment x(d, data, options);
  x.run();
  const dense_weights w = weights_of(x.sim(), "hidden1.forward"), v = weights_of(x.sim(), "output.forward"),
                      p = weights_of(x.sim(), "hidden1.inhibition");
  const linear_regression best(data.train);
  CHECK(best.loss(w.values, v.values) < 1.01 * best.least_loss(rank));
  CHECK(best.loss(w.values, v.values) > 0.999999 * best.least_loss(rank));

  row in(data.train.inputs()), y(data.train.targets());
  row moments(rank * rank), calcium_bp(3);
  for (std::uint32_t n = 0; n < data.train.count(); ++n) {
    in = data.train.input_of(n);
    y = data.train.target_of(n);
    const row z = w.times(in), q = p.times(p.transposed().times(z)), answer = v.times(z);
    row error = y;
    for (std::size_t o = 0; o < y.size(); ++o) error[o] -= answer[o];
    const row excitation = v.transposed().times(y), told = v.transposed().times(error);
    for (std::size_t i = 0; i < rank; ++i) {
      const double calcium = excitation[i] - q[i];
      calcium_bp[0] += calcium * told[i], calcium_bp[1] += calcium * calcium, calcium_bp[2] += told[i] * told[i];
      for (std::size_t j = 0; j < rank; ++j) moments[i * rank + j] += z[i] * z[j] / data.train.count();
    }
  }
  const double cosine = calcium_bp[0] / std::sqrt(calcium_bp[1] * calcium_bp[2]);
  for (std::size_t i = 0; i < rank; ++i) moments[i * rank + i] -= 1;
  INFO(d.source << " rank " << rank << ": loss " << best.loss(w.values, v.values) / best.least_loss(rank)
                << ", <zz> - 1 " << largest(moments) << ", cosine " << cosine);
  CHECK(cosine > 0.98);
  CHECK(largest(moments) < 0.1);  // a stationary state of an online rule: fluctuates with its rates
}

}  // namespace

TEST_CASE("BMVR does what its equations say", "[circuits]") {
  reference_bmvr linear;
  for (const char* interneurons : {"tied", "born-equal", "born-apart"}) {
    const std::string apart = interneurons == std::string("born-apart") ? "[excitation]\nweights = { seed = 5 }" : "";
    check_against_reference(fmt::format("activation = 'identity'\ninterneurons = '{}'", interneurons), "", linear,
                            apart);
  }
  reference_bmvr relu = linear;
  relu.relu = true;
  check_against_reference("activation = 'relu'", "", relu);
  relu.beta = 0.1;
  check_against_reference("activation = 'relu'\nmean = 'after'", "alpha_mean = 0.1", relu);
  relu.inside = true;
  check_against_reference("activation = 'relu'\nmean = 'inside'", "alpha_mean = 0.1", relu);
}

TEST_CASE("BMVR: lanes sum the updates of samples that see the same weights", "[circuits]") {
  const auto text = netlist_text("activation = 'identity'\nlanes = 2", "");
  rig two(netlist_of(text), drawn_data(6, 3, 2, 17));
  const dense_weights before = weights_of(*two.sim, "hidden1.apical"), w = weights_of(*two.sim, "hidden1.forward");
  two.world.teach(std::vector<std::uint32_t>{0, 1}, {2, 3, 1});
  dense_weights expected = before;
  for (std::uint32_t n = 0; n < 2; ++n) {
    const row x = two.data.train.input_of(n), y = two.data.train.target_of(n);
    const row z = w.times(x);
    for (std::size_t i = 0; i < 4; ++i) {
      for (std::size_t o = 0; o < 3; ++o) expected.values[i * 3 + o] += 0.02 * (z[i] * y[o] - before.at(i, o));
    }
  }
  CHECK(largest_difference(weights_of(*two.sim, "hidden1.apical").values, expected.values) <
        1e-15);  // few roundings < 1
}

TEST_CASE("BMVR: synapses to and from interneurons that are born apart find each other as 1 - eta to the samples",
          "[circuits]") {
  // The netlist's own data and rate, one epoch: P - R^T = (1 - eta)^n (P - R^T) at birth, Eq. (23).
  const description d =
      read_netlist(shipped_text("digits-bmvr-decoupled", {"stimuli.train_limit=1000"}), all_templates());
  rig r(d, load_data(d.data));
  const auto difference = [&] {
    dense_weights out = weights_of(*r.sim, "hidden1.inhibition");
    const dense_weights back = weights_of(*r.sim, "hidden1.excitation").transposed();
    for (std::size_t k = 0; k < out.values.size(); ++k) out.values[k] -= back.values[k];
    return out.values;
  };
  const row born = difference();
  CHECK(largest(born) > 0.1);
  constexpr unsigned samples = 1000;
  for (std::uint32_t n = 0; n < samples; ++n) r.world.teach(std::vector<std::uint32_t>{n}, {3, 2, 1});
  const double lambda = 1 - 0.001;
  row expected = born;
  for (double& each : expected) each *= std::pow(lambda, samples);
  // Both ends add the same product and round twice an update, of numbers below 4 (half an ulp: 2^-52), so that the
  // difference errs by at most 4 * 2^-52 an update.
  CHECK(largest(weights_of(*r.sim, "hidden1.inhibition").values) < 4);
  CHECK(largest_difference(difference(), expected) < samples * 4 * 0x1p-52);
}

TEST_CASE("BMVR comes to the best regression of its rank, with uncorrelated outputs and backpropagation's signal",
          "[circuits]") {
  check_closed_form({"circuit.layers=[8, 2, 4]", "learning.alpha=0.002", "learning.alpha_apical=0.0001",
                     "learning.alpha_inhibition=0.0001", "stimuli.epochs=30",
                     "stimuli.data={ teacher = [8, 4], samples = 5000, seed = 1 }"},
                    2);
}

TEST_CASE("BMVR comes to the best regression of the digits", "[circuits][validation]") {
  check_closed_form({"stimuli.epochs=500", "learning.alpha=0.02", "learning.alpha_apical=0.00025",
                     "learning.alpha_inhibition=0.0005"},
                    5);
}

}  // namespace test_circuits_bmvr
