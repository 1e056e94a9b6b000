#include "sim/circuit/census.hpp"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <numeric>
#include <random>

#include "sim/engine/simulator.hpp"
#include "tests/circuit/circuit_testing.hpp"
#include "tests/circuit/random_circuit.hpp"
#include "tests/project_file.hpp"

namespace test_circuit_census {

using namespace locus;
using testing::circuit_of;
using testing::project_file;
using testing::short_form_of;

namespace {

/// What a netlist in the short form asks for.
struct asked {
  std::vector<std::int64_t> sizes;  ///< input first
  std::vector<std::int64_t> heard;  ///< by a neuron of each layer of the one before; empty: all of it
  bool bias = false;
  std::string neuron = "two-compartment";
  std::string feedback_weights;
  std::string rule = "fa-z-il";
  bool has_update_at = false;
  bool forward_start = false;
  bool softmax = false;

  [[nodiscard]] std::size_t depth() const { return sizes.size() - 1; }
};

/// Neurons whose model has that name.
std::uint64_t neurons_of(const census& n, const std::string& model) {
  std::uint64_t sum = 0;
  for (const population_count& p : n.populations) sum += p.model == model ? p.size : 0;
  return sum;
}

std::uint64_t synapses_of(const census& n, const std::string& role) {
  std::uint64_t sum = 0;
  for (const kind_count& k : n.synapse_kinds) sum += k.role == role ? k.count : 0;
  return sum;
}

void check_control(const asked& a, const census& n) {
  const std::size_t controllers = a.rule == "bp"                                            ? 2
                                  : a.rule == "il" || (a.rule == "z-il" && a.has_update_at) ? 1
                                  : a.rule == "z-il"                                        ? a.depth()
                                                                                            : 0;
  CHECK(neurons_of(n, "controller") == controllers);
  CHECK(n.controls.size() == controllers + (a.forward_start && a.rule != "bp" ? a.depth() : 0));
  CHECK(n.sources.size() == 2);
}

/// The closed forms for layers n_L .. n_0 of predictive coding, and of backpropagation.
void check_closed_forms(const asked& a, const census& n) {
  const std::uint64_t all = std::accumulate(a.sizes.begin(), a.sizes.end(), std::uint64_t{0});
  const std::uint64_t above = all - static_cast<std::uint64_t>(a.sizes.front());
  std::uint64_t forward = 0;
  std::uint64_t feedback = 0;
  for (std::size_t k = 1; k < a.sizes.size(); ++k) {
    const auto synapses = static_cast<std::uint64_t>(a.sizes[k] * (a.heard.empty() ? a.sizes[k - 1] : a.heard[k]));
    forward += synapses;
    feedback += k > 1 ? synapses : 0;
  }
  const bool bp = a.rule == "bp";
  const bool autonomous = a.rule == "fa-z-il";
  REQUIRE_FALSE((a.softmax && bp));
  const auto outputs = static_cast<std::uint64_t>(a.softmax ? a.sizes.back() : 0);  // with probabilities for values
  if (bp) CHECK(neurons_of(n, "backprop-hidden") + neurons_of(n, "backprop-output") == all);
  else CHECK(neurons_of(n, a.neuron + "-value") == all - outputs);
  CHECK(neurons_of(n, "error") == (bp ? 0 : above - outputs));
  CHECK(neurons_of(n, "cross-entropy-error") == outputs);
  CHECK(neurons_of(n, "phi") == (autonomous ? above : 0));
  CHECK(neurons_of(n, "constant") == (a.bias ? 1 : 0));
  CHECK(synapses_of(n, "forward") == forward);
  CHECK(synapses_of(n, "feedback") == feedback);
  CHECK(synapses_of(n, "bias") == (a.bias ? above : 0));
  CHECK(n.synapses == forward + feedback + (a.bias ? above : 0));
  const std::uint64_t links_an_error = bp ? 1 : (a.neuron == "point" ? 2 : 3) + (autonomous ? 3 : 0);
  CHECK(n.links == links_an_error * (above - outputs) + (autonomous ? 12 : 9) * outputs);
  const bool own_feedback = a.feedback_weights.empty() ? !bp : a.feedback_weights == "learned";
  const std::uint64_t learning = forward + (a.bias ? above : 0) + (own_feedback ? feedback : 0);
  CHECK(n.plastic_weights == (a.rule == "none" ? 0 : learning));
  check_control(a, n);
}

template <class T>
const T& pick(std::mt19937& random, const std::vector<T>& from) {
  return from[random() % from.size()];
}

asked random_request(std::mt19937& random) {
  asked a;
  const std::size_t layers = 2 + random() % 4;
  for (std::size_t k = 0; k < layers; ++k) a.sizes.push_back(1 + static_cast<std::int64_t>(random() % 20));
  a.bias = random() % 2 == 0;
  a.neuron = pick<std::string>(random, {"two-compartment", "segregated", "point"});
  a.feedback_weights = pick<std::string>(random, {"", "learned", "tied", "fixed-random"});
  a.rule = pick<std::string>(random, {"bp", "il", "z-il", "fa-z-il", "none"});
  a.has_update_at = random() % 2 == 0;
  a.forward_start = random() % 2 == 0;
  return a;
}

std::string text_of(const asked& a, const std::string& more = "") {
  std::string keys = fmt::format("bias = {}\nneuron = \"{}\"\n{}", a.bias, a.neuron, more);
  if (!a.feedback_weights.empty()) keys += fmt::format("\nfeedback_weights = \"{}\"", a.feedback_weights);
  std::string tables = fmt::format("[learning]\nrule = \"{}\"\n", a.rule);
  if (a.has_update_at) tables += "update_at = 3\n";
  if (a.forward_start) tables += "[stimuli]\nstart = \"forward\"\n";
  return short_form_of(fmt::format("[{}]", fmt::join(a.sizes, ", ")), keys, tables);
}

/// What a netlist file of the template "predictive-coding" asks for, read without the template's help.
asked request_of(const document& file) {
  asked a;
  const section circuit = file.root().table("circuit");
  const section learning = file.root().table("learning");
  const section connect = circuit.table("connect");
  std::vector<std::uint32_t> before;
  for (const neuron_grid& layer : circuit.grids("layers")) {
    const std::string name = fmt::format("hidden{}", a.sizes.size());
    std::int64_t heard = a.sizes.empty() ? 0 : a.sizes.back();
    if (connect.has(name)) {  // a window, of all channels
      const auto window = connect.table(name).counts("window", 1);
      heard = before.size() > window.size() ? before.front() : 1;
      for (const std::uint32_t n : window) heard *= n;
    }
    a.heard.push_back(heard);
    a.sizes.push_back(layer.size);
    before = layer.shape;
  }
  a.bias = circuit.flag("bias", false);
  a.neuron = circuit.text("neuron", a.neuron);
  a.feedback_weights = circuit.text("feedback_weights", "");
  a.rule = learning.text("rule", a.rule);
  a.has_update_at = learning.is_number("update_at");
  a.softmax = circuit.text("output", "linear") == "softmax";
  a.forward_start = file.root().table("stimuli").text("start", "settle") == "forward";
  return a;
}

void check_against_simulator(const circuit& c) {
  const census n = take_census(c);
  const auto s = make_simulator(c);
  CAPTURE(n.memory.total(), s->memory());
  CHECK(n.memory.total() == s->memory());
  CHECK(predict_memory(c).total() == n.memory.total());
}

}  // namespace

TEST_CASE("census: a 64-32-10 circuit has the numbers of its closed forms") {
  const census n = take_census(circuit_of(short_form_of("[64, 32, 10]")));
  CHECK(neurons_of(n, "two-compartment-value") == 106);
  CHECK(neurons_of(n, "error") == 42);
  CHECK(neurons_of(n, "phi") == 42);
  CHECK(synapses_of(n, "forward") == 2368);
  CHECK(synapses_of(n, "feedback") == 320);
  CHECK(n.neurons == 190);
  CHECK(n.synapses == 2688);
  CHECK(n.controls.empty());
}

TEST_CASE("census: closed forms hold for random layers, neurons, rules and biases") {
  std::mt19937 random(7);
  for (int i = 0; i < 200; ++i) {
    const asked a = random_request(random);
    const std::string text = text_of(a);
    CAPTURE(text);
    check_closed_forms(a, take_census(circuit_of(text)));
  }
}

TEST_CASE("census: closed forms hold for every netlist of the project that uses a template") {
  int checked = 0;
  for (const auto& entry : std::filesystem::directory_iterator(project_file("netlists"))) {
    if (entry.path().extension() != ".toml") continue;
    CAPTURE(entry.path().string());
    const document file = document::from_file(entry.path().string());
    if (file.root().table("circuit").text("template", "") != "predictive-coding") continue;
    check_closed_forms(request_of(file), take_census(build_circuit(read_netlist(file, all_templates()))));
    ++checked;
  }
  CHECK(checked > 0);
}

TEST_CASE("census: totals are the sums of the tables") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const circuit c = build_circuit(testing::random_description(seed));
    const census n = take_census(c);
    std::uint64_t neurons = 0, synapses = 0, links = 0, plastic = 0, neuron_kinds = 0, synapse_kinds = 0;
    for (const auto& p : n.populations) neurons += p.size;
    for (const auto& p : n.projections) {
      (p.model == "link" ? links : synapses) += p.connections;
      plastic += p.plastic ? p.connections : 0;
      CHECK(p.connections == initial_weights(c, static_cast<std::size_t>(&p - n.projections.data())).size());
    }
    for (const auto& k : n.neuron_kinds) neuron_kinds += k.count;
    for (const auto& k : n.synapse_kinds) synapse_kinds += k.count;
    CHECK(n.neurons == neurons);
    CHECK(n.neurons == neuron_kinds);
    CHECK(n.synapses == synapses);
    CHECK(n.synapses == synapse_kinds);
    CHECK(n.links == links);
    CHECK(n.plastic_weights == plastic);
  }
}

TEST_CASE("census: memory is predicted to within 5 % of what a simulator holds") {
  std::mt19937 random(11);
  for (const std::string precision : {"f32", "f64"}) {
    for (const int lanes : {1, 20}) {
      const std::string keys = fmt::format("precision = \"{}\"\nlanes = {}", precision, lanes);
      for (int i = 0; i < 10; ++i) {
        const std::string text = text_of(random_request(random), keys);
        CAPTURE(text);
        check_against_simulator(circuit_of(text));
      }
      check_against_simulator(circuit_of(short_form_of("[784, 100, 10]", "bias = true\n" + keys)));
    }
  }
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {  // sparse, delayed, several projections into a port
    CAPTURE(seed);
    check_against_simulator(build_circuit(testing::random_description(seed)));
  }
}

TEST_CASE("census: what synapses keep beside their weights is predicted, too") {
  for (const std::string synapse : {"eligibility-hebbian", "adam-hebbian", "tsodyks-markram"}) {
    for (const std::string connect : {"'all-to-all'", "'one-to-one'", "{ fixed_indegree = 3 }"}) {
      for (const std::string lanes : {"1", "3"}) {
        const std::string text =
            "[circuit]\nlanes = " + lanes + "\n[[population]]\nname = 'a'\nmodel = 'controller'\nsize = 20\n" +
            "[[population]]\nname = 'b'\nmodel = 'controller'\nsize = 20\n[[projection]]\nname = 'p'\n" +
            "from = 'a.signal'\nto = 'b.trigger'\nsynapse = '" + synapse + "'\nconnect = " + connect +
            (synapse == "tsodyks-markram" ? "" : "\npost = 'b.signal'");
        CAPTURE(text);
        check_against_simulator(circuit_of(text));
      }
    }
  }
}

TEST_CASE("census: in the first tick every entity sends, so that messages reach their greatest number") {
  for (const std::string rule : {"bp", "il", "fa-z-il"}) {
    const circuit c =
        circuit_of(short_form_of("[5, 4, 3]", "bias = true\nlanes = 3", "[learning]\nrule = \"" + rule + "\""));
    const census n = take_census(c);
    const auto s = make_simulator(c);
    s->advance(1);
    CHECK(s->counters().messages == n.messages_per_tick);
    CHECK(s->counters().links == n.links_per_tick);
  }
}

TEST_CASE("census: what comes from outside is listed apart from control") {
  const census n = take_census(circuit_of(short_form_of("[3, 2, 1]", "",
                                                        "[learning]\nrule = \"il\"\nupdate_at = 5\n"
                                                        "[stimuli]\nstart = \"forward\"")));
  REQUIRE(n.sources.size() == 2);
  CHECK(n.sources[0].role == stimulus_role::input);
  CHECK(n.sources[0].population == "input.value");
  CHECK(n.sources[1].answer == "output.value.x");
  REQUIRE(n.controls.size() == 3);
  CHECK(n.controls[0].role == stimulus_role::control);
  CHECK(n.controls[0].onset == 5);
  CHECK(n.controls[0].ticks == 1);
  CHECK(n.controls[1].role == stimulus_role::imposed);
  CHECK(n.controls[1].population == "hidden1.value");
  CHECK(n.controls[1].source == "hidden1.error.prediction");
}

TEST_CASE("census: the columns of a stimulus") {
  const std::string neurons = "[[population]]\nname = 'a'\nmodel = 'point-value'\nsize = 2\n";
  const std::string input = "[[stimulus]]\npopulation = 'a'\nrole = 'input'\n";
  CHECK(take_census(circuit_of(neurons + input + "columns = [3, 5]\n")).sources.at(0).first_column == 3u);
  CHECK_FALSE(take_census(circuit_of(neurons + input)).sources.at(0).first_column.has_value());
}

TEST_CASE("census: weights that belong to another projection are said to, and do not count as learning") {
  const census n = take_census(circuit_of(short_form_of("[3, 2, 1]", "feedback_weights = \"tied\"")));
  const auto feedback = std::find_if(n.projections.begin(), n.projections.end(),
                                     [](const projection_count& p) { return p.name == "hidden1.feedback"; });
  REQUIRE(feedback != n.projections.end());
  CHECK(feedback->shared_with == "output.forward");
  CHECK_FALSE(feedback->plastic);
  CHECK(n.plastic_weights == 3 * 2 + 2 * 1);
}

TEST_CASE("census: kinds are named in the plural where there are several") {
  CHECK(kind_count{"", "error neuron", 42}.text() == "42 error neurons");
  CHECK(kind_count{"", "error neuron", 1}.text() == "1 error neuron");
  CHECK(kind_count{"forward", "synapse with a gated Hebbian rule", 6}.text() ==
        "6 forward: synapses with a gated Hebbian rule");
  CHECK(plural("sender of control signals") == "senders of control signals");
  CHECK(plural("unit that sends") == "unit that sends");  // rather than "units that sends"
}

}  // namespace test_circuit_census
