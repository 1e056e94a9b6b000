/// Synapses whose rule does not read one of their ends: no output of it is named, and the rule is what it says.

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <cmath>
#include <functional>

#include "sim/core/random.hpp"
#include "sim/engine/models.hpp"
#include "sim/netlist/netlist.hpp"
#include "tests/circuits/circuits_testing.hpp"

namespace test_circuits_unread_ends {

using namespace locus;
using namespace locus::testing;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

/// "p" from "pre" to "post", whose neurons send what the test says, with 3 lanes.
std::string text_of(const std::string& rule, const std::string& keys, const std::string& connect,
                    const std::string& more = "") {
  std::string text = "[circuit]\nlanes = 3\n[[model]]\nname = 'mine'\nkind = 'synapse'\n" + more +
                     "[model.rules]\nlearn = '''\n" + rule + "\n'''\n";
  for (const auto& [name, size] : {std::pair("pre", 7), {"post", 19}, {"gate", 19}})
    text += fmt::format("[[population]]\nname = '{}'\nmodel = 'controller'\nsize = {}\n", name, size);
  return text + "[[projection]]\nname = 'p'\nfrom = 'pre.signal'\nto = 'post.trigger'\nsynapse = 'mine'\n" +
         "weights = { init = 'uniform', seed = 3 }\nconnect = " + connect + "\n" + keys;
}

std::string message_of(const std::string& text) {
  try {
    (void)build_circuit(netlist_of(text));
  } catch (const usage_error& e) {
    return e.what();
  }
  return "";
}

/// What arrives of one lane in a tick.
struct seen {
  double pre = 0, post = 0, gate = 0;
};
using plain_rule = std::function<double(double theta, const std::vector<seen>& lanes)>;

template <class F>
double sum_over(const std::vector<seen>& lanes, F&& f) {
  double sum = 0;
  for (const seen& each : lanes) sum = f(each, sum);
  return sum;
}

/// Whether the synapses do what the plain rule says, bit for bit, on every instruction set.
void check_rule(const std::string& rule, const std::string& keys, const plain_rule& plain) {
  for (const char* connect : {"'all-to-all'", "{ fixed_indegree = 3, seed = 5 }"}) {
    const circuit c = build_circuit(netlist_of(text_of(rule, keys, connect)));
    const projection& p = c.projections[0];
    std::vector<double> expected = initial_weights(c, 0);
    std::vector<std::pair<std::size_t, std::size_t>> joins;
    if (p.shape == projection_shape::sparse) {
      p.connections.each([&](std::uint32_t from, std::uint32_t to) { joins.emplace_back(to, from); });
    } else {
      for (std::size_t i = 0; i < 19; ++i) {
        for (std::size_t j = 0; j < 7; ++j) joins.emplace_back(i, j);
      }
    }
    // A number of eighths, or 0, for each neuron and lane of a population in a tick.
    const random_stream random(3, "test", "sent");
    const auto sent = [&](std::size_t t, std::size_t population) {
      std::vector<double> all(c.populations[population].size * 3);
      if (population == 2 && t % 3 != 0) return all;
      for (std::size_t i = 0; i < all.size(); ++i)
        all[i] = (static_cast<double>(random.below(17, 10 * t + population, i)) - 8) / 8;
      return all;
    };
    constexpr std::size_t ticks = 12;
    for (std::size_t t = 0; t < ticks; ++t) {
      const std::vector<double> pre = sent(t, 0), post = sent(t, 1), gate = sent(t, 2);
      for (std::size_t n = 0; n < joins.size(); ++n) {
        const auto [i, j] = joins[n];
        std::vector<seen> lanes;
        for (std::size_t lane = 0; lane < 3; ++lane)
          lanes.push_back({pre[3 * j + lane], post[3 * i + lane], gate[3 * i + lane]});
        expected[n] = plain(expected[n], lanes) + 0.0;
      }
    }
    for (const simd_target target : available_targets()) {
      for (const bool track : {true, false}) {
        INFO(rule << ", " << connect << ", target " << name_of(target) << (track ? "" : ", without tracking"));
        const auto s =
            make_simulator(c, {.track_activity = track, .target = target, .first_tick = 0, .threads = 1, .stop = {}});
        for (std::size_t t = 0; t < ticks; ++t) {
          for (std::size_t population = 0; population < 3; ++population) s->clamp(population, sent(t, population));
          s->advance(s->now() + 1);
        }
        CHECK(s->weights(0) == expected);
      }
    }
  }
}

const std::string with_post = "post = 'post.signal'\n", with_gate = "gate = 'gate.signal'\n";

}  // namespace

TEST_CASE("unread ends: a rule of pre alone, of post alone, of the gate alone, of nothing", "[circuits]") {
  check_rule("theta <- theta + 0.25 * sum(pre)", "", [](double theta, const std::vector<seen>& lanes) {
    return theta + 0.25 * sum_over(lanes, [](const seen& s, double sum) { return sum + s.pre; });
  });
  check_rule("theta <- theta + 0.25 * sum(post * post)", with_post, [](double theta, const std::vector<seen>& lanes) {
    return theta + 0.25 * sum_over(lanes, [](const seen& s, double sum) { return std::fma(s.post, s.post, sum); });
  });
  check_rule("theta <- theta + 0.25 * sum(gate)", with_gate, [](double theta, const std::vector<seen>& lanes) {
    return theta + 0.25 * sum_over(lanes, [](const seen& s, double sum) { return sum + s.gate; });
  });
  check_rule("theta <- theta + 0.25 * sum(gate * pre)", with_gate, [](double theta, const std::vector<seen>& lanes) {
    return theta + 0.25 * sum_over(lanes, [](const seen& s, double sum) { return std::fma(s.gate, s.pre, sum); });
  });
  check_rule("theta <- theta + 0.25 * sum(post * gate)", with_post + with_gate,
             [](double theta, const std::vector<seen>& lanes) {
               return theta +
                      0.25 * sum_over(lanes, [](const seen& s, double sum) { return std::fma(s.post, s.gate, sum); });
             });
  check_rule("theta <- 0.75 * theta", "", [](double theta, const std::vector<seen>&) { return 0.75 * theta; });
}

TEST_CASE("unread ends: what a rule reads must be named, what it does not read must not", "[circuits]") {
  const std::string all = "'all-to-all'";
  CHECK_THAT(message_of(text_of("theta <- theta + sum(pre)", with_post, all)),
             StartsWith("test.toml:") &&
                 Contains("projection \"p\": the rule of its synapses (\"mine\") does not read post, so that `post` "
                          "would do nothing; take it out, or use another model"));
  CHECK_THAT(message_of(text_of("theta <- theta + sum(pre)", "post = { v = 'post.signal' }\n", all)),
             Contains("does not read post"));
  // The same, although it says what would be the default.
  CHECK_THAT(message_of(text_of("theta <- theta + sum(post)", with_post + "pre = 'pre.signal'\n", all)),
             Contains("does not read pre, so that `pre` would do nothing"));
  CHECK_THAT(message_of(text_of("theta <- 0.5 * theta", with_gate, all)), Contains("have no modulator"));
  CHECK_THAT(message_of(text_of("theta <- theta + sum(pre * post)", "", all)),
             Contains("projection \"p\" learns (\"mine\") and needs `post`"));
  CHECK_THAT(message_of(text_of("theta <- theta + sum(pre * post.v)", "", all, "[model.sees]\npost = ['v']\n")),
             Contains("needs `post`"));
  // The other end by names, this one not at all.
  const std::string named = "[model.sees]\npost = ['v']\n";
  CHECK(message_of(text_of("theta <- theta + sum(post.v)", "post = { v = 'post.signal' }\n", all, named)).empty());
}

TEST_CASE("unread ends: a netlist is written and read again as it was", "[circuits]") {
  const description d = netlist_of(text_of("theta <- theta + sum(post)", with_post, "'all-to-all'"));
  const std::string text = long_form(d);
  CHECK(text.find("\npre = ") == std::string::npos);
  CHECK(long_form(netlist_of(text)) == text);
  CHECK(message_of(text).empty());
}

}  // namespace test_circuits_unread_ends
