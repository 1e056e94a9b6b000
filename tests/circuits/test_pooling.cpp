/// Pooled layers: what others hear of them, where their errors go, and that every rule's weights stay those of
/// backpropagation; biases of maps, and softmax outputs, in all templates that have them.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "models/templates/catalogue.hpp"
#include "models/templates/variants.hpp"
#include "sim/core/errors.hpp"
#include "sim/core/random.hpp"
#include "sim/experiment/experiment.hpp"
#include "tests/circuits/circuits_testing.hpp"

namespace test_circuits_pooling {

using namespace locus;
using namespace locus::testing;
using Catch::Contains;

namespace {

/// A pooled layer of two maps between inputs and three outputs.
struct pooled_form {
  std::array<int, 2> grid{4, 6}, window{2, 2}, stride{2, 2};
  std::string kind = "max", activation = "tanh", init = "uniform";
  unsigned lanes = 2;

  [[nodiscard]] int after(std::size_t axis) const { return (grid[axis] - window[axis]) / stride[axis] + 1; }
  [[nodiscard]] std::string text(const std::string& rule = "bp") const {
    return fmt::format(
        "[circuit]\ntemplate = 'predictive-coding'\nlayers = [5, [2, {}, {}], 3]\nactivation = '{}'\nlanes = {}\n"
        "pool = {{ hidden1 = {{ window = [{}], stride = [{}], kind = '{}' }} }}\n"
        "[weights]\ninit = '{}'\nscale = 0.5\nseed = 3\n[learning]\nrule = '{}'\nalpha = 0.5\n"
        "[stimuli]\npredict = 6\nteach = 4\nrest = 2\nencode = 'rate'\n",
        grid[0], grid[1], activation, lanes, fmt::join(window, ", "), fmt::join(stride, ", "), kind, init, rule);
  }
};

/// The same in plain loops, one sample after the other: what the pool makes of a layer, and the errors' way back.
struct plain_pool {
  const pooled_form& form;

  [[nodiscard]] int source(int map, int y, int x) const { return (map * form.grid[0] + y) * form.grid[1] + x; }

  /// Calls f(pooled neuron, sources of its window in their order).
  template <class F>
  void each_window(F&& f) const {
    int pooled = 0;
    for (int map = 0; map < 2; ++map) {
      for (int y = 0; y < form.after(0); ++y) {
        for (int x = 0; x < form.after(1); ++x, ++pooled) {
          std::vector<std::size_t> sources;
          for (int i = 0; i < form.window[0]; ++i) {
            for (int j = 0; j < form.window[1]; ++j)
              sources.push_back(static_cast<std::size_t>(source(map, y * form.stride[0] + i, x * form.stride[1] + j)));
          }
          f(static_cast<std::size_t>(pooled), sources);
        }
      }
    }
  }
  [[nodiscard]] std::size_t first_largest(const row& rates, const std::vector<std::size_t>& sources) const {
    return *std::max_element(sources.begin(), sources.end(),
                             [&](std::size_t a, std::size_t b) { return rates[a] < rates[b]; });
  }
  [[nodiscard]] row forward(const row& rates) const {
    row pooled;
    each_window([&](std::size_t, const std::vector<std::size_t>& sources) {
      double sum = 0;
      for (const std::size_t s : sources) sum += rates[s];
      pooled.push_back(form.kind == "mean" ? sum / static_cast<double>(sources.size())
                                           : rates[first_largest(rates, sources)]);
    });
    return pooled;
  }
  [[nodiscard]] row back(const row& rates, const row& errors) const {
    row all(rates.size());
    each_window([&](std::size_t pooled, const std::vector<std::size_t>& sources) {
      if (form.kind != "mean") all[first_largest(rates, sources)] += errors[pooled];
      else
        for (const std::size_t s : sources) all[s] += errors[pooled] / static_cast<double>(sources.size());
    });
    return all;
  }
};

row input_of(const rig& r, std::uint32_t sample) { return r.data.train.input_of(sample); }

/// Shows two samples, and compares what they teach with the plain loops.
void check_update(const pooled_form& form) {
  rig r(netlist_of(form.text()), drawn_data(5, 3, 2, 7));
  const plain_pool pool{form};
  const dense_weights first = weights_of(*r.sim, "hidden1.forward"), second = weights_of(*r.sim, "output.forward");
  row expected_first = first.values, expected_second = second.values;
  for (std::uint32_t sample = 0; sample < 2; ++sample) {
    const row input = input_of(r, sample), sums = first.times(input), target = r.data.train.target_of(sample);
    row rates, error;
    for (const double x : sums) rates.push_back(form.activation == "identity" ? x : std::tanh(x));
    const row pooled = pool.forward(rates), answer = second.times(pooled);
    for (std::size_t k = 0; k < 3; ++k) error.push_back(target[k] - answer[k]);
    row delta = pool.back(rates, second.transposed().times(error));
    for (std::size_t i = 0; i < delta.size(); ++i)
      delta[i] *= form.activation == "identity" ? 1 : 1 - rates[i] * rates[i];
    for (std::size_t i = 0; i < first.rows; ++i) {
      for (std::size_t j = 0; j < first.columns; ++j)
        expected_first[i * first.columns + j] += 0.5 * delta[i] * input[j];
    }
    for (std::size_t k = 0; k < second.rows; ++k) {
      for (std::size_t i = 0; i < second.columns; ++i)
        expected_second[k * second.columns + i] += 0.5 * error[k] * pooled[i];
    }
  }
  r.world.teach(std::vector<std::uint32_t>{0, 1}, {6, 4, 2});
  // Sums of at most 24 products below 2, a few times in a row.
  CHECK(largest_difference(weights_of(*r.sim, "hidden1.forward").values, expected_first) < 1e-13);
  CHECK(largest_difference(weights_of(*r.sim, "output.forward").values, expected_second) < 1e-13);
  CHECK(largest_difference(expected_first, first.values) > 0.01);
}

/// How a rule's weights differ from those of its backpropagation twin after random presentations.
weight_comparison compared(const std::string& text, std::uint32_t inputs, std::uint32_t outputs, int updates = 40) {
  const auto reader = [&](const std::vector<std::string>& overrides) {
    return document::from_text(text, "n.toml", overrides);
  };
  description netlist = read_netlist(reader({}), all_templates());
  const auto twin = with_rule(reader, "bp");
  REQUIRE(twin.has_value());
  netlist.epochs = static_cast<std::uint32_t>(updates);
  experiment_options options;
  options.against = &*twin;
  options.max_updates = static_cast<std::uint64_t>(updates);
  options.evaluate = false;
  const data_set data = drawn_data(inputs, outputs, 2 * netlist.lanes, 5);
  const run_result result = experiment(netlist, data, options).run();
  REQUIRE(result.against.has_value());
  REQUIRE(result.against->updates == static_cast<std::uint64_t>(updates));
  return *result.against;
}

bool is_backpropagation(const std::string& text, std::uint32_t inputs, std::uint32_t outputs) {
  return compared(text, inputs, outputs).bit_identical;
}

/// The same netlist as Z-IL that finds its predictions by itself, with sigmoid units, long presentations and small
/// steps, with which it settles (netlists/README.md, "Stability of continuous feedback"): errors are what is left of
/// sums that differ by roundings, of 40 updates of weights below 4.
bool zil_is_backpropagation_to_rounding(std::string text, std::uint32_t inputs, std::uint32_t outputs) {
  const auto replace = [&](const std::string& key, const std::string& value) {
    const std::size_t at = text.find(key + " = ");
    REQUIRE(at != std::string::npos);
    text.replace(at, text.find('\n', at) - at, key + " = " + value);
  };
  replace("activation", "'sigmoid'");
  replace("rule", "'z-il'");
  replace("alpha", "0.02");
  replace("predict", "40");
  return compared(text, inputs, outputs).max_abs < 1e-11;
}

std::string message_of(const std::string& text) {
  try {
    (void)build_circuit(netlist_of(text));
  } catch (const usage_error& error) {
    return error.what();
  }
  return "(no usage_error)";
}

/// A convolutional network with everything: kernels, biases of maps, pools of both kinds, softmax.
std::string everything(const std::string& form, const std::string& rule, const std::string& more = "") {
  return fmt::format(
      "[circuit]\ntemplate = '{}'\nlayers = [[7, 7], [2, 6, 6], [3, 2, 2], 4]\nactivation = 'tanh'\nbias = 'map'\n"
      "lanes = 2\noutput = 'softmax'\n"
      "connect = {{ hidden1 = {{ window = [2, 2] }}, hidden2 = {{ window = [2, 2] }} }}\n"
      "pool = {{ hidden1 = {{ window = [2, 2] }}, hidden2 = {{ window = [2, 1], kind = 'mean' }} }}\n{}\n"
      "[weights]\nshared = 'window'\n[learning]\nrule = '{}'\nalpha = 0.05\n"
      "[stimuli]\npredict = 12\nteach = 6\nrest = 3\nencode = 'rate'\n",
      form, more, rule);
}

}  // namespace

TEST_CASE("pooling: others hear the largest of each window or its mean, and errors go back to where that came from",
          "[circuits]") {
  check_update({});
  check_update({.kind = "mean"});
  for (const std::string kind : {"max", "mean"}) {
    check_update({.grid = {5, 7}, .window = {3, 2}, .stride = {1, 2}, .kind = kind});  // overlapping
    check_update({.grid = {4, 5}, .window = {1, 2}, .stride = {3, 3}, .kind = kind});  // with gaps
    check_update({.grid = {3, 3}, .window = {3, 3}, .stride = {1, 1}, .kind = kind});
  }
}

TEST_CASE("pooling: of equal numbers the first of the window gets the error", "[circuits]") {
  check_update({.activation = "identity", .init = "constant"});
  check_update({.grid = {5, 7}, .window = {3, 2}, .stride = {1, 2}, .activation = "identity", .init = "constant"});
}

TEST_CASE("pooling: a chain of neurons for each window, links both ways", "[circuits]") {
  const circuit c = build_circuit(netlist_of(pooled_form{}.text("fa-z-il")));
  for (const char* const name : {"hidden1.pool1", "hidden1.pool2", "hidden1.pool"}) {
    const auto found = c.find_population(name);
    REQUIRE(found);
    CHECK(c.populations[*found].shape == grid_shape{2, 2, 3});
    CHECK(c.populations[*found].model->info.name == "larger-of-two");
  }
  const projection& forward = c.projections[c.find_projection("output.forward").value()];
  CHECK(c.name_of(forward.from) == "hidden1.pool.larger");
  const projection& feedback = c.projections[c.find_projection("hidden1.feedback").value()];
  CHECK(c.name_of(feedback.to) == "hidden1.pool.error");
  CHECK(c.name_of(feedback.post.at(0)) == "hidden1.pool.larger");
}

TEST_CASE("pooling: predictive coding learns backpropagation's weights, bit for bit", "[circuits]") {
  for (const std::string kind : {"max", "mean"}) {
    INFO(kind);
    const pooled_form overlapping{.grid = {5, 7}, .window = {3, 2}, .stride = {1, 2}, .kind = kind};
    CHECK(is_backpropagation(pooled_form{.kind = kind}.text("fa-z-il"), 5, 3));
    CHECK(is_backpropagation(overlapping.text("fa-z-il"), 5, 3));
    CHECK(zil_is_backpropagation_to_rounding(pooled_form{.kind = kind}.text("fa-z-il"), 5, 3));
    CHECK(zil_is_backpropagation_to_rounding(overlapping.text("fa-z-il"), 5, 3));
  }
  CHECK(is_backpropagation(everything("predictive-coding", "fa-z-il"), 49, 4));
  CHECK(zil_is_backpropagation_to_rounding(everything("predictive-coding", "fa-z-il"), 49, 4));
  CHECK(is_backpropagation(everything("supervised-predictive-coding", "exact"), 49, 4));
  CHECK(is_backpropagation(everything("supervised-predictive-coding", "exact", "values = 'rates'"), 49, 4));
  std::string strict = everything("supervised-predictive-coding", "strict", "values = 'rates'");
  strict.replace(strict.find("teach = 6"), 9, "teach = 20");
  CHECK_FALSE(is_backpropagation(strict, 49, 4));
}

TEST_CASE("pooling: nodes of graphs, over skip connections and over steps that share weights", "[circuits]") {
  const std::string graph =
      "[circuit]\ntemplate = 'graph'\nactivation = 'tanh'\nlanes = 2\nbias = true\noutput = '{}'\n"
      "nodes = [{{ name = 'input', size = 5 }}, {{ name = 'a', shape = [2, 4], pool = {{ window = [1, 2] }} }}, "
      "{{ name = 'b', shape = [4, 4], pool = {{ window = [2, 2], kind = 'mean' }} }}, "
      "{{ name = 'output', size = 3 }}, {{ name = 'other', size = 2 }}]\noutputs = ['output', 'other']\n"
      "edges = [{{ from = 'input', to = 'a' }}, {{ from = 'a', to = 'b' }}, {{ from = 'a', to = 'output' }}, "
      "{{ from = 'b', to = 'output' }}, {{ from = 'b', to = 'other' }}]\n"
      "[learning]\nrule = '{}'\nalpha = 0.05\n[stimuli]\npredict = 12\nteach = 6\nrest = 3\nencode = 'rate'\n";
  for (const char* const output : {"linear", "softmax"}) {
    INFO(output);
    CHECK(is_backpropagation(fmt::format(fmt::runtime(graph), output, "fa-z-il"), 5, 5));
  }
  const std::string steps =
      "[circuit]\ntemplate = 'graph'\nactivation = 'tanh'\nlanes = 2\n"
      "nodes = [{ name = 'input', size = 5 }, { name = 'h1', size = 4, pool = { window = [2] }, shape = [4] }, "
      "{ name = 'h2', shape = [4], pool = { window = [2] } }, { name = 'h3', size = 4 }, { name = 'output', size = 3 "
      "}]\n"
      "edges = [{ from = 'input', to = 'h1' }, { from = 'h1', to = 'h2' }, "
      "{ from = 'h2', to = 'h3', weights = { shared = 'h1.to.h2' } }, { from = 'h3', to = 'output' }]\n"
      "[learning]\nalpha = 0.05\n[stimuli]\npredict = 8\nteach = 5\nrest = 3\nencode = 'rate'\n";
  std::string shaped = steps;
  shaped.replace(shaped.find("size = 4, pool"), 10, "");
  CHECK(is_backpropagation(shaped, 5, 3));
}

TEST_CASE("pooling: feedback alignment and Kolen-Pollack learn over pools, the weight mirror and BMVR cannot",
          "[circuits]") {
  const auto loss_after = [](const std::string& text) {
    description netlist = netlist_of(text);
    netlist.epochs = 300;
    const run_result result = experiment(netlist, drawn_data(49, 4, 4, 6), {}).run();
    return std::pair(result.epochs.front().train.mean_loss().value(), result.epochs.back().train.mean_loss().value());
  };
  for (const auto& [form, rule] :
       {std::pair("feedback-alignment", "feedback-alignment"), std::pair("learned-feedback", "kolen-pollack")}) {
    std::string text = everything(form, rule);
    INFO(form);
    const auto [first, last] = loss_after(text);
    CHECK(last < 0.7 * first);
  }
  CHECK_THAT(message_of(everything("learned-feedback", "weight-mirror")), Contains("circuit.pool"));
  CHECK_THAT(message_of("[circuit]\ntemplate = 'bmvr'\nlayers = [4, 3, 2]\noutput = 'softmax'\n"),
             Contains("circuit.output"));
}

TEST_CASE("pooling: what cannot be is told with what would be right", "[circuits]") {
  const auto with = [](const std::string& pool, const std::string& layers = "[5, [2, 4, 6], 3]") {
    return message_of(
        fmt::format("[circuit]\ntemplate = 'predictive-coding'\nlayers = {}\npool = {{ {} }}\n", layers, pool));
  };
  CHECK_THAT(with("hidden1 = { window = [3, 7] }"), Contains("larger than the grid that it pools, [2, 4, 6]"));
  CHECK_THAT(with("hidden1 = { window = [2, 2, 2, 2] }"), Contains("expected one to three sizes"));
  CHECK_THAT(with("hidden1 = { window = [2] }"),
             Contains("pools neurons on a grid of 1 axis, or with maps before them"));
  CHECK_THAT(with("hidden1 = { window = [2] }", "[5, 8, 3]"), Contains("here they have none"));
  CHECK_THAT(with("hidden1 = { window = [1, 1] }"), Contains("one place alone is no pool"));
  CHECK_THAT(with("hidden1 = { window = [2, 2], stride = [2] }"), Contains("expected 2 numbers"));
  CHECK_THAT(with("hidden1 = { window = [2, 2], kind = 'min' }"), Contains("expected \"max\" or \"mean\""));
  CHECK_THAT(with("hidden1 = { window = [0, 2] }"), Contains("window"));
  CHECK_THAT(with("hidden1 = 2"), Contains("hidden1"));
  CHECK_THAT(with("output = { window = [2, 2] }"), Contains("pool.output"));
  CHECK_THAT(with("input = { window = [2, 2] }"), Contains("pool.input"));
  CHECK_THAT(message_of("[circuit]\ntemplate = 'predictive-coding'\nlayers = [4, 3, 2]\nbias = 'map'\n"),
             Contains("a map's neurons share a bias where they share a kernel"));
  CHECK_THAT(message_of("[circuit]\ntemplate = 'predictive-coding'\nlayers = [4, 3, 2]\nbias = 'maps'\n"),
             Contains("expected true, false or \"map\""));
  CHECK_THAT(message_of(pooled_form{}.text("z-il") + "start = 'forward'\n"),
             Contains("not over pools: use \"settle\""));
  CHECK_THAT(message_of("[circuit]\ntemplate = 'graph'\nnodes = [{ name = 'input', shape = [4, 4], pool = { window = "
                        "[2, 2] } }, { name = 'output', size = 2 }]\nedges = [{ from = 'input', to = 'output' }]\n"),
             Contains("hidden nodes are pooled"));
}

TEST_CASE("pooling: biases of maps are one weight a map, which learns from all of its places", "[circuits]") {
  const std::string text = everything("predictive-coding", "bp");
  std::string each = text;
  each.replace(each.find("bias = 'map'"), 12, "bias = true");
  const data_set data = drawn_data(49, 4, 2, 9);
  rig maps(netlist_of(text), data), neurons(netlist_of(each), data);
  for (rig* r : {&maps, &neurons}) r->world.teach(std::vector<std::uint32_t>{0, 1}, {12, 6, 3});
  for (const auto& [name, places] : {std::pair("hidden1.bias", 36u), std::pair("hidden2.bias", 4u)}) {
    const row shared = maps.sim->weights(maps.projection(name)), own = neurons.sim->weights(neurons.projection(name));
    REQUIRE(shared.size() * places == own.size());
    for (std::size_t map = 0; map < shared.size(); ++map) {
      double sum = 0;
      for (std::size_t k = 0; k < places; ++k) sum += own[map * places + k];
      // All begin at 0, so that each holds its part of one update: sums of 72 numbers below 1, in two orders.
      CHECK(std::abs(shared[map] - sum) < 1e-14);
      CHECK(std::abs(sum) > 1e-4);
    }
  }
  CHECK(maps.sim->weights(maps.projection("output.bias")) == neurons.sim->weights(neurons.projection("output.bias")));
}

}  // namespace test_circuits_pooling
