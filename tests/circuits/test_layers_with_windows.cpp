/// Layers that are grids and hear parts of the layer before: every rule's weights stay those of its twin, and the
/// twin's are those of an all-to-all network in which the other weights are 0.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "models/templates/catalogue.hpp"
#include "models/templates/variants.hpp"
#include "sim/core/errors.hpp"
#include "tests/engine/engine_testing.hpp"
#include "tests/project_file.hpp"

namespace test_circuits_layers_with_windows {

using namespace locus;
using namespace locus::testing;

namespace {

using pairs = std::vector<std::pair<std::uint32_t, std::uint32_t>>;  ///< [post, pre]
constexpr std::uint32_t samples = 9;

/// 5 x 5, two maps of 3 x 3, 3 x 2, 4.
std::string network_text(const std::string& connect, const std::string& rest = "") {
  return "[circuit]\ntemplate = 'predictive-coding'\nlayers = [[5, 5], [2, 3, 3], [3, 2], 4]\nactivation = 'tanh'\n"
         "bias = true\nlanes = 3\n" +
         (connect.empty() ? "" : "connect = { " + connect + " }\n") + rest +
         "\n[learning]\nalpha = 0.05\n[stimuli]\npredict = 5\nteach = 4\nrest = 1\nencode = 'rate'\n";
}

netlist_reader reader_of(const std::string& text, const std::vector<std::string>& overrides = {}) {
  return [=](std::vector<std::string> more) {
    more.insert(more.begin(), overrides.begin(), overrides.end());
    return document::from_text(text, "n.toml", more);
  };
}

description read(const std::string& text, const std::vector<std::string>& overrides = {}) {
  return read_netlist(reader_of(text)(overrides), all_templates());
}

std::string message_of(const std::string& text, const std::vector<std::string>& overrides = {}) {
  try {
    const description netlist = read(text, overrides);
    const circuit c = build_circuit(netlist);
    for (std::size_t i = 0; i < c.projections.size(); ++i) {
      if (c.projections[i].synapse != nullptr) (void)initial_weights(c, i);
    }
  } catch (const usage_error& error) {
    return error.what();
  }
  return "(no usage_error)";
}

data_set data_of_network() { return drawn_data(25, 4, samples, 3); }

void teach(rig& r, std::uint64_t presentations) {
  for (std::uint64_t n = 0; n < presentations; ++n) {
    const presentation p = draw_presentation(5, n, samples, r.net.lanes, {5, 4, 1}, {7, 6, 3});
    r.world.teach(p.samples, p.times);
  }
}

std::vector<double> weights(const rig& r, const std::string& name) { return r.sim->weights(r.projection(name)); }

/// All pairs of a projection, in the order of its weights.
pairs pairs_of(const rig& r, const std::string& name) {
  const projection& p = r.net.projections[r.projection(name)];
  pairs all;
  if (p.shape == projection_shape::sparse) {
    p.connections.each([&](std::uint32_t source, std::uint32_t target) { all.emplace_back(target, source); });
    return all;
  }
  for (std::uint32_t post = 0; post < r.net.size_after(p); ++post) {
    for (std::uint32_t pre = 0; pre < r.net.size_before(p); ++pre) all.emplace_back(post, pre);
  }
  return all;
}

/// Weight for weight, whatever the order.
std::map<std::pair<std::uint32_t, std::uint32_t>, double> by_pair(const rig& r, const std::string& name,
                                                                  bool transposed) {
  std::map<std::pair<std::uint32_t, std::uint32_t>, double> all;
  const std::vector<double> values = weights(r, name);
  const pairs where = pairs_of(r, name);
  REQUIRE(values.size() == where.size());
  for (std::size_t n = 0; n < where.size(); ++n) {
    const auto [post, pre] = where[n];
    all[transposed ? std::pair(pre, post) : std::pair(post, pre)] = values[n];
  }
  return all;
}

const std::vector<std::string> layers_above = {"hidden1", "hidden2", "output"};

void check_same_weights(const rig& r, const rig& twin) {
  for (const std::string& layer : layers_above) {
    INFO(layer);
    CHECK(weights(r, layer + ".forward") == weights(twin, layer + ".forward"));
    CHECK(weights(r, layer + ".bias") == weights(twin, layer + ".bias"));
  }
}

/// The windows of 3 x 3 onto two maps of 3 x 3, in plain loops.
pairs windows_onto_hidden1() {
  pairs all;
  for (std::uint32_t map = 0; map < 2; ++map) {
    for (std::uint32_t row = 0; row < 3; ++row) {
      for (std::uint32_t column = 0; column < 3; ++column) {
        for (std::uint32_t i = 0; i < 3; ++i) {
          for (std::uint32_t j = 0; j < 3; ++j) {
            all.emplace_back((map * 3 + row) * 3 + column, (row + i) * 5 + column + j);
          }
        }
      }
    }
  }
  return all;
}

}  // namespace

TEST_CASE("layers with windows: every rule has the weights of its twin, and its feedback those of its forward synapses",
          "[circuits]") {
  const auto connect = GENERATE(as<std::string>{}, "hidden1 = { window = [3, 3] }",
                                "hidden1 = { window = [3, 3] }, hidden2 = { window = [1, 2] }",
                                "hidden1 = { window = [3, 3] }, hidden2 = { probability = 0.4, seed = 3 }, "
                                "output = { fixed_indegree = 3 }",
                                "hidden2 = { fixed_indegree = 5 }, output = { post_pre = [[3, 5], [0, 0], [1, 2]] }");
  INFO(connect);
  const std::string text = network_text(connect);
  rig twin(with_rule(reader_of(text), "bp").value(), data_of_network());
  const auto before = weights(twin, "hidden1.forward");
  teach(twin, 6);
  CHECK(weights(twin, "hidden1.forward") != before);
  for (const std::vector<std::string>& rule :
       {std::vector<std::string>{}, {"learning.rule=z-il", "stimuli.start=forward"}}) {
    rig r(read(text, rule), data_of_network());
    teach(r, 6);
    check_same_weights(r, twin);
    CHECK(by_pair(r, "hidden1.feedback", true) == by_pair(r, "hidden2.forward", false));
    CHECK(by_pair(r, "hidden2.feedback", true) == by_pair(r, "output.forward", false));
  }
}

TEST_CASE("layers with windows: an update is that of an all-to-all network whose other weights are 0", "[circuits]") {
  const std::string text = network_text("hidden1 = { window = [3, 3] }, output = { probability = 0.5 }");
  for (const auto& rule : {std::vector<std::string>{}, {"learning.rule=bp", "circuit.feedback_weights=tied"}}) {
    rig sparse(read(text, rule), data_of_network());
    CHECK(pairs_of(sparse, "hidden1.forward") == windows_onto_hidden1());
    std::vector<std::string> matrices;
    std::vector<std::vector<double>> initial;
    for (const std::string& layer : layers_above) {
      const projection& p = sparse.net.projections[sparse.projection(layer + ".forward")];
      std::vector<std::vector<double>> rows(sparse.net.size_after(p), std::vector<double>(sparse.net.size_before(p)));
      for (const auto& [pair, weight] : by_pair(sparse, layer + ".forward", false))
        rows[pair.first][pair.second] = weight;
      std::vector<std::string> lines;
      for (const auto& row : rows) lines.push_back(fmt::format("[{:.17g}]", fmt::join(row, ", ")));
      matrices.push_back(fmt::format("[{}]", fmt::join(lines, ", ")));
      initial.push_back(weights(sparse, layer + ".forward"));
    }
    rig dense(read(network_text("", fmt::format("[weights]\ntheta = [{}]\n", fmt::join(matrices, ",\n"))), rule),
              data_of_network());
    teach(sparse, 1);
    teach(dense, 1);
    for (std::size_t k = 0; k < layers_above.size(); ++k) {
      INFO(layers_above[k]);
      CHECK(weights(sparse, layers_above[k] + ".forward") != initial[k]);
      const auto all = by_pair(dense, layers_above[k] + ".forward", false);
      for (const auto& [pair, weight] : by_pair(sparse, layers_above[k] + ".forward", false)) {
        INFO(pair.first << " " << pair.second);
        CHECK(weight == all.at(pair));
      }
      CHECK(weights(sparse, layers_above[k] + ".bias") == weights(dense, layers_above[k] + ".bias"));
    }
  }
}

TEST_CASE("layers with windows: all neurons of a layer lie on its grid, feedback is turned round", "[circuits]") {
  const std::string connect = "hidden1 = { window = [3, 3] }, output = { probability = 0.5 }";
  for (const std::string name : {"predictive-coding", "supervised-predictive-coding", "feedback-alignment"}) {
    const auto text = network_text(connect);
    for (const std::string rule : {"", "bp"}) {
      std::vector<std::string> overrides = {"circuit.template=" + name};
      if (!rule.empty()) overrides.push_back("learning.rule=" + rule);
      INFO(name << " " << rule);
      const description d = read(text, overrides);
      for (const population_description& p : d.populations) {
        INFO(p.name);
        if (p.name.starts_with("hidden1.")) CHECK(p.shape == std::vector<std::uint32_t>{2, 3, 3});
        if (p.name.starts_with("input.")) CHECK(p.shape == std::vector<std::uint32_t>{5, 5});
        if (p.name.starts_with("output.")) CHECK(p.shape.empty());
      }
      std::size_t turned = 0;
      for (const projection_description& p : d.projections) {
        const auto* copied = std::get_if<copied_connections>(&p.connect);
        if (copied == nullptr) continue;
        ++turned;
        CHECK(p.name == "hidden2.feedback");
        CHECK(copied->projection == "output.forward");
        CHECK(copied->transposed);
      }
      CHECK(turned == 1);
      (void)build_circuit(d);
    }
  }
}

TEST_CASE("layers with windows: learned feedback and bmvr follow the connections", "[circuits]") {
  const std::string sizes = "[circuit]\nlayers = [[5, 5], [3, 3], 4]\nlanes = 2\ntemplate = ";
  const std::string rest =
      "connect = { hidden1 = { window = [3, 3] }, output = { fixed_indegree = 2 } }\n"
      "[stimuli]\npredict = 5\nteach = 4\nrest = 4\n";
  for (const std::string name : {"'learned-feedback'\n", "'bmvr'\n"}) {
    rig r(read(sizes + name + rest), drawn_data(25, 4, samples, 3));
    const std::string back = name == "'bmvr'\n" ? "hidden1.apical" : "hidden1.feedback";
    pairs turned;
    for (const auto& [post, pre] : pairs_of(r, "output.forward")) turned.emplace_back(pre, post);
    std::sort(turned.begin(), turned.end());
    CHECK(pairs_of(r, back) == turned);
    CHECK(turned.size() == 8);
    teach(r, 2);
  }
}

TEST_CASE("layers with windows: graphs have shapes and connections, relays stand on the grid of their source",
          "[circuits]") {
  const std::string text =
      "[circuit]\ntemplate = 'graph'\nactivation = 'tanh'\nlanes = 3\nbias = true\n"
      "nodes = [{ name = 'input', shape = [5, 5] }, { name = 'low', shape = [3, 3] }, { name = 'high', size = 4 }, "
      "{ name = 'output', shape = [2, 2] }]\n"
      "edges = [{ from = 'input', to = 'low', connect = { window = [3, 3] } }, { from = 'low', to = 'high' },\n"
      "{ from = 'low', to = 'output', connect = { window = [2, 2] }, weights = { init = 'uniform' } },\n"
      "{ from = 'high', to = 'output', connect = 'one-to-one' }]\n"
      "[learning]\nalpha = 0.05\n[stimuli]\npredict = 5\nteach = 4\nrest = 1\n";
  rig twin(with_rule(reader_of(text), "bp").value(), data_of_network());
  rig r(read(text), data_of_network());
  teach(twin, 6);
  teach(r, 6);
  for (const std::string edge : {"input.to.low", "low.to.high", "low.to.output", "high.to.output"}) {
    INFO(edge);
    CHECK(weights(r, edge + ".forward") == weights(twin, edge + ".forward"));
    if (edge == "input.to.low") continue;
    CHECK(by_pair(r, edge + ".feedback", true) == by_pair(r, edge + ".forward", false));
  }
  CHECK(weights(r, "low.to.output.forward").size() == 16);
  CHECK(weights(r, "high.to.output.forward").size() == 4);
  CHECK(r.net.populations[r.net.find_population("low.to.output.1.value").value()].shape ==
        std::vector<std::uint32_t>{3, 3});
  CHECK_THAT(message_of(text, {"circuit.edges[2].connect.window=[3, 2]"}),
             Catch::Contains("projection \"low.to.output.forward\": its windows make targets of shape 1 x 2"));
}

TEST_CASE("layers with windows: weights are listed in one row, deeper circuits keep their connections", "[circuits]") {
  const std::string text =
      "[circuit]\ntemplate = 'predictive-coding'\nlayers = [[1, 3], [1, 2], 1]\nconnect = { hidden1 = { window = [1, "
      "2] } "
      "}\n[weights]\ntheta = [[[1, 2, 3, 4]], [[5, 6]]]\n";
  rig r(read(text), drawn_data(3, 1, samples, 3));
  CHECK(weights(r, "hidden1.forward") == std::vector<double>{1, 2, 3, 4});
  CHECK(pairs_of(r, "hidden1.forward") == pairs{{0, 0}, {0, 1}, {1, 1}, {1, 2}});
  CHECK_THAT(message_of(text, {"weights.theta=[[[1, 2, 3]], [[5, 6]]]"}), Catch::Contains("hidden1.forward"));
  CHECK_THAT(message_of(text, {"weights.theta=[[[1, 2, 3, 4]], [[5]]]"}), Catch::Contains("expected 1 x 2"));

  const description deeper =
      with_more_layers(reader_of(network_text("hidden1 = { window = [3, 3] }, output = { probability = 0.5 }")))
          .value();
  const auto hidden3 = std::find_if(deeper.populations.begin(), deeper.populations.end(),
                                    [](const population_description& p) { return p.name == "hidden3.value"; });
  REQUIRE(hidden3 != deeper.populations.end());
  CHECK(hidden3->shape == std::vector<std::uint32_t>{3, 2});
}

TEST_CASE("layers with windows: mistakes are told with their places", "[circuits]") {
  const std::string text = network_text("hidden1 = { window = [3, 3] }");
  const auto check = [&](const std::string& override_, const std::string& message) {
    INFO(override_);
    CHECK_THAT(message_of(text, {override_}),
               Catch::StartsWith("--set " + override_ + ": ") && Catch::Contains(message));
  };
  check("circuit.connect.hidden1={ window = [4, 4] }",
        "projection \"hidden1.forward\": its windows make targets of shape 2 x 2 x 2");
  check("circuit.connect.hidden1={ window = [4] }", "window");
  check("circuit.connect.hidden4={ window = [4] }", "unknown key \"circuit.connect.hidden4\"");
  check("circuit.connect.hidden1=everything", "circuit.connect.hidden1 = \"everything\": expected \"all-to-all\"");
  check("circuit.connect=all-to-all", "circuit.connect = \"all-to-all\": expected a table");
  check("circuit.layers=[[5, 5], [2, 0, 3], 4]", "circuit.layers[1][1] = 0: expected a whole number >= 1");
  check("circuit.layers=[[5, 5], [1, 1, 1, 1, 1], 4]",
        "circuit.layers[1] = [1, 1, 1, 1, 1]: expected one to four sizes");
  check("circuit.layers=[[5, 5], [70000, 70000], 4]",
        "circuit.layers[1] = [70000, 70000]: expected fewer than 2^32 neurons");
  CHECK_THAT(message_of(network_text("hidden1 = { window = [4, 4] }")), Catch::StartsWith("n.toml:7:"));
}

}  // namespace test_circuits_layers_with_windows
