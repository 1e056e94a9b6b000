/// Relaxed predictive coding (Millidge, Tschantz, Seth and Buckley 2020): each of its three parts, and all together,
/// against NumPy (published/relaxed.py), and what is known of them once they have settled.

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <map>

#include "sim/netlist/weights_file.hpp"
#include "tests/circuits/circuits_testing.hpp"
#include "tests/project_file.hpp"

namespace test_circuits_relaxed_predictive_coding {

using namespace locus;
using namespace locus::testing;

namespace {

std::string oracle() { return project_file("tests/circuits/published/relaxed.h5"); }

/// What differs from fixed-prediction predictive coding.
struct relaxation {
  bool backwards = false;   ///< feedback has weights of its own
  bool slopes = true;       ///< errors go back through f'
  std::string errors = {};  ///< rule of dense error connections
};
const std::map<std::string, relaxation> cases = {
    {"standard", {}},
    {"backwards", {true, true, {}}},
    {"slopes", {false, false, {}}},
    {"descent", {false, true, "descent"}},
    {"ascent", {false, true, "ascent"}},
    {"still", {false, true, "none"}},
    {"all", {true, false, "descent"}},
};

std::string text_of(const std::string& activation, const relaxation& r, int steps = 12,
                    const std::string& circuit = "values = 'rates'") {
  std::string text = fmt::format(
      "[circuit]\ntemplate = 'supervised-predictive-coding'\nlayers = [6, 5, 4, 3]\nactivation = '{}'\n{}\nlanes = 3\n"
      "feedback_weights = '{}'\n[weights]\nfile = '{}'\n[learning]\nrule = 'fixed-prediction'\nalpha = 0.1\ngamma = "
      "0.2\n"
      "update_at = {}\nslopes = {}\n[stimuli]\ndata = {{ inputs = 'hdf5:{}:inputs', targets = 'hdf5:{}:targets' }}\n"
      "encode = 'rate'\npredict = 6\nteach = {}\n",
      activation, circuit, r.backwards ? "learned" : "tied", oracle(), steps, r.slopes, oracle(), oracle(), steps + 1);
  if (r.backwards) text += fmt::format("[feedback]\nweights = {{ file = '{}' }}\n", oracle());
  if (!r.errors.empty())
    text += fmt::format("[errors]\nconnect = 'dense'\nrule = '{}'\nalpha = 0.05\nweights = {{ file = '{}' }}\n",
                        r.errors, oracle());
  return text;
}

std::vector<std::string> learning_projections(const relaxation& r) {
  std::vector<std::string> names = {"hidden1.forward", "hidden2.forward", "output.forward"};
  if (r.backwards) names.insert(names.end(), {"hidden1.feedback", "hidden2.feedback"});
  if (!r.errors.empty()) names.insert(names.end(), {"hidden1.comparison", "hidden2.comparison"});
  return names;
}

void learn(rig& r, std::uint32_t update, std::int64_t steps = 12) {
  const std::uint32_t first = 3 * update;
  r.world.teach(std::vector<std::uint32_t>{first, first + 1, first + 2}, {6, steps + 1, 0});
}

/// Change of a projection's weights by the first batch.
row change_of(const std::string& text, const std::string& projection, std::int64_t steps) {
  const description netlist = netlist_of(text);
  rig r(netlist, load_data(netlist.data));
  const row before = r.sim->weights(r.projection(projection));
  learn(r, 0, steps);
  row change = r.sim->weights(r.projection(projection));
  for (std::size_t n = 0; n < change.size(); ++n) change[n] -= before[n];
  return change;
}

}  // namespace

TEST_CASE("relaxed predictive coding learns what NumPy makes of its authors' program, update by update", "[circuits]") {
  // Values, weights and errors are below 4 and sums have at most 6 terms: 6 * 4 * 4 * 1.1e-16 a sum, for 12 steps that
  // contract, over three layers whose weights are below 1.5: below 1e-12. A wrong term is off by more than 1e-4.
  for (const std::string activation : {"relu", "tanh"}) {
    for (const auto& [name, relaxed] : cases) {
      const description netlist = netlist_of(text_of(activation, relaxed));
      rig r(netlist, load_data(netlist.data));
      for (std::uint32_t n = 0; n < 2; ++n) {
        learn(r, n);
        for (const std::string& each : learning_projections(relaxed)) {
          INFO(activation << ", " << name << ": " << each << " after update " << n + 1);
          const row expected = read_weights(oracle(), fmt::format("{}/{}/{}/{}", activation, name, n + 1, each)).values;
          CHECK(largest_difference(r.sim->weights(r.projection(each)), expected) < 1e-12);
          if (n == 1 && relaxed.errors != "none")
            CHECK(largest_difference(expected, read_weights(oracle(), each).values) > 1e-3);
        }
      }
    }
  }
}

TEST_CASE(
    "relaxed predictive coding: dense error connections, whatever they are, do not matter once values have settled",
    "[circuits]") {
  // With predictions held, a value comes to rest where its error is what comes back: x = Psi o + g, so that eps = g for
  // every Psi. What is left of the beginning, o - Psi o, shrinks by 1 - gamma a tick: 0.8^160 = 3e-16.
  const std::string standard = text_of("tanh", cases.at("standard"), 160),
                    dense = text_of("tanh", cases.at("descent"), 160);
  for (const std::string each : {"hidden1.forward", "hidden2.forward", "output.forward"}) {
    const row expected = change_of(standard, each, 160);
    CHECK(largest(expected) > 1e-3);
    CHECK(largest_difference(change_of(dense, each, 160), expected) < 1e-12);
    if (each != "output.forward")
      CHECK(largest_difference(change_of(text_of("tanh", cases.at("descent"), 4), each, 4),
                               change_of(text_of("tanh", cases.at("standard"), 4), each, 4)) > 1e-3);
  }
}

TEST_CASE("relaxed predictive coding: feedback that learns by the forward product keeps its distance from it",
          "[circuits]") {
  const description netlist = netlist_of(text_of("tanh", cases.at("all")));
  rig r(netlist, load_data(netlist.data));
  const auto distance = [&] {
    row d = weights_of(*r.sim, "output.forward").transposed().values;
    const row back = r.sim->weights(r.projection("hidden2.feedback"));
    for (std::size_t n = 0; n < d.size(); ++n) d[n] -= back[n];
    return d;
  };
  const row before = distance();
  for (const std::uint32_t n : {0U, 1U, 2U, 3U}) learn(r, n % 2);
  // Four sums and their differences, of numbers below 2.
  CHECK(largest_difference(distance(), before) < 8 * 2 * 1.2e-16);
  CHECK(largest(before) > 0.1);
}

TEST_CASE("relaxed predictive coding: values that are sums relax without slopes, too", "[circuits]") {
  relaxation r;
  const row with = change_of(text_of("tanh", r, 12, "values = 'sums'"), "hidden1.forward", 12);
  r.slopes = false;
  const row without = change_of(text_of("tanh", r, 12, "values = 'sums'"), "hidden1.forward", 12);
  CHECK(largest_difference(with, without) > 1e-3);
  CHECK(change_of(text_of("tanh", r, 12, "values = 'sums'"), "output.forward", 12) ==
        change_of(text_of("tanh", {}, 12, "values = 'sums'"), "output.forward", 12));
}

TEST_CASE("relaxed predictive coding: switches that a circuit cannot have are errors", "[circuits]") {
  const auto refused = [](const std::string& text, const std::string& why) {
    INFO(text);
    CHECK_THROWS_WITH(netlist_of(text), Catch::Contains(why));
  };
  relaxation own{true, true, {}};
  std::string tied = text_of("tanh", own);
  tied.replace(tied.find("'learned'"), 9, "'tied'");
  refused(tied, "tied feedback has the forward weights");
  refused(text_of("tanh", cases.at("descent"), 12, "values = 'sums'"), "use circuit.values = \"rates\"");
  std::string exact = text_of("tanh", cases.at("slopes"), 2, "values = 'sums'");
  exact.replace(exact.find("'fixed-prediction'"), 18, "'exact'");
  exact.replace(exact.find("gamma = 0.2"), 11, "gamma = 1");
  refused(exact, "exact values that are sums go through the slope");
}

}  // namespace test_circuits_relaxed_predictive_coding
