#include "tests/engine/engine_testing.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "models/templates/catalogue.hpp"
#include "sim/core/errors.hpp"
#include "sim/core/random.hpp"

namespace locus::testing {

std::string short_form::text() const {
  const auto optional = [](const std::string& key, const std::string& value) {
    return value.empty() ? std::string() : fmt::format("{} = \"{}\"\n", key, value);
  };
  std::string out = fmt::format(
      "[circuit]\ntemplate = \"predictive-coding\"\nlayers = [{}]\nactivation = \"{}\"\nbias = {}\nprecision = \"{}\"\n"
      "neuron = \"{}\"\nlanes = {}\n",
      fmt::join(layers, ", "), activation, bias, precision, neuron, lanes);
  out += optional("feedback_weights", feedback_weights) + optional("on_nonfinite", on_nonfinite);
  out += fmt::format("[weights]\nseed = {}\n", seed);
  out += fmt::format("[learning]\nrule = \"{}\"\nalpha = {}\ngamma = {}\n", rule, alpha, gamma);
  out += optional("feedback", feedback);
  out += fmt::format("phi = {{ quiet_ticks = {}, tolerance = {}, cause_gate = {} }}\n", quiet_ticks, tolerance,
                     cause_gate);
  if (update_at) out += fmt::format("update_at = {}\n", *update_at);
  out += fmt::format("[stimuli]\ndata = {}\nencode = \"{}\"\nstart = \"{}\"\npredict = {}\nteach = {}\nrest = {}\n",
                     data, encode, start, predict, teach, rest);
  if (sigma > 0) out += fmt::format("sigma = {}\n", sigma);
  out += fmt::format("teacher_off = {}\nepochs = {}\ntrain_limit = {}\ntest_limit = {}\nshuffle = 1\n", teacher_off,
                     epochs, train_limit, test_limit);
  return out;
}

description short_form::read() const { return netlist_of(text()); }

namespace {

template <std::size_t n>
std::string pick(const std::array<const char*, n>& names, std::uint64_t draw) {
  return names[draw % n];
}

}  // namespace

short_form random_form(std::uint64_t which) {
  const random_stream random(7, "test", "forms");
  std::uint64_t part = 0;
  const auto below = [&](std::uint64_t n) { return random.below(n, which, part++); };
  short_form form;
  form.layers.clear();
  const std::uint64_t hidden = 1 + below(4);
  for (std::uint64_t k = 0; k < hidden + 2; ++k) form.layers.push_back(static_cast<std::uint32_t>(1 + below(20)));
  form.activation = pick(std::array{"sigmoid", "tanh", "relu", "identity"}, below(4));
  form.precision = pick(std::array{"f32", "f64"}, below(2));
  form.neuron = pick(std::array{"two-compartment", "segregated", "point"}, below(3));
  form.rule = pick(std::array{"fa-z-il", "fa-z-il", "fa-z-il", "il", "z-il", "none"}, below(6));
  if (form.rule == "fa-z-il") form.feedback = pick(std::array{"burst", "continuous"}, below(2));
  form.feedback_weights = pick(std::array{"learned", "learned", "tied", "fixed-random"}, below(4));
  form.start = pick(std::array{"settle", "settle", "forward"}, below(3));
  form.encode = pick(std::array{"value", "rate"}, below(2));
  form.bias = below(2) == 0;
  form.lanes = std::array{1u, 3u, 20u}[below(3)];
  form.alpha = 0.02;
  form.gamma = std::array{1.0, 1.0, 0.5, 0.25, 0.3}[below(5)];
  form.quiet_ticks = static_cast<unsigned>(below(4));
  form.tolerance = std::array{0.0, 0.0, 1e-3}[below(3)];
  form.cause_gate = below(3) != 0;
  form.teacher_off = below(4) != 0;
  form.seed = 1 + below(1000);
  form.teach = "8";  // room for controllers; the test draws its own times
  if (form.rule == "il" || (form.rule == "z-il" && below(3) == 0)) form.update_at = static_cast<int>(below(4));
  return form;
}

description netlist_of(const std::string& text) {
  return read_netlist(document::from_text(text, "test.toml"), all_templates());
}

void make_fixed(projection_description& p) {
  p.synapse = "fixed";
  p.params.clear();
  p.pre.clear();
  p.post.clear();
  p.gate.reset();
}

data_set drawn_data(std::uint32_t inputs, std::uint32_t targets, std::uint32_t count, std::uint64_t seed) {
  const random_stream random(seed, "test", "data");
  std::vector<double> input, target;
  for (std::uint32_t i = 0; i < count; ++i) {
    for (std::uint32_t j = 0; j < inputs; ++j) {
      const double v = 2 * random.uniform(i, j) - 1;
      input.push_back(random.below(5, i, 10000 + j) == 0 ? 0.0 : v);
    }
    for (std::uint32_t j = 0; j < targets; ++j) target.push_back(2 * random.uniform(i, 20000 + j) - 1);
  }
  data_set set;
  set.train.input = number_table(inputs, input);
  set.train.target = number_table(targets, target);
  set.test.input = number_table(inputs, std::vector<double>());
  set.test.target = number_table(targets, std::vector<double>());
  set.name = "random";
  return set;
}

output_id rig::output(const std::string& population, const std::string& field) const {
  const std::size_t p = net.find_population(population).value();
  return {p, net.populations[p].model->find_field(field).value()};
}

bool same_numbers(const rig& a, const rig& b) {
  for (std::size_t p = 0; p < a.net.populations.size(); ++p) {
    for (std::size_t f = 0; f < a.net.populations[p].model->fields.size(); ++f) {
      for (std::size_t i = 0; i < a.net.populations[p].size; ++i) {
        for (std::size_t lane = 0; lane < a.net.lanes; ++lane) {
          if (a.sim->value({p, f}, i, lane) != b.sim->value({p, f}, i, lane)) return false;
        }
      }
    }
  }
  return true;
}

presentation draw_presentation(std::uint64_t seed, std::uint64_t which, std::uint32_t count, unsigned lanes,
                               const presentation_times& low, const presentation_times& high) {
  const random_stream random(seed, "test", "presentations");
  const auto draw = [&](std::int64_t from, std::int64_t to, std::uint64_t part) {
    return from + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(to - from) + 1, which, part));
  };
  presentation p;
  for (unsigned lane = 0; lane < lanes; ++lane) {
    p.samples.push_back(static_cast<std::uint32_t>(random.below(count, which, 100 + lane)));
  }
  p.times = {draw(low.predict, high.predict, 0), draw(low.teach, high.teach, 1), draw(low.rest, high.rest, 2)};
  return p;
}

bool teach_jittered(rig& r, const short_form& form, std::uint64_t which, std::uint64_t first, std::uint64_t last) {
  const auto depth = static_cast<std::int64_t>(form.layers.size()) - 1;
  const bool controlled = form.rule != "fa-z-il";
  const presentation_times low{1, controlled ? std::max<std::int64_t>(depth, 4) : 1, 0};
  const presentation_times high{2 * depth + 8, low.teach + depth + 2, depth + 3};
  try {
    for (std::uint64_t n = first; n < last; ++n) {
      const presentation p = draw_presentation(which, n, 30, form.lanes, low, high);
      r.world.teach(p.samples, p.times);
    }
  } catch (const nonfinite_error&) {
    return false;
  }
  return true;
}

data_set data_for(const short_form& form, std::uint64_t which) {
  return drawn_data(form.layers.front(), form.layers.back(), 30, which);
}

std::string snapshot(const simulator& s) {
  const circuit& c = s.net();
  const std::size_t width = size_of(c.precision);
  std::string bytes;
  const auto room = [&](std::size_t numbers) {
    bytes.resize(bytes.size() + numbers * width);
    return bytes.data() + bytes.size() - numbers * width;
  };
  for (std::size_t p = 0; p < c.populations.size(); ++p) {
    for (std::size_t f = 0; f < c.populations[p].model->fields.size(); ++f) {
      s.read_field({p, f}, room(std::size_t{c.populations[p].size} * c.lanes));
    }
  }
  for (std::size_t i = 0; i < c.projections.size(); ++i) {
    if (c.projections[i].synapse != nullptr) s.read_weights(i, room(c.connections(c.projections[i])));
  }
  return bytes;
}

void recorder::on_tick(tick_t tick, const simulator& s) {
  if (tick != static_cast<tick_t>(states.size())) throw std::logic_error("the observer missed a tick");
  states.push_back(hash_name(snapshot(s)));
}

void recorder::on_quiet(tick_t first, tick_t last, const simulator& s) {
  if (first != static_cast<tick_t>(states.size())) throw std::logic_error("the observer missed a tick");
  states.resize(static_cast<std::size_t>(last), hash_name(snapshot(s)));
  quiet += static_cast<std::uint64_t>(last - first);
}

std::int64_t first_difference(const recorder& a, const recorder& b) {
  const auto [x, y] = std::mismatch(a.states.begin(), a.states.end(), b.states.begin(), b.states.end());
  if (x == a.states.end() && y == b.states.end()) return -1;
  return x - a.states.begin();
}

}  // namespace locus::testing
