/// Random circuits with everything that a long form can say, and whatever may be done to a simulator between two ticks,
/// beside the dense reference.

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <random>

#include "sim/core/errors.hpp"
#include "tests/engine/engine_testing.hpp"
#include "tests/reference/long_form.hpp"

namespace test_engine_long_forms {

using namespace locus;
using namespace locus::testing;

namespace {

/// Draws a circuit: value, error and phi neurons, controllers and a constant, connected at random.
class random_form_maker {
 public:
  explicit random_form_maker(std::uint64_t seed) : random_(seed) {}

  description make() {
    description d;
    d.source = "random";
    d.precision = below(2) == 0 ? precision::f64 : precision::f32;
    d.lanes = 1 + below(3);
    const std::uint32_t sizes[] = {1 + below(20), 1 + below(20)};  // few, so that many populations fit together
    const auto add = [&](const char* kind, const char* model, std::uint32_t count, bool single,
                         const std::vector<parameter_setting>& params) {
      for (std::uint32_t i = 0; i < count; ++i) {
        d.populations.push_back({fmt::format("{}{}", kind, i), model, single ? 1 : sizes[below(2)], params, {}});
      }
    };
    add("two", "two-compartment-value", 1 + below(3), false, {{"gamma", below(2) == 0 ? 1.0 : 0.5, {}}, f()});
    add("point", "point-value", below(3), false, {{"gamma", 0.25, {}}, f()});
    add("error", "error", 1 + below(3), false, {});
    add("phi", "phi", 1 + below(2), false,
        {{"quiet_ticks", static_cast<double>(below(3)), {}},
         {"tolerance", below(2) == 0 ? 0.0 : 1e-3, {}},
         {"cause_gate", below(2) == 0, {}}});
    add("control", "controller", 1 + below(2), true, {});
    add("one", "constant", 1, true, {});
    std::shuffle(d.populations.begin(), d.populations.end(), random_);
    for (std::uint32_t i = 0; i < 4 + below(14); ++i) d.projections.push_back(projection_of(d, i));
    return d;
  }

  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random_() % n); }
  double number() { return static_cast<double>(random_() >> 11) * 0x1p-52 - 1; }
  std::mt19937_64& bits() { return random_; }

 private:
  parameter_setting f() {
    const char* const names[] = {"tanh", "sigmoid", "relu", "identity"};
    return {"activation", std::string(names[below(4)]), {}};
  }

  template <class Names>
  std::string one_of(const Names& names) {
    return std::string(names[below(static_cast<std::uint32_t>(names.size()))]);
  }
  reference output_of(const population_description& p) {
    return {p.name, one_of(all_models().find(p.model)->sent_names()), {}};
  }

  projection_description projection_of(const description& d, std::uint32_t number) {
    const auto any = [&]() -> const population_description& {
      return d.populations[below(static_cast<std::uint32_t>(d.populations.size()))];
    };
    const population_description& before = any();
    const population_description* after = &any();
    while (all_models().find(after->model)->ports.empty()) after = &any();
    projection_description p;
    p.name = fmt::format("p{}", number);
    p.from = output_of(before);
    p.to = {after->name, one_of(all_models().find(after->model)->port_names()), {}};
    p.connect = connectivity_of(before.size, after->size);
    p.delay = below(3) == 0 ? 1 + below(3) : 0;
    if (below(4) == 0) p.delays = connection_delays{{}, 1, 1 + below(4), random_()};
    if (below(3) == 0) return p;
    p.synapse = one_of(std::array{"fixed", "gated-hebbian", "gated-hebbian", "decaying-hebbian"});
    p.weights = random_weights{"uniform", 0.5, 1 + random_() % 1000, {}};
    if (p.synapse == "fixed") return p;
    p.params = {{"alpha", 0.02, {}}};
    if (p.synapse == "decaying-hebbian") p.params.push_back({"lambda", 0.9, {}});
    if (below(3) == 0) p.pre = output_of(before);
    p.post = output_of(equally_large(d, after->size));
    if (below(4) == 0) return p;
    const gate_end ends[] = {gate_end::pre, gate_end::post, gate_end::everywhere};
    p.gate_at = ends[below(3)];
    p.gate = output_of(equally_large(d, p.gate_at == gate_end::pre    ? before.size
                                        : p.gate_at == gate_end::post ? after->size
                                                                      : 1));
    return p;
  }

  connectivity connectivity_of(std::uint32_t before, std::uint32_t after) {
    switch (below(6)) {
      case 0: return fixed_indegree{1 + below(before), random_()};
      case 1: return connection_probability{0.4, random_()};
      case 2: return all_to_all{};
      default: break;
    }
    return before == after ? connectivity(one_to_one{}) : connectivity(all_to_all{});
  }

  const population_description& equally_large(const description& d, std::uint32_t size) {
    std::vector<const population_description*> all;
    for (const population_description& p : d.populations) {
      if (p.size == size) all.push_back(&p);
    }
    return *all[below(static_cast<std::uint32_t>(all.size()))];
  }

  std::mt19937_64 random_;
};

/// Compares every tick.
template <class P>
class beside : public tick_observer {
 public:
  explicit beside(simulator& sim) : reference(sim.net()) {
    for (std::size_t i = 0; i < sim.net().projections.size(); ++i) {
      if (sim.net().projections[i].synapse != nullptr) sim.read_weights(i, reference.weights[i].data());
    }
    sim.observe(this);
  }

  void on_tick(tick_t tick, const simulator& s) override {
    ++ticks;
    reference.exchange();
    for (std::size_t n = 0; n < reference.fields.size(); ++n) {
      for (std::size_t f = 0; f < reference.fields[n].size(); ++f) {
        buffer_.resize(reference.fields[n][f].size());
        s.read_field({n, f}, buffer_.data());
        compare(tick, s.net().name_of(output_id{n, f}), reference.fields[n][f]);
      }
    }
    for (std::size_t i = 0; i < reference.weights.size(); ++i) {
      buffer_.resize(reference.weights[i].size());
      s.read_weights(i, buffer_.data());
      compare(tick, s.net().projections[i].name, reference.weights[i]);
    }
    if (learns) reference.learn();
  }
  void on_quiet(tick_t first, tick_t last, const simulator& s) override {
    quiet += last - first;
    for (tick_t t = first; t < last; ++t) on_tick(t, s);
  }

 private:
  void compare(tick_t tick, const std::string& name, const std::vector<P>& expected) {
    if (!difference.empty() || expected.empty() ||
        std::memcmp(buffer_.data(), expected.data(), expected.size() * sizeof(P)) == 0)
      return;
    for (std::size_t k = 0; k < expected.size(); ++k) {
      if (std::memcmp(&buffer_[k], &expected[k], sizeof(P)) == 0) continue;
      difference = fmt::format("tick {}, {}[{}]: engine {}, reference {}", tick, name, k, buffer_[k], expected[k]);
      return;
    }
  }

  std::vector<P> buffer_;

 public:
  dense::long_form<P> reference;
  std::string difference;  ///< the first one, or ""
  bool learns = true;
  tick_t ticks = 0, quiet = 0;
};

/// What the circuits of a test did.
struct tally {
  std::size_t circuits = 0, diverged = 0;
  activity total;
  tick_t ticks = 0, quiet = 0;
};

/// Does to engine and reference what can be done between two ticks, several things at once and in any order.
template <class P>
void disturb(random_form_maker& random, simulator& sim, beside<P>& watch) {
  const circuit& c = sim.net();
  std::vector<std::size_t> clampable;
  for (std::size_t n = 0; n < c.populations.size(); ++n) {
    if (c.populations[n].model->has_clamp) clampable.push_back(n);
  }
  std::shuffle(clampable.begin(), clampable.end(), random.bits());
  for (const std::size_t n : clampable) {
    const std::size_t size = c.populations[n].size * c.lanes;
    const std::uint32_t what = random.below(6);
    if (what == 0) {
      std::vector<double> values(size);
      for (double& v : values) v = random.below(4) == 0 ? 0 : random.number();
      sim.clamp(n, values);
      watch.reference.clamps[n].emplace(values.begin(), values.end());
    } else if (what == 1) {
      sim.release(n);
      watch.reference.clamps[n].reset();
    } else if (what == 2) {
      std::vector<port_id> sources;
      for (std::size_t m = 0; m < c.populations.size(); ++m) {
        for (std::size_t q = 0; q < c.populations[m].model->ports.size(); ++q) {
          if (c.populations[m].size == c.populations[n].size) sources.push_back({m, q});
        }
      }
      for (std::uint32_t times = 1 + random.below(2); times > 0; --times) {  // the last one counts
        const port_id source = sources[random.below(static_cast<std::uint32_t>(sources.size()))];
        sim.impose(n, source);
        std::erase_if(watch.reference.impositions, [&](const auto& each) { return each.population == n; });
        watch.reference.impositions.push_back({n, source});
      }
    }
  }
  if (random.below(6) == 0) {
    const std::size_t n = random.below(static_cast<std::uint32_t>(c.populations.size()));
    const output_id field{n, random.below(static_cast<std::uint32_t>(c.populations[n].model->fields.size()))};
    const std::size_t neuron = random.below(c.populations[n].size), lane = random.below(c.lanes);
    const double value = random.number();
    sim.perturb(field, neuron, lane, value);
    watch.reference.perturbations.push_back({field, neuron * c.lanes + lane, static_cast<P>(value)});
  }
  if (random.below(8) == 0) sim.set_learning(watch.learns = !watch.learns);
}

template <class P>
std::string run_beside(random_form_maker& random, const circuit& c, tally& all) {
  const auto sim = make_simulator(c);
  beside<P> watch(*sim);
  try {
    for (int step = 0; step < 25 && watch.difference.empty(); ++step) {
      disturb(random, *sim, watch);
      sim->advance(sim->now() + 1 + random.below(6));
    }
  } catch (const nonfinite_error&) {
    ++all.diverged;  // until then the bits have been compared
  }
  ++all.circuits;
  all.total.spikes += sim->counters().spikes;
  all.total.weight_changes += sim->counters().weight_changes;
  all.ticks += watch.ticks;
  all.quiet += watch.quiet;
  return watch.difference;
}

}  // namespace

TEST_CASE("engine: every tick of random long forms has the reference's bits, whatever is done between ticks",
          "[engine]") {
  tally all;
  for (std::uint64_t which = 0; which < 400; ++which) {
    random_form_maker random(which);
    const description d = random.make();
    INFO("circuit " << which << "\n" << long_form(d));
    try {
      const circuit c = build_circuit(d);
      const std::string difference =
          c.precision == precision::f32 ? run_beside<float>(random, c, all) : run_beside<double>(random, c, all);
      REQUIRE(difference == "");
    } catch (const usage_error& error) {
      REQUIRE(std::string(error.what()).find("algebraic loop") != std::string::npos);
    }
  }
  CAPTURE(all.circuits, all.diverged, all.ticks, all.quiet, all.total.spikes, all.total.weight_changes);
  CHECK(all.circuits > 200);
  CHECK(all.diverged < all.circuits / 4);
  CHECK(all.ticks > 10000);
  CHECK(all.quiet > 100);
  CHECK(all.total.spikes > 1000);
  CHECK(all.total.weight_changes > 1000);
}

namespace {

/// Five layers of value neurons, each of which is set to what its error neuron is told: a forward sweep, against the
/// order of the names.
description swept_chain() {
  short_form form;
  form.layers = {5, 5, 5, 5, 5};
  form.rule = "z-il";
  form.start = "forward";
  form.predict = "2";
  form.teach = "5";
  std::string text = long_form(form.read());
  for (const auto& [from, to] :
       {std::pair("hidden1", "third"), std::pair("hidden2", "second"), std::pair("hidden3", "first")}) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
      text.replace(at, std::string(from).size(), to);
    }
  }
  return netlist_of(text);
}

std::string after_presentations(const description& d, const data_set& data) {
  rig r(d, data);
  for (std::uint32_t n = 0; n < 6; ++n) r.world.teach(std::vector{n}, {2, 5, 1});
  return snapshot(*r.sim);
}

}  // namespace

TEST_CASE("engine: the order of a netlist's stimuli changes no bit", "[engine]") {
  description d = swept_chain();
  const data_set data = drawn_data(5, 5, 10, 3);
  const std::string expected = after_presentations(d, data);
  std::mt19937_64 random(1);
  for (int order = 0; order < 60; ++order) {
    std::shuffle(d.stimuli.begin(), d.stimuli.end(), random);
    REQUIRE((after_presentations(d, data) == expected));
  }
  // They do something at all.
  std::erase_if(d.stimuli, [](const stimulus_description& s) { return s.target.population == "third.value"; });
  CHECK((after_presentations(d, data) != expected));
}

TEST_CASE(
    "engine: impositions take effect from below to above, and in the order of names where they wait for each other",
    "[engine]") {
  const auto imposing = [](const std::vector<std::pair<std::string, std::string>>& links, const std::string& first,
                           const std::string& second) {
    const auto neurons = [](const std::string& name) {
      return "[[population]]\nname = '" + name +
             "'\nmodel = 'point-value'\nsize = 1\nparams = { activation = "
             "'identity' }\n";
    };
    const auto link = [](const std::string& from, const std::string& to) {
      return "[[projection]]\nname = '" + from + to + "'\nfrom = '" + from + ".x'\nto = '" + to +
             ".feedback'\nsynapse = 'fixed'\nweights = { values = [[2.0]] }\n";
    };
    const auto imposed = [](const std::string& name) {
      return "[[stimulus]]\npopulation = '" + name + "'\nrole = 'imposed'\nsource = '" + name + ".feedback'\n";
    };
    std::string text = "[circuit]\n" + neurons("in") + neurons("a") + neurons("b");
    for (const auto& [from, to] : links) text += link(from, to);
    return netlist_of(text + "[[stimulus]]\npopulation = 'in'\nrole = 'input'\n" + imposed(first) + imposed(second));
  };
  const data_set data = drawn_data(1, 1, 1, 3);
  const auto values = [&](const description& d) {
    rig r(d, data);
    r.world.teach(std::vector<std::uint32_t>{0}, {1, 0, 0});
    return std::pair(r.sim->value(r.output("a", "x"), 0, 0), r.sim->value(r.output("b", "x"), 0, 0));
  };
  const double input = data.train.input.at(0, 0);
  for (const auto& [first, second] : {std::pair("a", "b"), std::pair("b", "a")}) {
    CHECK(values(imposing({{"in", "b"}, {"b", "a"}}, first, second)) == std::pair(4 * input, 2 * input));
    // In the loop a hears nothing of b yet.
    CHECK(values(imposing({{"in", "a"}, {"a", "b"}, {"b", "a"}}, first, second)) == std::pair(2 * input, 4 * input));
  }
}

namespace {

/// Notes the first neuron of some fields in every tick.
class field_watch : public tick_observer {
 public:
  explicit field_watch(std::vector<output_id> fields) : seen(fields.size()), fields_(std::move(fields)) {}
  void on_tick(tick_t, const simulator& s) override {
    for (std::size_t k = 0; k < fields_.size(); ++k) seen[k].push_back(s.value(fields_[k], 0, 0));
  }
  void on_quiet(tick_t first, tick_t last, const simulator& s) override {
    for (tick_t t = first; t < last; ++t) on_tick(t, s);
  }
  std::vector<std::vector<double>> seen;  ///< [field][tick]

 private:
  std::vector<output_id> fields_;
};

}  // namespace

TEST_CASE("engine: stimuli that meet in one population take turns in whatever order they stand", "[engine]") {
  const auto neurons = [](const std::string& name, const std::string& model) {
    return "[[population]]\nname = '" + name + "'\nmodel = '" + model + "'\nsize = 1\n";
  };
  const auto control = [](const std::string& population, int onset, int ticks, int value) {
    return fmt::format("[[stimulus]]\npopulation = '{}'\nrole = 'control'\nonset = {}\nticks = {}\nvalue = {}\n",
                       population, onset, ticks, value);
  };
  const std::string first = control("c", 0, 2, 1), second = control("c", 2, 1, 3);  // one ends where the next begins
  const std::string teacher = "[[stimulus]]\npopulation = 'out'\nrole = 'teacher'\n", over = control("out", 0, 1, 7);
  for (const std::string& order : {first + second + teacher + over, over + teacher + second + first}) {
    INFO(order);
    rig r(netlist_of("[circuit]\n" + neurons("in", "point-value") + neurons("out", "point-value") +
                     neurons("c", "controller") +
                     "[stimuli]\npredict = 1\nteach = 3\nrest = 2\n"
                     "[[stimulus]]\npopulation = 'in'\nrole = 'input'\n" +
                     order),
          drawn_data(1, 1, 1, 3));
    field_watch watch({r.output("c", "signal"), r.output("out", "x")});
    r.sim->observe(&watch);
    r.world.teach(std::vector<std::uint32_t>{0}, {1, 3, 2});
    CHECK(watch.seen[0] == std::vector<double>{0, 1, 1, 3, 0, 0});
    CHECK(watch.seen[1].at(1) == 7);
  }
}

TEST_CASE("engine: an observer is told since when a population is held, by a clamp or for one tick", "[engine]") {
  class holding : public tick_observer {
   public:
    void on_tick(tick_t, const simulator& s) override { since.push_back(s.held_since(0)); }
    void on_quiet(tick_t first, tick_t last, const simulator& s) override {
      for (tick_t t = first; t < last; ++t) on_tick(t, s);
    }
    std::vector<std::optional<tick_t>> since;
  };
  const circuit c =
      build_circuit(netlist_of("[circuit]\n[[population]]\nname = 'a'\nmodel = 'point-value'\nsize = 1\n"));
  const auto sim = make_simulator(c);
  holding watch;
  sim->observe(&watch);
  sim->advance(1);
  sim->impose(0, {0, 0});
  sim->advance(3);
  sim->clamp(0, std::vector{1.0});
  sim->advance(5);
  sim->impose(0, {0, 0});
  sim->advance(7);
  sim->release(0);
  sim->advance(8);
  const std::optional<tick_t> nobody;
  CHECK(watch.since == std::vector<std::optional<tick_t>>{nobody, 1, nobody, 3, 3, 5, 3, nobody});
}

}  // namespace test_engine_long_forms
