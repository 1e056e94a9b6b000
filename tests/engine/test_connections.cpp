#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <optional>
#include <set>

#include "sim/circuit/connections.hpp"
#include "sim/core/errors.hpp"
#include "tests/engine/follower.hpp"

namespace test_engine_connections {

using namespace locus;
using namespace locus::testing;

namespace {

projection_description& named(description& d, const std::string& name) {
  for (projection_description& p : d.projections) {
    if (p.name == name) return p;
  }
  throw std::logic_error("no such projection");
}

/// Which (post, pre) a projection connects.
std::set<std::pair<std::size_t, std::size_t>> connected(const circuit& c, std::size_t index) {
  const projection& p = c.projections[index];
  std::set<std::pair<std::size_t, std::size_t>> all;
  p.connections.each([&](std::size_t pre, std::size_t post) { all.insert({post, pre}); });
  return all;
}

/// Keeps the weights of the sparse projection `index` alone: the dense twin's others are set to 0.
void mask(const rig& sparse, rig& dense, std::size_t index) {
  const auto keep = connected(sparse.net, index);
  const std::size_t columns = dense.net.size_before(dense.net.projections[index]);
  std::vector<double> weights = dense.sim->weights(index);
  for (std::size_t n = 0; n < weights.size(); ++n) {
    if (!keep.contains({n / columns, n % columns})) weights[n] = 0;
  }
  dense.sim->set_weights(index, weights);
}

/// The weights of a sparse projection as its dense twin has them.
std::vector<double> as_dense(const rig& sparse, std::size_t index) {
  const projection& p = sparse.net.projections[index];
  const std::vector<double> weights = sparse.sim->weights(index);
  std::vector<double> all(std::size_t{sparse.net.size_after(p)} * sparse.net.size_before(p));
  each_connection(sparse.net, p, [&](std::size_t pre, std::size_t post, std::size_t k) {
    all[post * sparse.net.size_before(p) + pre] = weights[k];
  });
  return all;
}

short_form three_layers(unsigned lanes, const std::string& precision) {
  short_form form;
  form.layers = {9, 19, 5};
  form.lanes = lanes;
  form.precision = precision;
  form.bias = true;
  form.alpha = 0.1;
  return form;
}

}  // namespace

TEST_CASE("connections: a forward delay of d ticks follows the reference", "[engine]") {
  for (const std::size_t delay : {1U, 2U, 5U}) {
    for (const char* neuron : {"two-compartment", "segregated", "point"}) {
      for (const char* feedback : {"burst", "continuous"}) {
        short_form form;
        form.layers = {6, 18, 7, 3};
        form.neuron = neuron;
        form.feedback = feedback;
        form.lanes = 3;
        form.bias = true;
        if (std::string(feedback) == "continuous") {  // it settles slowly and never to the bit
          form.gamma = 0.25;
          form.tolerance = 0.05;
        }
        INFO(form.text() << "delay = " << delay);
        description d = form.read();
        for (const char* name : {"hidden1.forward", "hidden2.forward", "output.forward"}) {
          named(d, name).delay = static_cast<std::uint32_t>(delay);
        }
        dense::settings s = settings_of(form);
        s.delay = delay;
        rig r(d, drawn_data(6, 3, 20, 3));
        follower<double> beside(r, form, s);
        for (std::uint64_t n = 0; n < 8; ++n) {
          beside.teach(draw_presentation(3, n, 20, 3, {1, 1, 0}, {30, 12, 20}));
        }
        CHECK(beside.difference == "");
        CHECK(r.sim->counters().weight_changes > 10);
      }
    }
  }
}

TEST_CASE("connections: sparse projections equal dense ones with zeros, and learn the same", "[engine]") {
  const std::vector<connectivity> forms{fixed_indegree{4, 2}, connection_probability{0.3, 2}, fixed_indegree{9, 1},
                                        listed_pairs{{{18, 0}, {0, 8}, {3, 3}, {3, 2}, {17, 8}}}};
  for (const char* precision : {"f32", "f64"}) {
    for (const unsigned lanes : {1U, 3U}) {
      for (const connectivity& connect : forms) {
        const short_form form = three_layers(lanes, precision);
        description d = form.read();
        const data_set data = drawn_data(9, 5, 20, 3);
        rig dense(d, data);
        named(d, "hidden1.forward").connect = connect;
        rig sparse(d, data);
        const std::size_t index = sparse.projection("hidden1.forward");
        REQUIRE(sparse.net.projections[index].shape == projection_shape::sparse);
        if (const auto* given = std::get_if<fixed_indegree>(&connect)) {
          CHECK(connected(sparse.net, index).size() == 19U * given->degree);
        }
        dense.sim->set_weights(index, as_dense(sparse, index));
        for (std::uint64_t n = 0; n < 12; ++n) {
          const presentation p = draw_presentation(1, n, 20, lanes, {3, 2, 0}, {8, 4, 4});
          // Learning would give the dense twin's absent weights a value: they are masked after every tick.
          for (const bool teacher : {false, true}) {
            std::vector<double> values;
            const number_table& from = teacher ? data.train.target : data.train.input;
            for (std::uint32_t j = 0; j < from.columns(); ++j) {
              for (const std::uint32_t sample : p.samples) values.push_back(from.at(sample, j));
            }
            const std::size_t population = *sparse.net.find_population(teacher ? "output.value" : "input.value");
            dense.sim->clamp(population, values);
            sparse.sim->clamp(population, values);
            for (int t = 0; t < 5; ++t) {
              dense.sim->advance(dense.sim->now() + 1);
              sparse.sim->advance(sparse.sim->now() + 1);
              mask(sparse, dense, index);
              REQUIRE(same_numbers(dense, sparse));
              REQUIRE(dense.sim->weights(index) == as_dense(sparse, index));
            }
          }
          dense.sim->release(*dense.net.find_population("output.value"));
          sparse.sim->release(*sparse.net.find_population("output.value"));
        }
        CHECK(dense.sim->counters().spikes > 50);
      }
    }
  }
}

TEST_CASE("connections: sparse feedback over the forward connections equals dense feedback with zeros", "[engine]") {
  const weight_source sources[] = {shared_weights{"output.forward", true}, copied_weights{"output.forward", true}};
  for (const char* precision : {"f32", "f64"}) {
    for (const weight_source& source : sources) {
      description d = three_layers(2, precision).read();
      const data_set data = drawn_data(9, 5, 20, 3);
      named(d, "hidden1.feedback").weights = source;
      if (std::holds_alternative<shared_weights>(source)) {
        projection_description& back = named(d, "hidden1.feedback");
        make_fixed(back);
      }
      rig dense(d, data);
      named(d, "output.forward").connect = fixed_indegree{7, 4};
      named(d, "hidden1.feedback").connect = copied_connections{"output.forward", true};
      rig sparse(d, data);
      const std::size_t forward = sparse.projection("output.forward");
      const std::size_t feedback = sparse.projection("hidden1.feedback");
      CHECK(sparse.net.connections(sparse.net.projections[feedback]) == 35);
      dense.sim->set_weights(forward, as_dense(sparse, forward));
      if (std::holds_alternative<copied_weights>(source)) dense.sim->set_weights(feedback, as_dense(sparse, feedback));
      for (std::uint64_t n = 0; n < 12; ++n) {
        const presentation p = draw_presentation(1, n, 20, 2, {3, 2, 0}, {8, 4, 4});
        for (rig* each : {&dense, &sparse}) each->world.teach(p.samples, p.times);
        REQUIRE(dense.net.populations.size() == sparse.net.populations.size());
        mask(sparse, dense, forward);
        if (std::holds_alternative<copied_weights>(source)) mask(sparse, dense, feedback);
        REQUIRE(dense.sim->weights(forward) == as_dense(sparse, forward));
        REQUIRE(dense.sim->weights(feedback) == as_dense(sparse, feedback));
      }
      CHECK(sparse.sim->counters().weight_changes > 40);
    }
  }
}

TEST_CASE("connections: delays that are all the same equal a delay of the projection", "[engine]") {
  for (const connectivity& connect : {connectivity{all_to_all{}}, connectivity{fixed_indegree{4, 2}}}) {
    description d = three_layers(3, "f32").read();
    const data_set data = drawn_data(9, 5, 20, 3);
    named(d, "hidden1.forward").connect = connect;
    named(d, "hidden1.forward").delay = 2;
    rig whole(d, data);
    named(d, "hidden1.forward").delay = 0;
    named(d, "hidden1.forward").delays = connection_delays{{}, 2, 2, 1};
    rig each(d, data);
    const std::size_t index = whole.projection("hidden1.forward");
    for (std::uint64_t n = 0; n < 8; ++n) {
      const presentation p = draw_presentation(1, n, 20, 3, {6, 2, 0}, {12, 4, 4});
      for (rig* one : {&whole, &each}) one->world.teach(p.samples, p.times);
      REQUIRE(same_numbers(whole, each));
      REQUIRE(whole.sim->weights(index) == each.sim->weights(index));
      CHECK(whole.sim->counters().messages == each.sim->counters().messages);
    }
    CHECK(whole.sim->counters().weight_changes > 20);
  }
}

TEST_CASE("connections: a list of delays has a number for each connection", "[engine]") {
  const std::string text =
      "[[population]]\nname = 'a'\nmodel = 'controller'\nsize = 2\n[[projection]]\nname = 'p'\nfrom = 'a.signal'\n"
      "to = 'a.trigger'\n";
  const circuit c = build_circuit(netlist_of(text + "delay = { values = [3, 1, 2, 3] }"));
  CHECK(c.projections[0].delays == std::vector<std::uint32_t>{3, 1, 2, 3});
  CHECK(delays_of(c.projections[0]) == std::vector<std::uint32_t>{1, 2, 3});
  CHECK_THROWS_WITH(build_circuit(netlist_of(text + "delay = { values = [3, 1] }")),
                    Catch::Matchers::Contains("projection \"p\" has 4 connections, but delay.values has 2 numbers"));
  CHECK_THROWS_WITH(netlist_of(text + "delay = { values = [3, 0, 1, 1] }"), Catch::Matchers::Contains(">= 1"));
  CHECK_THROWS_WITH(netlist_of(text + "delay = { uniform = [3, 1] }"),
                    Catch::Matchers::Contains("expected [low, high]"));
  CHECK_THROWS_WITH(netlist_of(text + "delay = { seed = 1 }"), Catch::Matchers::Contains("uniform"));
}

TEST_CASE("connections: weighted one-to-one synapses equal a diagonal matrix", "[engine]") {
  short_form form = three_layers(3, "f64");
  form.layers = {18, 18, 5};
  description d = form.read();
  const data_set data = drawn_data(18, 5, 20, 3);
  rig dense(d, data);
  named(d, "hidden1.forward").connect = one_to_one{};
  rig sparse(d, data);
  const std::size_t index = sparse.projection("hidden1.forward");
  CHECK(sparse.net.connections(sparse.net.projections[index]) == 18);
  dense.sim->set_weights(index, as_dense(sparse, index));
  dense.sim->set_learning(false);
  sparse.sim->set_learning(false);
  for (std::uint64_t n = 0; n < 5; ++n) {
    const presentation p = draw_presentation(1, n, 20, 3, {3, 2, 0}, {8, 4, 4});
    dense.world.teach(p.samples, p.times);
    sparse.world.teach(p.samples, p.times);
    CHECK(same_numbers(dense, sparse));
  }
}

TEST_CASE("connections: a port can hold the largest of its messages", "[engine]") {
  const std::string models =
      "[[model]]\nname = 'pool'\nkind = 'neuron'\n[model.ports]\nheard = { from = 'largest' }\n"
      "[model.state]\nx = 'the largest'\n[model.rules]\nreact = 'x <- heard'\n";
  const auto population = [](const char* name, const char* model, const char* shape) {
    return fmt::format("[[population]]\nname = '{}'\nmodel = '{}'\nshape = {}\n", name, model, shape);
  };
  // Windows, as plain links; sparse synapses beside dense ones, some targets without any, all of both signs.
  const std::string joined =
      "[[projection]]\nname = 'window'\nfrom = 'map.signal'\nto = 'small.heard'\nconnect = { window = [2, 2], stride = "
      "[2, 2], channels = 'each' }\n"
      "[[projection]]\nname = 'some'\nfrom = 'map.signal'\nto = 'row.heard'\nsynapse = 'fixed'\nconnect = { "
      "probability "
      "= 0.02 }\nweights = { init = 'uniform' }\n"
      "[[projection]]\nname = 'few'\nfrom = 'one.signal'\nto = 'two.heard'\nsynapse = 'fixed'\nweights = { init = "
      "'uniform', seed = 3 }\n"
      "[[projection]]\nname = 'more'\nfrom = 'map.signal'\nto = 'two.heard'\nsynapse = 'fixed'\nconnect = { "
      "fixed_indegree = 3 }\nweights = { init = 'uniform', seed = 4 }\ndelay = { uniform = [1, 2] }\n";
  for (const char* precision : {"f32", "f64"}) {
    const description d = netlist_of(fmt::format("[circuit]\nlanes = 3\nprecision = '{}'\n", precision) + models +
                                     population("map", "controller", "[2, 6, 6]") +
                                     population("one", "controller", "[5]") + population("small", "pool", "[2, 3, 3]") +
                                     population("row", "pool", "[40]") + population("two", "pool", "[19]") + joined);
    const circuit c = build_circuit(d);
    const auto sim = make_simulator(c);
    const auto number = [&](std::size_t n, std::size_t i, std::size_t lane, tick_t t) {  // of a source
      const auto k = static_cast<int>(n * 7 + i * 5 + lane * 3 + static_cast<std::size_t>(t) * 11);
      return (k % 23 - 15) / 8.0;
    };
    int silent = 0;
    for (tick_t t = 0; t < 6; ++t) {
      for (std::size_t n = 0; n < 2; ++n) {
        std::vector<double> values;
        for (std::size_t i = 0; i < c.populations[n].size; ++i) {
          for (std::size_t lane = 0; lane < 3; ++lane) values.push_back(number(n, i, lane, t));
        }
        sim->clamp(n, values);
      }
      sim->advance(t + 1);
      for (std::size_t target = 2; target < 5; ++target) {
        for (std::size_t i = 0; i < c.populations[target].size; ++i) {
          for (std::size_t lane = 0; lane < 3; ++lane) {
            std::optional<double> most;
            for (std::size_t p = 0; p < c.projections.size(); ++p) {
              if (c.projections[p].to.population != target) continue;
              const std::vector<double> weights =
                  c.projections[p].synapse != nullptr ? sim->weights(p) : std::vector<double>(1000, 1.0);
              each_source(c, c.projections[p], i, [&](std::size_t j, std::size_t k) {
                const tick_t sent = t - delay_of(c.projections[p], k);
                const double raw = sent < 0 ? 0 : number(c.projections[p].from.population, j, lane, sent);
                double message = weights[k] * raw;
                if (c.precision == locus::precision::f32)
                  message = static_cast<float>(weights[k]) * static_cast<float>(raw);
                most = most ? std::max(*most, message) : message;
              });
            }
            silent += most ? 0 : 1;
            REQUIRE(sim->value({target, 0}, i, lane) == most.value_or(0));
          }
        }
      }
    }
    CHECK(silent > 0);
  }
}

// Two plain links into one port are summed in netlist order, each with weight 1.
TEST_CASE("connections: plain links into one port are summed in netlist order", "[engine]") {
  const char* text = R"(
[circuit]
precision = "f32"
lanes = 2
[[population]]
name = "a"
model = "controller"
size = 18
[[population]]
name = "b"
model = "controller"
size = 18
[[population]]
name = "sum"
model = "error"
size = 18
[[population]]
name = "all"
model = "error"
size = 2
[[projection]]
name = "a->sum"
from = "a.signal"
to = "sum.prediction"
connect = "one-to-one"
[[projection]]
name = "b->sum"
from = "b.signal"
to = "sum.prediction"
connect = "one-to-one"
[[projection]]
name = "a again->sum"
from = "a.signal"
to = "sum.prediction"
connect = "one-to-one"
[[projection]]
name = "a->all"
from = "a.signal"
to = "all.prediction"
connect = "all-to-all"
)";
  std::string named_text = text;
  const std::size_t space = named_text.find("a again");
  named_text.replace(space, 7, "a_again");
  const circuit c = build_circuit(netlist_of(named_text));
  const auto s = make_simulator(c);
  std::vector<double> a, b;
  for (int i = 0; i < 36; ++i) {
    a.push_back(1.0 / (i + 1));
    b.push_back(i % 2 == 0 ? 1e6 : -1.0 / (i + 1));
  }
  s->clamp(0, a);
  s->clamp(1, b);
  s->advance(2);
  for (std::size_t i = 0; i < 18; ++i) {
    for (std::size_t lane = 0; lane < 2; ++lane) {
      const auto x = static_cast<float>(a[i * 2 + lane]);
      const auto y = static_cast<float>(b[i * 2 + lane]);
      CHECK(s->value({2, 0}, i, lane) == (x + y) + x);
    }
  }
  for (std::size_t lane = 0; lane < 2; ++lane) {
    float sum = 0;
    for (std::size_t i = 0; i < 18; ++i) sum += static_cast<float>(a[i * 2 + lane]);
    CHECK(s->value({3, 0}, 1, lane) == sum);
  }
  // In the first tick all of 18 neurons send in both lanes over each link; nothing changes later.
  CHECK(s->counters().links == 3 * 36 + 2 * 36);
  CHECK(s->counters().messages == 0);
}

TEST_CASE("connections: a registered output reaches a registered population one tick later", "[engine]") {
  std::string text = "[circuit]\n";
  for (int n = 0; n < 5; ++n) {
    text += fmt::format("[[population]]\nname = \"c{}\"\nmodel = \"controller\"\nsize = 1\n", n);
  }
  // Against the order of the populations as well as along it.
  for (const auto& [from, to] : {std::pair{0, 1}, {1, 4}, {4, 2}, {2, 3}, {3, 0}}) {
    text += fmt::format(
        "[[projection]]\nname = \"p{0}\"\nfrom = \"c{0}.signal\"\nto = \"c{1}.trigger\"\nconnect = "
        "\"one-to-one\"\n",
        from, to);
  }
  const circuit c = build_circuit(netlist_of(text));
  const auto s = make_simulator(c);
  s->clamp(0, std::vector{1.0});
  s->advance(1);
  s->release(0);
  const std::vector<std::size_t> ring{0, 1, 4, 2, 3};
  for (std::size_t t = 0; t < 23; ++t) {
    for (std::size_t n = 0; n < 5; ++n) {
      INFO("tick " << t << ", controller " << ring[n]);
      CHECK(s->value({ring[n], 0}, 0, 0) == (t % 5 == n ? 1.0 : 0.0));
    }
    s->advance(s->now() + 1);
  }
  CHECK(s->counters().ticks == 24);
}

TEST_CASE("connections: tied feedback equals learned copies of the forward weights", "[engine]") {
  for (const char* rule : {"fa-z-il", "z-il", "bp"}) {
    for (const unsigned lanes : {1U, 4U}) {
      short_form form = three_layers(lanes, "f64");
      form.layers = {9, 19, 6, 5};
      form.rule = rule;
      form.predict = "6";
      form.rest = "3";
      form.feedback_weights = "tied";
      const data_set data = drawn_data(9, 5, 20, 3);
      rig tied(form.read(), data);
      form.feedback_weights = "learned";
      rig copies(form.read(), data);
      for (std::uint64_t n = 0; n < 20; ++n) {
        const presentation p = draw_presentation(1, n, 20, lanes, {6, 4, 1}, {9, 6, 4});
        tied.world.teach(p.samples, p.times);
        copies.world.teach(p.samples, p.times);
        REQUIRE(same_state(*tied.sim, *copies.sim));
      }
      CHECK(tied.sim->counters().messages == copies.sim->counters().messages);
    }
  }
}

TEST_CASE("connections: fixed random feedback stays as it was and differs from the forward weights", "[engine]") {
  short_form form = three_layers(2, "f64");
  form.feedback_weights = "fixed-random";
  rig r(form.read(), drawn_data(9, 5, 20, 3));
  const std::size_t feedback = r.projection("hidden1.feedback"), forward = r.projection("output.forward");
  const std::vector<double> before = r.sim->weights(feedback), forward_before = r.sim->weights(forward);
  for (std::uint64_t n = 0; n < 10; ++n) {
    const presentation p = draw_presentation(1, n, 20, 2, {6, 4, 1}, {9, 6, 4});
    r.world.teach(p.samples, p.times);
  }
  CHECK(r.sim->weights(feedback) == before);
  CHECK(r.sim->weights(forward) != forward_before);
  CHECK(before[1] != forward_before[19]);
}

// One update of a matrix by hand, with the modulator at either end, everywhere, and without one.
TEST_CASE("connections: gates at pre, at post and everywhere select the synapses that learn", "[engine]") {
  for (const std::string where : {"pre", "post", "everywhere", "none"}) {
    for (const bool sparse : {false, true}) {
      for (const bool track : {true, false}) {
        const std::size_t before = 5, after = 19, lanes = 3;
        const std::size_t gates = where == "pre" ? before : where == "post" ? after : 1;
        std::string text = "[circuit]\nlanes = 3\n";
        for (const auto& [name, size] :
             {std::pair<std::string, std::size_t>{"source", before}, {"target", after}, {"gate", gates}}) {
          text += fmt::format("[[population]]\nname = \"{}\"\nmodel = \"controller\"\nsize = {}\n", name, size);
        }
        text += fmt::format(
            "[[projection]]\nname = \"p\"\nfrom = \"source.signal\"\nto = \"target.trigger\"\nsynapse = "
            "\"gated-hebbian\"\nconnect = {}\npost = \"target.signal\"\nparams = {{ alpha = 0.5 }}\n",
            sparse ? "{ fixed_indegree = 3 }" : "\"all-to-all\"");
        if (where != "none") text += fmt::format("gate = \"gate.signal\"\ngate_at = \"{}\"\n", where);
        const circuit c = build_circuit(netlist_of(text));
        const auto s = make_simulator(c, {.track_activity = track, .target = {}});
        const auto value = [](std::size_t i, std::size_t lane) { return std::sin(static_cast<double>(7 * i + lane)); };
        const auto gate = [](std::size_t i, std::size_t lane) { return (i + lane) % 3 == 0 ? 1.0 : 0.0; };
        const auto clamp = [&](std::size_t population, std::size_t size, auto f) {
          std::vector<double> v;
          for (std::size_t i = 0; i < size; ++i) {
            for (std::size_t lane = 0; lane < lanes; ++lane) v.push_back(f(i, lane));
          }
          s->clamp(population, v);
        };
        clamp(0, before, [&](std::size_t i, std::size_t lane) { return i == 2 ? 0.0 : value(i, lane); });
        clamp(1, after, [&](std::size_t i, std::size_t lane) { return value(i + 50, lane); });
        clamp(2, gates, gate);
        const std::vector<double> old = s->weights(0);
        s->advance(1);
        const std::vector<double> found = s->weights(0);
        std::size_t n = 0;
        const auto expect = [&](std::size_t post, std::size_t pre) {
          double sum = 0;
          for (std::size_t lane = 0; lane < lanes; ++lane) {
            const double g = where == "none" ? 1 : gate(where == "pre" ? pre : where == "post" ? post : 0, lane);
            sum = std::fma(g * value(post + 50, lane), pre == 2 ? 0.0 : value(pre, lane), sum);
          }
          CHECK(found[n] == std::fma(0.5, sum, old[n]));
          ++n;
        };
        for (std::size_t post = 0; post < after; ++post) {
          for (std::size_t pre = 0; pre < before; ++pre) {
            if (!sparse) expect(post, pre);
          }
        }
        if (sparse) {
          for (const auto& [post, pre] : connected(c, 0)) expect(post, pre);
        }
        CHECK(n == old.size());
      }
    }
  }
}

TEST_CASE("connections: weights that are set from outside reach those who share them", "[engine]") {
  short_form form = three_layers(1, "f64");
  form.feedback_weights = "tied";
  rig r(form.read(), drawn_data(9, 5, 20, 3));
  const std::size_t forward = r.projection("output.forward"), feedback = r.projection("hidden1.feedback");
  std::vector<double> weights = r.sim->weights(forward);
  for (double& w : weights) w *= 2;
  r.sim->set_weights(forward, weights);
  const std::vector<double> shared = r.sim->weights(feedback);
  for (std::size_t post = 0; post < 5; ++post) {
    for (std::size_t pre = 0; pre < 19; ++pre) CHECK(shared[pre * 5 + post] == weights[post * 19 + pre]);
  }
}

TEST_CASE("connections: a settled synapse learns again when its weight is set from outside", "[engine]") {
  const char* text = R"(
[circuit]
[[population]]
name = "source"
model = "controller"
size = 1
[[population]]
name = "target"
model = "controller"
size = 1
[[projection]]
name = "p"
from = "source.signal"
to = "target.trigger"
synapse = "gated-hebbian"
post = "target.signal"
weights = { values = [[1e300]] }
params = { alpha = 0.5 }
)";
  const circuit c = build_circuit(netlist_of(text));
  const auto s = make_simulator(c);
  s->clamp(0, std::vector{1.0});
  s->clamp(1, std::vector{1.0});
  s->advance(5);
  CHECK(s->weights(0).front() == 1e300);  // 0.5 is lost in it
  s->set_weights(0, std::vector{1.0});
  s->advance(6);
  CHECK(s->weights(0).front() == 1.5);
}

}  // namespace test_engine_connections
