/// The central claim: driven by stimuli alone, with jittered times, the burst circuit has the weights of
/// backpropagation, bit for bit, over a whole training run.

#include <catch2/catch.hpp>

#include "sim/experiment/experiment.hpp"
#include "tests/engine/engine_testing.hpp"

namespace test_validation_equals_backpropagation {

using namespace locus;
using namespace locus::testing;

namespace {

const data_set& digits_data() {
  static const data_set data = load_data(data_description{});
  return data;
}

void check_equal(const std::string& precision, const std::string& activation, unsigned lanes, unsigned hidden,
                 bool bias, const std::string& neuron, std::uint64_t updates) {
  short_form form;
  const std::vector<std::uint32_t> sizes{24, 19, 16, 12};
  form.layers = {64};
  form.layers.insert(form.layers.end(), sizes.begin(), sizes.begin() + hidden);
  form.layers.push_back(10);
  form.precision = precision;
  form.activation = activation;
  form.neuron = neuron;
  form.bias = bias;
  form.lanes = lanes;
  form.alpha = lanes == 1 ? 0.02 : 0.004;
  form.encode = "rate";
  form.epochs = 200;
  const unsigned depth = hidden + 1;
  form.predict = "[" + std::to_string(depth + 1) + ", " + std::to_string(depth + 6) + "]";
  form.teach = "[1, " + std::to_string(depth + 2) + "]";
  form.rest = "[" + std::to_string(depth - 1) + ", " + std::to_string(depth + 3) + "]";
  short_form bp = form;
  bp.rule = "bp";
  bp.neuron = "two-compartment";
  bp.predict = std::to_string(depth + 1);
  bp.teach = std::to_string(depth);
  bp.rest = "1";
  INFO(form.text());
  const description netlist = form.read(), twin = bp.read();
  experiment_options options;
  options.against = &twin;
  options.against_name = "bp";
  options.max_updates = updates;
  options.evaluate = false;
  experiment e(netlist, digits_data(), options);
  const run_result r = e.run();
  REQUIRE(r.against.has_value());
  CHECK(r.against->updates == updates);
  CHECK(r.against->bit_identical);
  CHECK(r.against->max_abs == 0);
  CHECK(r.against->first_difference.value_or("") == "");
  // It did learn: the loss of the last epoch is below that of the first. (One lane: an epoch is 1437 updates.)
  if (updates >= 1500) CHECK(r.epochs.back().train.mean_loss() < r.epochs.front().train.mean_loss());
}

}  // namespace

TEST_CASE("the weights are backpropagation's bit for bit after 1500 updates", "[validation]") {
  for (const char* precision : {"f32", "f64"}) {
    for (const char* activation : {"sigmoid", "tanh", "relu"}) {
      for (const unsigned lanes : {1U, 20U}) {
        for (const unsigned hidden : {1U, 2U, 3U, 4U}) {
          for (const bool bias : {true, false}) {
            check_equal(precision, activation, lanes, hidden, bias, "two-compartment", 1500);
          }
        }
      }
    }
  }
}

TEST_CASE("the segregated neuron's weights are backpropagation's bit for bit after 1500 updates", "[validation]") {
  for (const char* precision : {"f32", "f64"}) {
    for (const char* activation : {"sigmoid", "tanh", "relu"}) {
      for (const unsigned hidden : {1U, 3U}) check_equal(precision, activation, 20, hidden, true, "segregated", 1500);
    }
  }
}

TEST_CASE("a sample of the validation table: the weights are backpropagation's bit for bit", "[experiment]") {
  unsigned n = 0;
  for (const char* precision : {"f32", "f64"}) {
    for (const char* activation : {"sigmoid", "tanh", "relu"}) {
      for (const unsigned lanes : {1U, 20U}) {
        check_equal(precision, activation, lanes, 1 + n % 4, n % 3 == 0, n % 5 == 0 ? "segregated" : "two-compartment",
                    300);
        ++n;
      }
    }
  }
}

}  // namespace test_validation_equals_backpropagation
