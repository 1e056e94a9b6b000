/// Difference target propagation and plain target propagation (Lee et al. 2015) against NumPy
/// (published/target_propagation.py), and what the template promises.

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "sim/netlist/weights_file.hpp"
#include "tests/circuits/circuits_testing.hpp"
#include "tests/project_file.hpp"

namespace test_circuits_target_propagation {

using namespace locus;
using namespace locus::testing;

namespace {

std::string oracle() { return project_file("tests/circuits/published/target_propagation.h5"); }

std::string text_of(const std::string& rule, const std::string& output = "linear", const std::string& learning = {}) {
  return fmt::format(
      "[circuit]\ntemplate = 'target-propagation'\nlayers = [6, 5, 4, 4, 3]\nactivation = 'tanh'\noutput = '{}'\n"
      "bias = true\nlanes = 3\n[weights]\nfile = '{}'\n[learning]\nrule = '{}'\nalpha = 0.1\nstride = 0.5\n"
      "inverse = {{ alpha = 0.2, sigma = 0.3 }}\n{}\n[stimuli]\n"
      "data = {{ inputs = 'hdf5:{}:inputs', targets = 'hdf5:{}:targets' }}\nencode = 'rate'\npredict = 20\nteach = 5\n",
      output, oracle(), rule, learning, oracle(), oracle());
}

const char* const learning_projections[] = {"hidden1.forward", "hidden2.forward",      "hidden3.forward",
                                            "output.forward",  "hidden1.bias",         "hidden2.bias",
                                            "hidden3.bias",    "output.bias",          "hidden1.inverse",
                                            "hidden2.inverse", "hidden1.inverse.bias", "hidden2.inverse.bias"};

/// Learns the four batches and compares all weights with NumPy's after each.
void check_case(const std::string& name, const std::string& text, double bound) {
  const description netlist = netlist_of(text);
  rig r(netlist, load_data(netlist.data));
  for (std::uint32_t n = 0; n < 4; ++n) {
    r.world.teach(std::vector<std::uint32_t>{3 * n, 3 * n + 1, 3 * n + 2}, {20, 5, 0});
    for (const std::string each : learning_projections) {
      const row after = r.sim->weights(r.projection(each));
      INFO(name << " " << each << " after update " << n + 1);
      CHECK(largest_difference(after, read_weights(oracle(), fmt::format("{}/{}/{}", name, n + 1, each)).values) <
            bound);
      if (n == 3) CHECK(largest_difference(after, read_weights(oracle(), each).values) > 0.01);
    }
  }
}

}  // namespace

TEST_CASE("target propagation learns what NumPy makes of the authors' rule, update by update", "[circuits]") {
  // Rates are below 1, weights below 2, and sums have at most 7 terms: a sum is off by 7 * 2 * 1.1e-16, and what four
  // layers up and three down make of it, by no more than 2 * 5 to the power of their number, in the worst case; in fact
  // slopes are below 1 and errors of independent sums cancel. A term that is wrong changes weights by more than 1e-4.
  constexpr double bound = 1e-12;
  check_case("difference", text_of("difference"), bound);
  check_case("plain", text_of("plain"), bound);
  check_case("softmax", text_of("difference", "softmax"), bound);
}

TEST_CASE("target propagation learns by the authors' RMSprop, update by update", "[circuits]") {
  // A step is alpha / sqrt(0.001) = 6 times the gradient at most: errors of the gradient grow as often.
  check_case("rmsprop",
             text_of("difference", "linear",
                     fmt::format("synapse = 'rmsprop-hebbian'\nparams = {{ scale = {:.17g} }}", 1.0 / 3)),
             1e-11);
}

TEST_CASE("target propagation: a hidden layer's target is its rate, bit for bit, until one comes down", "[circuits]") {
  const description netlist = netlist_of(text_of("difference"));
  rig r(netlist, load_data(netlist.data));
  field_recorder fields({{"hidden1.value", "rate"},
                         {"hidden1.value", "down"},
                         {"hidden1.value", "delta"},
                         {"hidden3.value", "delta"},
                         {"output.value", "delta"}});
  r.sim->observe(&fields);
  r.world.teach(std::vector<std::uint32_t>{0, 1, 2}, {20, 5, 0});
  r.sim->observe(nullptr);
  // The phase begins at tick 20: units know it at 21, when the output has its error; hidden3 hears it at 22, and
  // hidden1 its target at 24, which is the tick of the update.
  CHECK(fields.at(20, "output.value.delta") == row(3));
  CHECK(largest(fields.at(21, "output.value.delta")) > 0);
  CHECK(fields.at(21, "hidden3.value.delta") == row(4));
  CHECK(largest(fields.at(22, "hidden3.value.delta")) > 0);
  for (const std::size_t t : {21U, 22U, 23U}) {
    CHECK(fields.at(t, "hidden1.value.down") == fields.at(t, "hidden1.value.rate"));
    CHECK(fields.at(t, "hidden1.value.delta") == row(5));
  }
  CHECK(largest(fields.at(24, "hidden1.value.delta")) > 0);
  CHECK(fields.at(24, "hidden1.value.rate") == fields.at(14, "hidden1.value.rate"));
}

TEST_CASE("target propagation: frozen projections keep their weights and change no others' rule", "[circuits]") {
  const auto learnt = [](const std::string& more, const std::string& projection) {
    const description netlist = netlist_of(text_of("difference", "linear", more));
    rig r(netlist, load_data(netlist.data));
    r.world.teach(std::vector<std::uint32_t>{0, 1, 2}, {20, 5, 0});
    return r.sim->weights(r.projection(projection));
  };
  const std::string frozen = "frozen = ['hidden2.forward', 'hidden1.bias']";
  for (const std::string each : learning_projections) {
    INFO(each);
    const bool still = each == "hidden2.forward" || each == "hidden1.bias";
    CHECK(learnt(frozen, each) == (still ? read_weights(oracle(), each).values : learnt("", each)));
  }
  CHECK_THROWS_WITH(netlist_of(text_of("difference", "linear", "frozen = ['hidden9.forward']")),
                    Catch::Contains("no projection is called \"hidden9.forward\": locus expand lists them"));
}

TEST_CASE("target propagation: inverses come to reconstruct what was sent", "[circuits]") {
  const auto reconstruction = [](rig& r) {
    r.world.show(r.data.train, std::vector<std::uint32_t>{0, 1, 2}, 20);
    double sum = 0;
    for (const double x : field_of(*r.sim, "hidden2.value", "lost")) sum += x * x;
    return sum;
  };
  const description netlist =
      netlist_of(text_of("difference", "linear",
                         "frozen = ['output.forward', 'output.bias', "
                         "'hidden1.forward', 'hidden1.bias', 'hidden2.forward', 'hidden2.bias', "
                         "'hidden3.forward', 'hidden3.bias']"));
  rig r(netlist, load_data(netlist.data));
  const double before = reconstruction(r);
  for (int n = 0; n < 400; ++n) {
    const std::uint32_t first = 3 * (static_cast<std::uint32_t>(n) % 4);
    r.world.teach(std::vector<std::uint32_t>{first, first + 1, first + 2}, {20, 5, 0});
  }
  CHECK(before > 0.1);
  CHECK(reconstruction(r) < before / 10);
}

}  // namespace test_circuits_target_propagation
