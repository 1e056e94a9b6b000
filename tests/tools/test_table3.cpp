#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "models/templates/catalogue.hpp"
#include "sim/netlist/netlist.hpp"
#include "tests/project_file.hpp"
#include "tools/reproduce/table3/report.hpp"
#include "tools/reproduce/training.hpp"

namespace test_tools_table3 {

using namespace locus;
using namespace locus::tools;
using testing::project_file;

namespace {

/// The tally's layer and tolerance in all these tests.
constexpr std::int64_t layer = 1;
constexpr double tolerance = 0.1;

/// One neuron in one presentation, ticks -2 to 4 after the teacher's onset.
struct life {
  double eps;                        ///< at tick `layer`
  std::vector<std::int64_t> spikes;  ///< ticks
};

template <class P>
void present(onset_tally& tally, const std::vector<life>& lives) {
  for (std::int64_t tick = -2; tick <= 4; ++tick) {
    std::vector<P> spikes, eps;
    for (const life& each : lives) {
      spikes.push_back(std::find(each.spikes.begin(), each.spikes.end(), tick) == each.spikes.end() ? P(0) : P(1));
      eps.push_back(tick == layer ? P(each.eps) : P(9));  // what it is at other ticks must not matter
    }
    tally.tick(tick, std::span<const P>(spikes), std::span<const P>(eps));
  }
  tally.end_of_presentation();
}

onset_counts counted(const std::vector<life>& lives) {
  onset_tally tally(lives.size(), layer, tolerance);
  present<double>(tally, lives);
  return tally.counts();
}

}  // namespace

TEST_CASE("table3: a spike is right at tick l of a neuron with an error, and nowhere else", "[tools]") {
  CHECK(counted({{0.5, {1}}}) == onset_counts{.due = 1, .right = 1, .clean = 1});
  CHECK(counted({{-0.5, {}}}) == onset_counts{.due = 1});
  CHECK(counted({{0.5, {1, 3}}}) == onset_counts{.due = 1, .right = 1, .spurious_in_teaching = 1});
  CHECK(counted({{0.5, {0}}}) == onset_counts{.due = 1, .spurious_in_teaching = 1});
  CHECK(counted({{0.5, {2, 4}}}) == onset_counts{.due = 1, .spurious_in_teaching = 2});
  CHECK(counted({{0.5, {-2, -1, 1}}}) == onset_counts{.due = 1, .right = 1, .clean = 1, .spurious_in_prediction = 2});
  CHECK(counted({{0.1, {}}}) == onset_counts{.below = 1, .calm = 1});
  CHECK(counted({{-0.05, {3}}}) == onset_counts{.below = 1, .spurious_in_teaching = 1});
  CHECK(counted({{0.0, {}}}) == onset_counts{.zero = 1, .calm = 1});
  CHECK(counted({{0.0, {-1}}}) == onset_counts{.zero = 1, .calm = 1, .spurious_in_prediction = 1});
  CHECK(counted({{0.0, {-1, 1}}}) == onset_counts{.zero = 1, .spurious_in_prediction = 1, .spurious_in_teaching = 1});
}

TEST_CASE("table3: neurons and presentations are counted apart and added up", "[tools]") {
  onset_tally tally(3, layer, tolerance);
  present<double>(tally, {{0.5, {1}}, {0.5, {1, 2}}, {0, {}}});
  present<double>(tally, {{0.5, {}}, {0.5, {1}}, {0.5, {1}}});  // nothing is left of the one before
  const onset_counts all = tally.counts();
  CHECK(all == onset_counts{.zero = 1, .due = 5, .right = 4, .clean = 3, .calm = 1, .spurious_in_teaching = 1});
  CHECK(all.missed() == 1);
  CHECK(all.right_rate() == 80);
  CHECK(all.strict_rate() == 60);
  CHECK(all.faultless_rate() == 100 * 4.0 / 6);
  onset_counts twice = all;
  twice += all;
  CHECK(twice == onset_counts{.zero = 2, .due = 10, .right = 8, .clean = 6, .calm = 2, .spurious_in_teaching = 2});
  CHECK(std::isnan(onset_counts{}.right_rate()));
  CHECK(std::isnan(onset_counts{}.faultless_rate()));
}

TEST_CASE("table3: the tolerance is the phi neurons' own, rounded to the circuit's precision", "[tools]") {
  onset_tally tally(1, layer, tolerance);
  present<float>(tally, {{0.1, {}}});  // 0.1f is above 0.1
  CHECK(tally.counts() == onset_counts{.below = 1, .calm = 1});
}

namespace {

description digits(std::vector<std::string> overrides) {
  overrides.insert(overrides.begin(), {"circuit.layers=[64, 12, 11, 10]", "stimuli.train_limit=100"});
  return read_netlist(document::from_file(project_file("netlists/digits.toml"), overrides), all_templates());
}

onset_counts sum(const std::vector<onset_counts>& layers) {
  onset_counts all;
  for (const onset_counts& each : layers) all += each;
  return all;
}

}  // namespace

TEST_CASE("table3: the burst circuit spikes exactly where it should, given the time", "[tools]") {
  const description bp = digits({"learning.rule=bp", "learning.alpha=0.01"});
  const data_set data = load_data(bp.data);
  const std::vector<learnt_weights> stages = train_in_stages(bp, data, {0, 2});
  REQUIRE(stages.size() == 2);
  REQUIRE(stages[0] != stages[1]);
  for (const learnt_weights& weights : stages) {
    // L + t_d = 3 + 1 ticks are enough for the prediction; with one less phi has not been quiet for long enough.
    const auto in_time = count_onsets(digits({"stimuli.predict=4"}), data, weights, 7);
    REQUIRE(in_time.size() == 3);
    const std::uint64_t lanes = 20;
    CHECK(in_time[0] == onset_counts{.due = 7 * lanes * 10, .right = 7 * lanes * 10, .clean = 7 * lanes * 10});
    CHECK(in_time[1] == onset_counts{.due = 7 * lanes * 11, .right = 7 * lanes * 11, .clean = 7 * lanes * 11});
    CHECK(in_time[2] == onset_counts{.due = 7 * lanes * 12, .right = 7 * lanes * 12, .clean = 7 * lanes * 12});
    const onset_counts early = sum(count_onsets(digits({"stimuli.predict=3"}), data, weights, 7));
    CHECK(early.right == 0);
  }
  // The cause gate is what keeps phi silent while the prediction runs down the layers of a circuit that came to rest.
  const auto after_rest = [&](const char* phi) {
    return sum(count_onsets(digits({phi, "stimuli.rest=8"}), data, stages[1], 7)).spurious_in_prediction;
  };
  CHECK(after_rest("learning.phi={ quiet_ticks = 1, cause_gate = true }") == 0);
  CHECK(after_rest("learning.phi={ quiet_ticks = 1, cause_gate = false }") > 0);
}

TEST_CASE("table3: weights are given to forward synapses and, transposed, to feedback synapses", "[tools]") {
  const description netlist = digits({});
  const data_set data = load_data(netlist.data);
  const learnt_weights weights = train_in_stages(digits({"learning.rule=bp"}), data, {1}).front();
  const circuit net = build_circuit(netlist);
  const auto s = make_simulator(net);
  put_weights(*s, weights);
  const auto held = [&](const char* projection) { return s->weights(net.find_projection(projection).value()); };
  CHECK(held("hidden1.forward") == weights.at("hidden1.forward"));
  const std::vector<double> forward = held("output.forward"), feedback = held("hidden2.feedback");
  CHECK(forward == weights.at("output.forward"));
  for (std::size_t post = 0; post < 10; ++post) {
    for (std::size_t pre = 0; pre < 11; ++pre) REQUIRE(feedback[pre * 10 + post] == forward[post * 11 + pre]);
  }
}

TEST_CASE("table3: the closest setting is the one whose rates are nearest to the published ones", "[tools]") {
  // Curves of which so many of `due` are right and clean at each t_d; nothing in the hidden layers.
  const auto curve = [](std::uint64_t due, auto&& clean) {
    phi_curve c;
    for (std::size_t k = 0; k < c.output.size(); ++k) {
      const auto n = static_cast<std::uint64_t>(clean(k));
      c.output[k] = {.due = due, .right = n, .clean = n};
    }
    return c;
  };
  const auto published = [](std::size_t k) { return std::lround(10 * published_rates[k]); };
  std::vector<phi_curve> curves = {curve(1000, [](std::size_t) { return 1000; }), curve(1000, published),
                                   curve(999, published), curve(1000, published)};
  curves[3].setting.activation = "relu";  // not the paper's circuit
  const std::vector<phi_match> matches = matches_of(curves);
  REQUIRE(matches.size() == 6);  // two curves, three rates, all neurons
  CHECK(matches[0].curve == &curves[1]);
  CHECK(matches[0].distance < 1e-12);  // a rate of 1000 neurons differs from the decimal number by rounding
  CHECK(matches[3].curve == &curves[0]);
  CHECK(matches[3].distance == Approx((6.6 + 7.6 + 0.4) / 9));
}

}  // namespace test_tools_table3
