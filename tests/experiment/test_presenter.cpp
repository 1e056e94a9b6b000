#include <fmt/format.h>

#include <catch2/catch.hpp>

#include <cmath>
#include <set>

#include "sim/core/errors.hpp"
#include "tests/engine/engine_testing.hpp"

namespace test_experiment_presenter {

using namespace locus;
using namespace locus::testing;

namespace {

std::string message_of(const short_form& form, const data_set& data) {
  try {
    rig r(form.read(), data);
  } catch (const usage_error& error) {
    return error.what();
  }
  return "";
}

/// What the clamped populations hold, tick by tick.
class clamp_reader : public tick_observer {
 public:
  explicit clamp_reader(const rig& r) : rig_(r) {}
  void on_tick(tick_t, const simulator& s) override {
    input.push_back(s.value(rig_.output("input.value", "x"), 0, 0));
    output.push_back(s.value(rig_.output("output.value", "x"), 0, 0));
  }
  void on_quiet(tick_t first, tick_t last, const simulator& s) override {
    for (tick_t t = first; t < last; ++t) on_tick(t, s);
  }
  std::vector<double> input, output;

 private:
  const rig& rig_;
};

}  // namespace

TEST_CASE("presenter: data of other widths are refused, naming population and widths", "[experiment]") {
  short_form form;
  form.layers = {5, 4, 3};
  CHECK(message_of(form, drawn_data(5, 3, 4, 1)).empty());
  const std::string inputs = message_of(form, drawn_data(6, 3, 4, 1));
  CHECK(inputs.find("\"input.value\" has 5 neurons") != std::string::npos);
  CHECK(inputs.find("6 columns") != std::string::npos);
  const std::string targets = message_of(form, drawn_data(5, 2, 4, 1));
  CHECK(targets.find("\"output.value\" has 3 neurons") != std::string::npos);
  CHECK(targets.find("targets") != std::string::npos);
}

namespace {

/// Two inputs and two teachers that divide the columns of the data among them, with the given keys.
std::string divided(const std::string& a, const std::string& b, const std::string& c, const std::string& d) {
  std::string text = "[circuit]\nlanes = 2\n[stimuli]\npredict = 2\nteach = 2\nrest = 1\n";
  const auto add = [&](const std::string& name, int size, const std::string& role, const std::string& keys) {
    text += fmt::format(
        "[[population]]\nname = '{0}'\nmodel = 'point-value'\nsize = {1}\n"
        "[[stimulus]]\npopulation = '{0}'\nrole = '{2}'\n{3}\n",
        name, size, role, keys);
  };
  add("a", 2, "input", a), add("b", 3, "input", b), add("c", 1, "teacher", c), add("d", 2, "teacher", d);
  return text;
}

std::string message_of_divided(const std::string& a, const std::string& b, const std::string& c, const std::string& d) {
  try {
    rig r(netlist_of(divided(a, b, c, d)), drawn_data(5, 3, 4, 1));
  } catch (const usage_error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("presenter: populations divide the columns of the data, and answer together", "[experiment]") {
  const data_set data = drawn_data(5, 3, 4, 1);
  rig r(netlist_of(divided("columns = [3, 5]", "columns = [0, 3]", "columns = [0, 1]", "columns = [1, 3]")), data);
  const std::vector<std::uint32_t> samples{2, 1};
  const answer_score asked = r.world.ask(answer_key(data, data.train, taught_parts(r.net)), samples, 2, 2);
  double loss = 0;
  for (std::size_t lane = 0; lane < 2; ++lane) {
    const auto input = [&](std::uint32_t column) { return data.train.input.at(samples[lane], column); };
    for (std::uint32_t i = 0; i < 2; ++i) CHECK(r.sim->value(r.output("a", "x"), i, lane) == input(3 + i));
    for (std::uint32_t i = 0; i < 3; ++i) CHECK(r.sim->value(r.output("b", "x"), i, lane) == input(i));
    for (std::uint32_t k = 0; k < 3; ++k) loss += std::pow(data.train.target.at(samples[lane], k), 2) / 2;
  }
  CHECK(asked.samples == 2);
  CHECK(asked.loss == loss);  // nothing predicts: the answers are 0
  r.world.teach(samples, {0, 2, 0});
  for (std::size_t lane = 0; lane < 2; ++lane) {
    const auto target = [&](std::uint32_t column) { return data.train.target.at(samples[lane], column); };
    CHECK(r.sim->value(r.output("c", "x"), 0, lane) == target(0));
    for (std::uint32_t i = 0; i < 2; ++i) CHECK(r.sim->value(r.output("d", "x"), i, lane) == target(1 + i));
  }
}

TEST_CASE("presenter: every column of the data goes somewhere", "[experiment]") {
  const std::string a = "columns = [0, 2]", b = "columns = [2, 5]", c = "columns = [0, 1]", d = "columns = [1, 3]";
  CHECK(message_of_divided(a, b, c, d).empty());
  CHECK(message_of_divided("columns = [1, 3]", "columns = [0, 3]", c, d) ==
        "the inputs of data \"random\" have 5 columns, but no stimulus takes column 3 (counted from 0)");
  CHECK(message_of_divided("columns = [4, 6]", b, c, d) ==
        "the stimulus of \"a\" has columns = [4, 6], but the inputs of data \"random\" have 5 columns");
  CHECK(message_of_divided(a, b, c, "columns = [2, 4]") ==
        "the stimulus of \"d\" has columns = [2, 4], but the targets of data \"random\" have 3 columns");
  CHECK(message_of_divided(a, b, "columns = [2, 3]", d) ==
        "the targets of data \"random\" have 3 columns, but no stimulus takes column 0 (counted from 0)");
  CHECK(message_of_divided(a, b, c, "") == "\"d\" has 2 neurons, but the targets of data \"random\" have 3 columns");
}

TEST_CASE("presenter: control outside the presentation is refused", "[experiment]") {
  short_form form;
  form.layers = {5, 4, 3};
  form.rule = "il";
  form.update_at = 3;
  form.teach = "4";
  const data_set data = drawn_data(5, 3, 4, 1);
  CHECK(message_of(form, data).empty());
  form.update_at = 4;
  CHECK(message_of(form, data).find("control signal of \"controller\"") != std::string::npos);
  form.rest = "1";
  CHECK(message_of(form, data).empty());
  form.teach = "[3, 9]";  // the shortest presentation counts
  CHECK_FALSE(message_of(form, data).empty());
}

TEST_CASE("presenter: input and teacher go on and off at the ticks of P, T and Q", "[experiment]") {
  short_form form;
  form.layers = {5, 4, 3};
  form.rule = "none";
  const data_set data = drawn_data(5, 3, 4, 1);
  rig r(form.read(), data);
  clamp_reader reader(r);
  r.sim->observe(&reader);
  r.world.teach(std::vector<std::uint32_t>{2}, {6, 3, 2});
  r.world.teach(std::vector<std::uint32_t>{3}, {4, 1, 0});
  REQUIRE(reader.input.size() == 16);
  const double first = data.train.input.at(2, 0), second = data.train.input.at(3, 0);
  for (std::size_t t = 0; t < 16; ++t) CHECK(reader.input[t] == (t < 11 ? first : second));
  for (std::size_t t = 0; t < 16; ++t) {
    const bool taught = (t >= 6 && t < 9) || t == 15;
    const double target = data.train.target.at(t < 11 ? 2 : 3, 0);
    CHECK((reader.output[t] == target) == taught);
  }
}

namespace {

/// eps of the hidden layer in every tick, [tick][neuron * lanes + lane].
class error_reader : public tick_observer {
 public:
  explicit error_reader(const rig& r) : field_(r.output("hidden1.error", "eps")) {}
  void on_tick(tick_t, const simulator& s) override {
    std::vector<double>& now = ticks.emplace_back(s.net().populations[field_.population].size * s.net().lanes);
    s.read_field(field_, now.data());
  }
  void on_quiet(tick_t first, tick_t last, const simulator& s) override {
    for (tick_t t = first; t < last; ++t) on_tick(t, s);
  }
  std::vector<std::vector<double>> ticks;

 private:
  output_id field_;
};

}  // namespace

TEST_CASE("presenter: noise on an imposed start is the hidden layers' error when the teacher comes", "[experiment]") {
  short_form form;
  form.layers = {5, 400, 3};
  form.rule = "z-il";
  form.start = "forward";
  form.sigma = 0.25;
  form.lanes = 2;
  form.alpha = 0;
  const data_set data = drawn_data(5, 3, 4, 1);
  rig r(form.read(), data), again(form.read(), data);
  error_reader errors(r), errors_again(again);
  r.sim->observe(&errors);
  again.sim->observe(&errors_again);
  const std::vector<std::uint32_t> samples{2, 1};
  const auto teach = [&](rig& which, std::uint64_t number) { which.world.teach(samples, {2, 2, 0, number}); };
  teach(r, 0);
  teach(r, 1);
  teach(again, 0);
  teach(again, 0);
  REQUIRE(errors.ticks.size() == 8);
  const std::vector<double>&first = errors.ticks[2], &second = errors.ticks[6];
  CHECK(first == errors_again.ticks[2]);  // by the number of the presentation alone
  CHECK(first == errors_again.ticks[6]);
  CHECK(first != second);
  // Before the teacher the prediction was imposed without noise: no error.
  for (const std::size_t t : {0U, 1U, 4U, 5U}) CHECK(errors.ticks[t] == std::vector<double>(800, 0.0));
  // Mean and variance of 800 normal numbers: within five standard errors, sigma / sqrt(n) and sigma^2 sqrt(2 / n).
  double sum = 0, squares = 0;
  for (const double e : first) {
    sum += e;
    squares += e * e;
  }
  CHECK(std::abs(sum / 800) < 5 * 0.25 / std::sqrt(800.0));
  CHECK(std::abs(squares / 800 - 0.0625) < 5 * 0.0625 * std::sqrt(2.0 / 800));
  // Questions are asked without noise.
  const answer_score asked = r.world.ask(answer_key(data, data.train), samples, 2, 2);
  CHECK(errors.ticks.back() == std::vector<double>(800, 0.0));
  CHECK(asked.samples == 2);
}

TEST_CASE("presenter: the answer is read at the last tick before the teacher", "[experiment]") {
  short_form form;
  form.layers = {5, 4, 3};
  form.rule = "none";
  form.lanes = 2;
  const data_set data = drawn_data(5, 3, 4, 1);
  rig r(form.read(), data), silent(form.read(), data);
  const std::vector<std::uint32_t> samples{2, 1};
  const answer_score taught = r.world.teach(samples, {6, 3, 2});
  const answer_key key(data, data.train);
  const answer_score asked = silent.world.ask(key, samples, 2, 6);
  CHECK(taught.loss == asked.loss);
  CHECK(taught.correct == asked.correct);
  CHECK(taught.samples == 2);
  double loss = 0;
  for (std::size_t lane = 0; lane < 2; ++lane) {
    for (std::uint32_t i = 0; i < 3; ++i) {
      const double d =
          data.train.target.at(samples[lane], i) - silent.sim->value(silent.output("output.value", "x"), i, lane);
      loss += d * d / 2;
    }
  }
  CHECK(asked.loss == loss);
  CHECK(silent.world.ask(key, samples, 1, 6).samples == 1);
}

TEST_CASE("presenter: what cannot be the answer is not scored", "[experiment]") {
  short_form form;
  form.layers = {5, 4, 3};
  form.rule = "none";
  const data_set data = drawn_data(5, 3, 4, 1);
  rig r(form.read(), data);
  CHECK(r.world.teach(std::vector<std::uint32_t>{0}, {0, 3, 2}).samples == 0);  // it comes with the question
  CHECK(r.world.teach(std::vector<std::uint32_t>{1}, {1, 0, 0}).samples == 1);

  form.teacher_off = false;
  rig held(form.read(), data);
  CHECK(held.world.teach(std::vector<std::uint32_t>{0}, {6, 3, 2, 0}).samples == 1);
  CHECK(held.world.teach(std::vector<std::uint32_t>{1}, {6, 3, 2, 1}).samples == 0);  // the teacher before holds it

  description alone = form.read();
  std::erase_if(alone.stimuli, [](const stimulus_description& s) { return s.role == stimulus_role::teacher; });
  rig untaught(alone, data);
  CHECK(untaught.world.teach(std::vector<std::uint32_t>{0}, {6, 3, 2}).samples == 0);
}

TEST_CASE("presenter: times are drawn evenly from their ranges, by number and seed", "[experiment]") {
  timeline_description timeline;
  timeline.predict = {8, 12, {}};
  timeline.teach = {4, 4, {}};
  timeline.rest = {0, 1, {}};
  std::set<std::int64_t> predict, rest;
  for (std::uint64_t n = 0; n < 100; ++n) {
    const presentation_times t = draw_times(timeline, n);
    predict.insert(t.predict);
    rest.insert(t.rest);
    CHECK(t.teach == 4);
    CHECK(draw_times(timeline, n).predict == t.predict);
  }
  CHECK(predict == std::set<std::int64_t>{8, 9, 10, 11, 12});
  CHECK(rest == std::set<std::int64_t>{0, 1});
}

TEST_CASE("presenter: a single output is right on the target's side of the middle", "[experiment]") {
  short_form form;
  form.layers = {1, 1};
  form.rule = "none";
  form.encode = "rate";
  form.activation = "identity";
  data_set data = drawn_data(1, 1, 4, 1);
  data.train.input = number_table(1, std::vector<double>{0.0, 1.0, 0.2, 0.9});
  data.train.target = number_table(1, std::vector<double>{0.0, 1.0, 1.0, 0.0});
  rig r(form.read(), data);
  r.sim->set_weights(r.projection("output.forward"), std::vector{1.0});
  const std::vector<bool> right{true, true, false, false};
  for (std::uint32_t n = 0; n < 4; ++n) {
    CHECK(r.world.ask(answer_key(data, data.train), std::vector{n}, 1, 4).accuracy() == (right[n] ? 1 : 0));
  }
}

namespace {

/// A synapse whose resources are halved by each spike and come back by a quarter a tick. It also learns, all the time.
constexpr auto depressing = R"([circuit]
lanes = 1
[[model]]
name = "depressing"
kind = "synapse"
weight = "w"
[model.parameters]
alpha = 0.125
[model.state]
theta = "strength"
left = { initial = 1, meaning = "resources" }
w = "strength times resources"
[model.rules]
learn = """
used = if(sum(pre) > 0, 0.5 * left, left)
next = used + 0.25 * (1 - used)
theta <- theta + alpha * sum(post * pre)
left <- next
w <- theta * next
"""
[[population]]
name = "in"
model = "controller"
size = 1
[[population]]
name = "out"
model = "controller"
size = 1
[[projection]]
name = "p"
from = "in.signal"
to = "out.trigger"
synapse = "depressing"
weights = { values = [[0.5]] }
post = "out.signal"
[[stimulus]]
population = "in"
role = "input"
[[stimulus]]
population = "out"
role = "teacher"
answer = "out.signal"
[stimuli]
data = { inputs = [[1], [0], [1]], targets = [[1], [0.5], [2]], test_inputs = [[1], [0], [1], [1]], test_targets = [[0.5], [0.25], [1], [0]] }
predict = 5
teach = 2
)";

}  // namespace

TEST_CASE("evaluator: messages are multiplied with what the synapses have now, which goes on but for theta",
          "[experiment]") {
  const description d = netlist_of(depressing);
  for (const bool track : {true, false}) {
    simulator_options options;
    options.track_activity = track;
    rig r(d, load_data(d.data), options);
    evaluator tests(r.net, d, r.data, options);
    double received = 0, sent = 0;  // in the scored circuit, which stays where the samples before left it
    for (std::uint64_t n = 0; n < 3; ++n) {
      r.world.teach(std::vector<std::uint32_t>{static_cast<std::uint32_t>(n)}, {5, 2, 0, n});
      std::vector<std::vector<double>> before;
      for (std::size_t f = 0; f < 3; ++f) before.push_back(r.sim->synapse_field(0, f));
      const double theta = before[0][0];
      double left = before[1][0], w = before[2][0];
      REQUIRE(theta != 0.5);  // has learnt
      REQUIRE(w != theta);
      double loss = 0;
      for (const auto& [input, target] : {std::pair(1.0, 0.5), {0.0, 0.25}, {1.0, 1.0}, {1.0, 0.0}}) {
        for (int tick = 0; tick < 5; ++tick) {
          sent = received;  // a tick ago
          received = w * input;
          const double used = input > 0 ? 0.5 * left : left;
          left = used + 0.25 * (1 - used);
          w = theta * left;
        }
        loss += (target - sent) * (target - sent) / 2;
      }
      const answer_score score = tests.evaluate(*r.sim, r.data.test);
      CHECK(score.samples == 4);
      CHECK(score.mean_loss() == loss / 4);
      for (std::size_t f = 0; f < 3; ++f) CHECK(r.sim->synapse_field(0, f) == before[f]);
    }
  }
}

}  // namespace test_experiment_presenter
