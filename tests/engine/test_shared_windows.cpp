#include <fmt/format.h>
#include <fmt/ranges.h>
#include <catch2/catch.hpp>

#include <cmath>

#include "sim/circuit/connections.hpp"
#include "sim/core/archive.hpp"
#include "sim/core/errors.hpp"
#include "sim/core/random.hpp"
#include "tests/engine/engine_testing.hpp"

namespace test_engine_shared_windows {

using namespace locus;
using namespace locus::testing;

namespace {

/// Grids and a window between them.
struct geometry {
  std::vector<std::uint32_t> before, after, window, stride, dilation;
  const char* padding = "valid";
};

/// Targets' places along an axis.
std::uint32_t places(std::uint32_t n, std::uint32_t window, std::uint32_t stride, std::uint32_t dilation, bool same) {
  return same ? (n + stride - 1) / stride : (n - dilation * (window - 1) - 1) / stride + 1;
}

/// With channels or without, of one to three axes.
geometry random_geometry(std::uint64_t which) {
  const random_stream random(which, "tests", "windows");
  std::uint64_t draw = 0;
  const auto from = [&](std::uint32_t low, std::uint32_t high) {
    return low + static_cast<std::uint32_t>(random.below(high - low + 1, draw++));
  };
  geometry g;
  g.padding = from(0, 1) == 0 ? "valid" : "same";
  const bool same = g.padding == std::string("same");
  const std::uint32_t axes = from(1, 3);
  const std::uint32_t channels = from(0, 2);
  if (channels > 0) g.before.push_back(from(1, 3)), g.after.push_back(channels == 1 ? from(2, 5) : from(16, 19));
  for (std::uint32_t a = 0; a < axes; ++a) {
    g.window.push_back(from(1, 3));
    g.stride.push_back(from(1, 3));
    g.dilation.push_back(from(1, 2));
    const std::uint32_t reach = g.dilation[a] * (g.window[a] - 1) + 1;
    const std::uint32_t n = reach + from(1, axes == 3 ? 2 : 5);
    g.before.push_back(n);
    g.after.push_back(places(n, g.window[a], g.stride[a], g.dilation[a], same));
  }
  return g;
}

/// Sources that a stimulus sets, targets that hear them over a window, and a third population that hears those over the
/// same connections turned round.
std::string netlist_text(const geometry& g, const std::string& precision, unsigned lanes, bool shared,
                         const std::string& synapse) {
  const auto list = [](const std::vector<std::uint32_t>& all) { return fmt::format("[{}]", fmt::join(all, ", ")); };
  std::string text = fmt::format("[circuit]\nprecision = '{}'\nlanes = {}\n", precision, lanes);
  for (const char* name : {"below", "above", "back"}) {
    text += fmt::format(
        "[[population]]\nname = '{}'\nmodel = 'point-value'\nshape = {}\nparams = {{ activation = '{}' }}\n", name,
        list(name == std::string("above") ? g.after : g.before), name == std::string("below") ? "identity" : "tanh");
  }
  text += fmt::format(
      "[[projection]]\nname = 'up'\nfrom = 'below.rate'\nto = 'above.feedback'\nconnect = {{ window = {}, stride = {}, "
      "dilation = {}, padding = '{}' }}\n{}\nweights = {{ {}init = 'uniform', seed = 3 }}\n",
      list(g.window), list(g.stride), list(g.dilation), g.padding, synapse, shared ? "shared = 'window', " : "");
  text += "[[projection]]\nname = 'plain'\nfrom = 'back.rate'\nto = 'below.feedback'\nconnect = 'one-to-one'\n";
  text += fmt::format(
      "[[projection]]\nname = 'down'\nfrom = 'above.rate'\nto = 'back.feedback'\nconnect = {{ transposed "
      "= 'up' }}\nsynapse = 'fixed'\nweights = {{ shared = 'up', transposed = true }}\n");
  text += "[[stimulus]]\npopulation = 'below'\nrole = 'input'\n[stimuli]\npredict = 4\nteach = 0\n";
  return text;
}

constexpr const char* learning = "synapse = 'gated-hebbian'\npost = 'above.rate'\nparams = { alpha = 0.0625 }";

std::uint32_t product(const std::vector<std::uint32_t>& all) {
  std::uint32_t n = 1;
  for (const std::uint32_t each : all) n *= each;
  return n;
}

/// A kernel's weights as those of all connections.
std::vector<double> weights_of_connections(const rig& r, std::size_t index) {
  const std::vector<double> kernel = r.sim->weights(index);
  std::vector<double> all;
  each_connection(r.net, r.net.projections[index],
                  [&](std::size_t, std::size_t, std::size_t k) { all.push_back(kernel[k]); });
  return all;
}

std::string told(const geometry& g) {
  return fmt::format("{} -> {}, window {}, stride {}, dilation {}, {}", g.before, g.after, g.window, g.stride,
                     g.dilation, g.padding);
}

}  // namespace

TEST_CASE("shared windows: messages are those of windows with weights of their own, by ==", "[engine]") {
  for (std::uint64_t which = 0; which < 60; ++which) {
    const geometry g = random_geometry(which);
    const unsigned lanes = which % 3 == 0 ? 1 : which % 3 == 1 ? 3 : 11;
    const std::string precision = which % 2 == 0 ? "f64" : "f32";
    INFO(which << ": " << told(g));
    const data_set data = drawn_data(product(g.before), 1, 12, which);
    rig shared(netlist_of(netlist_text(g, precision, lanes, true, "synapse = 'fixed'")), data);
    rig own(netlist_of(netlist_text(g, precision, lanes, false, "synapse = 'fixed'")), data);
    const std::size_t up = shared.projection("up");
    REQUIRE(shared.net.projections[up].shape == projection_shape::shared_window);
    REQUIRE(own.net.projections[up].shape == projection_shape::sparse);
    CHECK(shared.net.connections(shared.net.projections[up]) == own.net.connections(own.net.projections[up]));
    own.sim->set_weights(up, weights_of_connections(shared, up));
    for (std::uint64_t n = 0; n < 3; ++n) {
      const presentation p = draw_presentation(which, n, 12, lanes, {4, 0, 0}, {6, 0, 0});
      shared.world.teach(p.samples, p.times);
      own.world.teach(p.samples, p.times);
      if (n == 1) {  // other weights: all who use them send anew
        std::vector<double> other = shared.sim->weights(up);
        for (std::size_t k = 0; k < other.size(); k += 2) other[k] = -other[k];
        shared.sim->set_weights(up, other);
        own.sim->set_weights(up, weights_of_connections(shared, up));
      }
      REQUIRE(same_numbers(shared, own));
      CHECK(shared.sim->counters() == own.sim->counters());
    }
  }
}

TEST_CASE("shared windows: a weight learns from all places, then all lanes, in this order", "[engine]") {
  unsigned learnt = 0;
  for (std::uint64_t which = 0; which < 40; ++which) {
    const geometry g = random_geometry(which);
    const unsigned lanes = which % 2 == 0 ? 1 : 4;
    INFO(which << ": " << told(g));
    const data_set data = drawn_data(product(g.before), 1, 12, which);
    simulator_options with_threads, without_tracking;
    with_threads.threads = 3;
    without_tracking.track_activity = false;
    without_tracking.target = simd_target::scalar;
    rig r(netlist_of(netlist_text(g, "f64", lanes, true, learning)), data);
    rig threads(netlist_of(netlist_text(g, "f64", lanes, true, learning)), data, with_threads);
    rig untracked(netlist_of(netlist_text(g, "f64", lanes, true, learning)), data, without_tracking);
    const std::size_t up = r.projection("up"), down = r.projection("down");
    const projection& p = r.net.projections[up];
    const output_id below = r.output("below", "rate"), above = r.output("above", "rate");
    for (std::uint64_t n = 0; n < 2; ++n) {
      const presentation shown = draw_presentation(which, n, 12, lanes, {0, 0, 0}, {0, 0, 0});
      for (rig* each : {&r, &threads, &untracked}) each->world.show(data.train, shown.samples, 1);
      for (int tick = 0; tick < 5; ++tick) {
        std::vector<double> expected = r.sim->weights(up);
        for (rig* each : {&r, &threads, &untracked}) each->sim->advance(each->sim->now() + 1);
        for (std::size_t k = 0; k < expected.size(); ++k) {
          double sum = 0;
          p.window->each_use(k, [&](std::uint32_t pre, std::uint32_t post) {
            for (std::size_t lane = 0; lane < lanes; ++lane)
              sum = std::fma(r.sim->value(above, post, lane), r.sim->value(below, pre, lane), sum);
            return true;
          });
          expected[k] = std::fma(0.0625, sum, expected[k]);
        }
        REQUIRE(r.sim->weights(up) == expected);
        learnt += expected.empty() ? 0 : 1;
      }
      REQUIRE(same_numbers(r, threads));
      REQUIRE(same_numbers(r, untracked));
      CHECK(r.sim->weights(up) == threads.sim->weights(up));
      CHECK(r.sim->weights(up) == untracked.sim->weights(up));
      CHECK(r.sim->counters().messages == untracked.sim->counters().messages);
      // What comes down is weighed with the same numbers.
      const std::vector<double> owner = r.sim->weights(up), turned = r.sim->weights(down);
      for (std::size_t k = 0; k < turned.size(); ++k)
        CHECK(turned[k] == owner[r.net.projections[down].window->in_owner(k)]);
    }
  }
  CHECK(learnt > 100);
}

namespace {

/// A rule with sums of every kind: of both ends, of one, and of what is done for each lane. It is interpreted.
constexpr const char* own_rule = R"([[model]]
name  = "own"
kind  = "synapse"
title = "a rule with sums of every kind"
[model.parameters]
eta = { default = 0.0625, meaning = "rate" }
[model.state]
theta = "weight"
slow  = { initial = "theta", meaning = "what the weight follows" }
[model.rules]
learn = """
both  = sum(post * pre)
above = sum(post * post)
below = sum(pre)
lane  = sum(gate * abs(pre - post))
slow  <- fma(eta, both + below, slow)
theta <- fma(eta, lane, theta) - eta * above * slow
"""
)";

/// What a test sees of both ends of a synapse and of its modulator, in one lane.
struct seen {
  double pre, post, gate;
};

/// One weight of a rule: new numbers from the old ones, given what all places and lanes bring, in their order.
using rule_of_test = void (*)(std::vector<double>& numbers, const std::vector<seen>& all);

void gated(std::vector<double>& numbers, const std::vector<seen>& all, bool at_post) {
  double sum = 0;
  for (const seen& s : all)
    sum = at_post ? std::fma(s.gate * s.post, s.pre, sum) : std::fma(s.post, s.gate * s.pre, sum);
  numbers[0] = std::fma(0.0625, sum, numbers[0]);
}

void own(std::vector<double>& numbers, const std::vector<seen>& all) {
  double both = 0, above = 0, below = 0, lane = 0;
  for (const seen& s : all) {
    both = std::fma(s.post, s.pre, both);
    above = std::fma(s.post, s.post, above);
    below = below + s.pre;
    lane = std::fma(s.gate, std::abs(s.pre - s.post), lane);
  }
  const double slow = numbers[1];
  numbers[1] = std::fma(0.0625, both + below, slow);
  numbers[0] = std::fma(0.0625, lane, numbers[0]) - 0.0625 * above * slow;
}

}  // namespace

TEST_CASE("shared windows: rules with several sums, and modulators at either end, learn some places after the other",
          "[engine]") {
  struct variant {
    const char *synapse, *gate_at, *gate;
    rule_of_test rule;
  };
  const variant variants[] = {
      {"gated-hebbian", "post", "above.rate", [](auto& n, const auto& all) { gated(n, all, true); }},
      {"gated-hebbian", "pre", "below.rate", [](auto& n, const auto& all) { gated(n, all, false); }},
      {"gated-hebbian", "everywhere", "one.rate", [](auto& n, const auto& all) { gated(n, all, true); }},
      {"own", "post", "above.rate", own},
      {"own", "pre", "below.rate", own},
      {"own", "everywhere", "one.rate", own},
  };
  // More places in all lanes than are turned at once; channels of one panel, of two, and fewer than a vector holds.
  const geometry geometries[] = {{{2, 20, 21}, {5, 18, 19}, {3, 3}, {1, 1}, {1, 1}},
                                 {{1, 19, 40}, {18, 9, 19}, {3, 3}, {2, 2}, {1, 1}},
                                 {{3, 300}, {10, 296}, {5}, {1}, {1}}};
  for (const geometry& g : geometries) {
    for (const variant& v : variants) {
      const unsigned lanes = g.before.size() == 2 ? 5 : 3;
      INFO(v.synapse << " " << v.gate_at << " " << told(g));
      const std::string synapse =
          fmt::format("synapse = '{}'\npost = 'above.rate'\ngate = '{}'\ngate_at = '{}'\n{}", v.synapse, v.gate,
                      v.gate_at, v.rule == own ? "" : "params = { alpha = 0.0625 }");
      std::string text = own_rule + netlist_text(g, "f64", lanes, true, synapse);
      text.insert(text.find("[[projection]]"),
                  "[[population]]\nname = 'one'\nmodel = 'constant'\nsize = 1\nparams = { value = 0.75 }\n");
      const data_set data = drawn_data(product(g.before), 1, 12, 1);
      simulator_options with_threads, without_tracking;
      with_threads.threads = 2;
      without_tracking.track_activity = false;
      without_tracking.target = simd_target::scalar;
      rig r(netlist_of(text), data);
      rig threads(netlist_of(text), data, with_threads);
      rig untracked(netlist_of(text), data, without_tracking);
      const std::size_t up = r.projection("up");
      const output_id below = r.output("below", "rate"), above = r.output("above", "rate");
      const projection& p = r.net.projections[up];
      const std::size_t fields = p.synapse->state.size();
      for (rig* each : {&r, &threads, &untracked})
        each->world.show(data.train, draw_presentation(1, 0, 12, lanes, {0, 0, 0}, {0, 0, 0}).samples, 1);
      for (int tick = 0; tick < 4; ++tick) {
        std::vector<std::vector<double>> numbers(fields);
        for (std::size_t f = 0; f < fields; ++f) numbers[f] = f == 0 ? r.sim->weights(up) : r.sim->synapse_field(up, f);
        for (rig* each : {&r, &threads, &untracked}) each->sim->advance(each->sim->now() + 1);
        for (std::size_t k = 0; k < numbers[0].size(); ++k) {
          std::vector<seen> all;
          p.window->each_use(k, [&](std::uint32_t pre, std::uint32_t post) {
            for (std::size_t lane = 0; lane < lanes; ++lane) {
              const double gate = p.gate_at == gate_end::everywhere ? 0.75
                                  : p.gate_at == gate_end::pre      ? r.sim->value(below, pre, lane)
                                                                    : r.sim->value(above, post, lane);
              all.push_back({r.sim->value(below, pre, lane), r.sim->value(above, post, lane), gate});
            }
            return true;
          });
          std::vector<double> of_one;
          for (std::size_t f = 0; f < fields; ++f) of_one.push_back(numbers[f][k]);
          v.rule(of_one, all);
          for (std::size_t f = 0; f < fields; ++f) numbers[f][k] = of_one[f];
        }
        for (rig* each : {&r, &threads, &untracked}) {
          REQUIRE(each->sim->weights(up) == numbers[0]);
          for (std::size_t f = 1; f < fields; ++f) REQUIRE(each->sim->synapse_field(up, f) == numbers[f]);
        }
      }
    }
  }
}

TEST_CASE("shared windows: a loaded state is seen by whatever ran before", "[engine]") {
  const geometry g{{2, 6, 7}, {3, 6, 7}, {3, 3}, {1, 1}, {1, 1}, "same"};
  const data_set data = drawn_data(product(g.before), 1, 12, 5);
  rig saved(netlist_of(netlist_text(g, "f32", 2, true, learning)), data);
  rig loaded(netlist_of(netlist_text(g, "f32", 2, true, learning)), data);
  const auto present = [&](rig& r, std::uint64_t n) {
    const presentation p = draw_presentation(3, n, 12, 2, {4, 0, 0}, {4, 0, 0});
    r.world.teach(p.samples, p.times);
  };
  for (const std::uint64_t n : {0U, 1U}) present(saved, n);
  for (const std::uint64_t n : {2U, 3U}) present(loaded, n);  // as many ticks: equal counts of changes, other numbers
  archive_memory state;
  archive out = archive::writer(state);
  saved.sim->serialize(out);
  archive in = archive::reader(state);
  loaded.sim->serialize(in);
  for (rig* each : {&saved, &loaded}) each->sim->advance(each->sim->now() + 3);
  CHECK(same_state(*saved.sim, *loaded.sim));
}

TEST_CASE("shared windows: connections, weights and their places agree with each other", "[engine]") {
  for (std::uint64_t which = 0; which < 60; ++which) {
    const geometry g = random_geometry(which);
    INFO(which << ": " << told(g));
    const circuit c = build_circuit(netlist_of(netlist_text(g, "f64", 1, true, "synapse = 'fixed'")));
    for (const char* name : {"up", "down"}) {
      const projection& p = c.projections[c.find_projection(name).value()];
      const shared_window& w = *p.window;
      std::uint64_t all = 0, places = 0;
      std::vector<std::uint64_t> uses(c.weights(p));
      std::size_t last = 0, last_target = 0;
      each_connection(c, p, [&](std::size_t pre, std::size_t post, std::size_t k) {
        CHECK((all == 0 || post > last_target || pre > last));  // sources ascend
        last = pre, last_target = post;
        ++all, ++uses.at(k);
        CHECK(w.find(static_cast<std::uint32_t>(pre), static_cast<std::uint32_t>(post)) == k);
      });
      CHECK(all == c.connections(p));
      for (std::size_t k = 0; k < uses.size(); ++k) {
        CHECK(uses[k] == w.uses(k));
        CHECK(w.of_owner(w.in_owner(k)) == k);
        places += uses[k];
        const auto [pre, post] = ends_of(c, p, k);
        CHECK(w.find(static_cast<std::uint32_t>(pre), static_cast<std::uint32_t>(post)) == k);
      }
      CHECK(places == all);
    }
  }
}

TEST_CASE("shared windows: what cannot be is refused, with what to do", "[engine]") {
  geometry g{{2, 5, 5}, {3, 5, 5}, {3, 3}, {1, 1}, {1, 1}, "same"};
  const auto message = [&](const std::string& old, const std::string& now, const std::string& synapse) {
    std::string text = netlist_text(g, "f64", 1, true, synapse);
    const std::size_t at = text.find(old);
    REQUIRE(at != std::string::npos);
    text.replace(at, old.size(), now);
    try {
      (void)initial_weights(build_circuit(netlist_of(text)), 0);
    } catch (const usage_error& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  using Catch::Matchers::Contains;
  CHECK(message("lanes", "lanes", learning).empty());
  CHECK_THAT(message("padding = 'same'", "padding = 'same', channels = 'each'", learning), Contains("shape"));
  CHECK_THAT(message("connect = 'one-to-one'", "connect = 'one-to-one'\ndelay = 0",
                     "synapse = 'eligibility-hebbian'\npost = 'above.rate'"),
             Contains("for each lane"));
  // The sums of this rule are not 0 where the presynaptic neuron is silent.
  const std::string forgetting = "synapse = 'decaying-hebbian'\npost = 'above.rate'\ngate = 'above.rate'";
  CHECK_THAT(message("lanes", "lanes", forgetting), Contains("adds up numbers that are not 0") && Contains("valid"));
  geometry within{{2, 7, 7}, {3, 5, 5}, {3, 3}, {1, 1}, {1, 1}};
  std::swap(g, within);
  CHECK(message("lanes", "lanes", forgetting).empty());
  CHECK_THAT(message("synapse = 'fixed'\nweights = { shared = 'up', transposed = true }",
                     "synapse = 'eligibility-hebbian'\npost = 'back.rate'\nweights = { init = 'uniform' }", learning),
             Contains("for each lane"));
  std::swap(g, within);
  CHECK_THAT(message("connect = 'one-to-one'", "connect = 'one-to-one'\ndelay = 0",
                     "synapse = 'fixed'\ndelay = { uniform = [1, 3], seed = 1 }"),
             Contains("differently late"));
  CHECK_THAT(message("weights = { shared = 'window', init = 'uniform', seed = 3 }",
                     "weights = { shared = 'window', values = [[1]] }", learning),
             Contains("expected 3 x 18"));
  CHECK_THAT(message("synapse = 'fixed'\nweights = { shared = 'up', transposed = true }", "", learning),
             Contains("needs a synapse"));
}

}  // namespace test_engine_shared_windows
