/// Rosenbaum's convolutional network, made small: what one batch teaches it, by strict, fixed-prediction and exact
/// predictive coding, is what his own program Torch2PC makes of it (torch2pc/make.py), and Adam's steps are PyTorch's.

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "sim/experiment/comparison.hpp"
#include "sim/experiment/experiment.hpp"
#include "sim/netlist/weights_file.hpp"
#include "tests/circuits/circuits_testing.hpp"
#include "tests/project_file.hpp"

namespace test_circuits_rosenbaum {

using namespace locus;
using namespace locus::testing;

namespace {

constexpr unsigned lanes = 5;
constexpr std::int64_t predict = 15;  // 2 L + 1 + 4 for the exact form with softmax
const char* const layers[] = {"hidden1", "hidden2", "hidden3", "hidden4", "output"};

std::string oracle() { return project_file("tests/circuits/torch2pc/torch2pc.h5"); }

/// The netlist of that network. `alpha` = 1: weights change by the sum over the batch.
std::string text_of(const std::string& rule, const std::string& output, const std::string& values,
                    const std::string& synapse = "") {
  return fmt::format(
      "[circuit]\ntemplate = 'supervised-predictive-coding'\n"
      "layers = [[10, 10], [3, 8, 8], [2, 2, 2], 6, 5, 4]\nactivation = 'relu'\nbias = 'map'\nlanes = {}\n"
      "values = '{}'\noutput = '{}'\nfeedback_weights = 'tied'\n"
      "connect = {{ hidden1 = {{ window = [3, 3] }}, hidden2 = {{ window = [3, 3] }} }}\n"
      "pool = {{ hidden1 = {{ window = [2, 2] }} }}\n"
      "[weights]\nshared = 'window'\nfile = '{}'\n[learning]\nrule = '{}'\n{}\n"
      "[stimuli]\ndata = {{ inputs = 'hdf5:{}:inputs', targets = 'hdf5:{}:targets' }}\nencode = 'rate'\n"
      "predict = {}\nteach = {}\n",
      lanes, values, output, oracle(), rule, synapse.empty() ? "alpha = 1" : synapse, oracle(), oracle(), predict,
      rule == "exact" ? 5 : 20);
}

row stored(const std::string& name) { return read_weights(oracle(), name).values; }

/// Weights and biases, by name, once the batch has been shown so often.
std::map<std::string, row> learnt(const std::string& text, int times) {
  const description netlist = netlist_of(text);
  rig r(netlist, load_data(netlist.data));
  for (int n = 0; n < times; ++n) r.world.teach(std::vector<std::uint32_t>{0, 1, 2, 3, 4}, {predict, 20, 0});
  std::map<std::string, row> all;
  for (const std::string layer : layers) {
    for (const std::string& name : {layer + ".forward", layer + ".bias"})
      all[name] = r.sim->weights(r.projection(name));
  }
  return all;
}

/// The largest difference between what was learnt and what Torch2PC learns, over the layer's largest change.
double worst_difference(const std::string& rule, const std::string& output, const std::string& values) {
  double worst = 0;
  for (const auto& [name, after] : learnt(text_of(rule, output, values), 1)) {
    const row before = stored(name), expected = stored(fmt::format("{}/{}/{}", rule, output, name));
    REQUIRE(after.size() == expected.size());
    const double scale = largest(expected);
    CHECK(scale > 1e-3);
    row change;
    for (std::size_t k = 0; k < after.size(); ++k) change.push_back(after[k] - before[k]);
    INFO(name);
    worst = std::fmax(worst, largest_difference(change, expected) / scale);
  }
  return worst;
}

/// Rounding: a prediction is a sum of at most 27 products below 4, off by 27 x 4 x 1.1e-16; twenty iterations add up as
/// many such errors, each of which comes back over weights of at most 2 in four layers, while they contract. Against
/// changes of 1e-3 and more that is below 1e-9; one wrong term would be off by more than 1e-3.
constexpr double rounding = 1e-9;

}  // namespace

TEST_CASE("Rosenbaum's rules on his convolutional network learn what Torch2PC learns", "[circuits]") {
  for (const std::string rule : {"fixed-prediction", "exact", "strict"}) {
    for (const std::string output : {"softmax", "linear"}) {
      INFO(rule << " " << output);
      CHECK(worst_difference(rule, output, "rates") < rounding);
    }
  }
}

TEST_CASE("fixed and exact predictions come to the same whether values are sums or rates, strict ones do not",
          "[circuits]") {
  for (const std::string output : {"softmax", "linear"}) {
    INFO(output);
    CHECK(worst_difference("fixed-prediction", output, "sums") < rounding);
    CHECK(worst_difference("exact", output, "sums") < rounding);
    CHECK(worst_difference("strict", output, "sums") > 0.01);
  }
}

TEST_CASE("a loss that is a mean teaches as much less, but for strict predictive coding", "[circuits]") {
  const auto largest_between = [](const std::string& rule, const std::string& scale, const std::string& inverse) {
    const auto whole = learnt(text_of(rule, "linear", "rates"), 1);
    const auto part =
        learnt(text_of(rule, "linear", "rates", fmt::format("alpha = {}\nloss_scale = {}", inverse, scale)), 1);
    double worst = 0;
    for (const auto& [name, after] : whole) worst = std::fmax(worst, largest_difference(after, part.at(name)));
    return worst;
  };
  // A power of two changes no digit of backpropagation's errors. Values that relax lie by so much nearer to their
  // predictions, and lose that many digits of the difference.
  CHECK(largest_between("bp", "0.0078125", "128") == 0);
  CHECK(largest_between("fixed-prediction", "0.0078125", "128") < 128 * rounding);
  CHECK(largest_between("fixed-prediction", "0.0078125", "128") > 0);
  CHECK(largest_between("strict", "0.0078125", "128") > 0.01);
}

TEST_CASE("Rosenbaum's network learns by PyTorch's Adam", "[circuits]") {
  const std::string text =
      text_of("fixed-prediction", "softmax", "rates", "synapse = 'adam-hebbian'\nparams = { alpha = 0.002 }");
  for (const auto& [name, after] : learnt(text, 3)) {
    INFO(name);
    // Steps are 0.002 long; they go by the quotient of gradients of the same sign and their root mean square, in which
    // the gradients' relative errors stay as they are.
    CHECK(largest_difference(after, stored("adam/" + name)) < 3 * 0.002 * rounding);
    CHECK(largest_difference(after, stored(name)) > 0.001);
  }
}

TEST_CASE("exact predictive coding on Rosenbaum's network is its backpropagation twin, bit for bit", "[circuits]") {
  for (const std::string values : {"rates", "sums"}) {
    for (const std::string output : {"softmax", "linear"}) {
      INFO(values << " " << output);
      const std::string more = "alpha = 0.1\nloss_scale = 0.3";
      const description exact = netlist_of(text_of("exact", output, values, more));
      const description twin = netlist_of(text_of("bp", output, values, more));
      experiment_options options;
      options.against = &twin;
      options.max_updates = 20;
      options.evaluate = false;
      description long_exact = exact;
      long_exact.epochs = 20;
      const run_result result = experiment(long_exact, load_data(exact.data), options).run();
      REQUIRE(result.against.has_value());
      CHECK(result.against->bit_identical);
      CHECK(result.against->updates == 20);
    }
  }
}

}  // namespace test_circuits_rosenbaum
