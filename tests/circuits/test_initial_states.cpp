/// What the fields of synapses begin with: as their model says, as the netlist says, and after weights were set.

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <algorithm>

#include "sim/circuit/connections.hpp"
#include "sim/core/random.hpp"
#include "sim/engine/models.hpp"
#include "sim/netlist/netlist.hpp"
#include "sim/netlist/weights_file.hpp"
#include "tests/circuits/circuits_testing.hpp"
#include "tests/data/scratch_directory.hpp"

namespace test_circuits_initial_states {

using namespace locus;
using namespace locus::testing;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

/// theta 0, half 1, trace 2 (for each lane), weight 3.
const std::string begun = R"toml([[model]]
name = "begun"
kind = "synapse"
weight = "w"
[model.parameters]
start = 0.25
[model.state]
theta = "weight"
half  = { initial = "0.5 * theta" }
trace = { per_lane = true, initial = -3 }
w     = { initial = "if(half > 0, half + start, theta)" }
[model.rules]
learn = """
trace <- trace + pre
half  <- half
w     <- w
theta <- theta + 0 * sum(trace)
"""
)toml";

struct wiring {
  std::string synapse = "begun", keys, connect = "'all-to-all'", precision = "f64",
              weights = "{ init = 'uniform', seed = 3 }", more;
  unsigned lanes = 1;

  [[nodiscard]] std::string text() const {
    return begun + fmt::format("[circuit]\nlanes = {}\nprecision = '{}'\n", lanes, precision) +
           "[[population]]\nname = 'pre'\nmodel = 'controller'\nsize = 5\n"
           "[[population]]\nname = 'post'\nmodel = 'controller'\nsize = 19\n" +
           fmt::format(
               "[[projection]]\nname = 'p'\nfrom = 'pre.signal'\nto = 'post.trigger'\nsynapse = '{}'\n"
               "weights = {}\nconnect = {}\n{}",
               synapse, weights, connect, keys) +
           more;
  }
  [[nodiscard]] circuit build() const { return build_circuit(netlist_of(text())); }
  [[nodiscard]] std::string message() const {
    try {
      (void)build();
    } catch (const usage_error& e) {
      return e.what();
    }
    return "";
  }
};

/// A field at the first tick.
std::vector<double> first_values(const wiring& w, std::size_t field) {
  const circuit c = w.build();
  return make_simulator(c)->synapse_field(0, field);
}

template <class F>
std::vector<double> each_of(const std::vector<double>& all, F&& f) {
  std::vector<double> out;
  for (const double x : all) out.push_back(f(x));
  return out;
}

constexpr auto sparse = "{ fixed_indegree = 3, seed = 5 }";

}  // namespace

TEST_CASE("initial: numbers and expressions of the model, in the order of the fields", "[circuits]") {
  for (const char* connect : {"'all-to-all'", sparse}) {
    for (const unsigned lanes : {1u, 3u}) {
      wiring w;
      w.connect = connect;
      w.lanes = lanes;
      w.keys = "params = { start = 0.75 }\n";
      const circuit c = w.build();
      const auto s = make_simulator(c);
      const std::vector<double> theta = initial_weights(c, 0);
      CHECK(s->weights(0) == theta);
      CHECK(s->synapse_field(0, 1) == each_of(theta, [](double x) { return 0.5 * x; }));
      CHECK(s->synapse_field(0, 2) == std::vector<double>(theta.size() * lanes, -3));
      CHECK(s->synapse_field(0, 3) == each_of(theta, [](double x) { return 0.5 * x > 0 ? 0.5 * x + 0.75 : x; }));
      CHECK(*std::min_element(theta.begin(), theta.end()) < 0);  // both branches were looked at
      CHECK(*std::max_element(theta.begin(), theta.end()) > 0);
    }
  }
}

TEST_CASE("initial: in single precision, every operation is rounded to it", "[circuits]") {
  wiring w;
  w.precision = "f32";
  w.keys = "params = { start = 0.1 }\n";
  const std::vector<double> theta = first_values(w, 0);
  CHECK(first_values(w, 3) == each_of(theta, [](double x) {
          const auto half = 0.5f * static_cast<float>(x);
          return static_cast<double>(half > 0 ? half + 0.1f : static_cast<float>(x));
        }));
}

TEST_CASE("initial: the messages of the first tick are multiplied with what the weight begins with", "[circuits]") {
  wiring w;
  w.weights = "{ init = 'constant', scale = 0.5 }";
  // Whose weights are used by others, they take it too, also if they stand before it.
  for (const bool before : {false, true}) {
    const std::string reader =
        "[[projection]]\nname = 'q'\nfrom = 'pre.signal'\nto = 'post.trigger'\nsynapse = 'fixed'\n"
        "weights = { shared = 'p' }\n";
    wiring shared = w;
    std::string text = shared.text();
    if (before) text.insert(text.find("[[projection]]"), reader);
    else text += reader;
    for (const std::string& each : {w.text(), text}) {
      const circuit c = build_circuit(netlist_of(each));
      const auto s = make_simulator(c);
      s->clamp(0, std::vector<double>{1, 0, 0, 0, 0});
      s->advance(2);  // a target sends what it received in the tick before
      CHECK(s->value({1, 0}, 0, 0) == (each == text ? 2 : 1) * (0.5 * 0.5 + 0.25));
    }
  }
}

TEST_CASE("initial: a projection says otherwise for its synapses", "[circuits]") {
  for (const char* connect : {"'all-to-all'", sparse}) {
    wiring w;
    w.connect = connect;
    w.lanes = 2;
    w.keys = "initial = { half = 8, trace = { init = 'uniform', scale = 0.5, seed = 3 } }\n";
    const circuit c = w.build();
    const auto s = make_simulator(c);
    const std::vector<double> half = s->synapse_field(0, 1), trace = s->synapse_field(0, 2);
    CHECK(half == std::vector<double>(half.size(), 8));
    CHECK(s->synapse_field(0, 3) == std::vector<double>(half.size(), 8.25));  // follows
    // Draws are keyed by the field's name: the weights have the same seed.
    const random_stream random(3, "weights", "p.trace");
    std::vector<double> expected;
    each_connection(c, c.projections[0], [&](std::size_t pre, std::size_t post, std::size_t) {
      const double drawn = std::fma(2 * 0.5, random.uniform(post, pre), -0.5);
      expected.insert(expected.end(), {drawn, drawn});  // alike in both lanes
    });
    CHECK(trace == expected);
  }
}

TEST_CASE("initial: listed and stored numbers", "[circuits]") {
  wiring w;
  w.connect = "{ post_pre = [[0, 4], [2, 1]] }";
  w.weights = "{ values = [[1, 2]] }";
  w.keys = "initial.half = { values = [[0.5, -0.5]] }\n";
  CHECK(first_values(w, 1) == std::vector{0.5, -0.5});
  CHECK(first_values(w, 3) == std::vector{0.75, 2.0});

  const test::scratch_directory folder;
  const std::string file = folder.path("w.h5");
  write_weights(file, {{"mine", {1, 2, {3, 4}}, false, {}, {}}}, {});
  w.keys = "initial.half = { file = '" + file + "', dataset = 'mine' }\n";
  CHECK(first_values(w, 1) == std::vector{3.0, 4.0});
  w.keys = "initial.half = { values = [[0.5, -0.5, 1]] }\n";
  CHECK_THROWS_WITH(first_values(w, 1), Contains("the weights of \"p.half\" are 1 x 3: expected 1 x 2"));
}

TEST_CASE("initial: what cannot be is refused where it stands", "[circuits]") {
  const auto message = [](const std::string& keys, const std::string& synapse = "begun", const std::string& more = "") {
    wiring w;
    w.synapse = synapse;
    w.keys = keys;
    w.more = more;
    return w.message();
  };
  CHECK_THAT(message("initial = { theta = 1 }\n"),
             StartsWith("test.toml:") && Contains("theta begins as `weights` of the projection say"));
  CHECK_THAT(message("initial = { hlaf = 1 }\n"),
             Contains("projection \"p\": its synapses (\"begun\") keep no \"hlaf\" (did you mean \"half\"?)"));
  for (const char* synapse : {"fixed", "gated-hebbian"})
    CHECK_THAT(message("initial = { half = 1 }\npost = 'post.signal'\n", synapse),
               Contains("keep nothing but theta, so that `initial` would do nothing"));
  const char* const forms = "expected a number, { init = \"uniform\" }, { values = [[...]] } or";
  for (const char* value : {"true", "'half'", "{ }", "{ scale = 2 }", "{ same_initial_as = 'p' }", "[1]"})
    CHECK_THAT(message(fmt::format("initial = {{ half = {} }}\n", value)), Contains(forms));
  CHECK_THAT(message("initial = { half = { init = 'uniform', values = [[1]] } }\n"), Contains("exclude each other"));
  CHECK_THAT(message("initial = { half = { init = 'uniform', sede = 1 } }\n"), Contains("did you mean \"seed\"?"));
  CHECK_THAT(message("initial = { half = { init = 'nromal' } }\n"), Contains("did you mean \"normal\"?"));
  CHECK_THAT(message("initial = { half = { file = 'w.h5' } }\n"), Contains("dataset"));
  CHECK_THAT(message("initial = 3\n"), Contains("initial"));
  const std::string reader =
      "[[projection]]\nname = 'q'\nfrom = 'pre.signal'\nto = 'post.trigger'\nsynapse = 'begun'\n"
      "weights = { shared = 'p' }\ninitial = { half = 2 }\n";
  CHECK_THAT(message("", "begun", reader), Contains("projection \"q\": its synapses are those of \"p\""));
  const std::string link =
      "[[projection]]\nname = 'q'\nfrom = 'pre.signal'\nto = 'post.trigger'\ninitial = { half = 2 }\n";
  CHECK_THAT(message("", "begun", link), Contains("a projection without \"synapse\" is a plain link"));
}

TEST_CASE("initial: a netlist is written and read again as it was", "[circuits]") {
  wiring w;
  w.keys = "initial = { half = 8, trace = { init = 'uniform', scale = 0.5, seed = 4 }, w = { values = " +
           std::string("[[1, 2]]") + " } }\n";
  w.connect = "{ post_pre = [[0, 4], [2, 1]] }";
  const std::string text = long_form(netlist_of(w.text()));
  CHECK(long_form(netlist_of(text)) == text);
  const circuit c = build_circuit(netlist_of(text));
  for (std::size_t f = 0; f < 4; ++f) CHECK(make_simulator(c)->synapse_field(0, f) == first_values(w, f));
  const description changed =
      read_netlist(document::from_text(text, "test.toml", {"projection.p.initial.half=0.5"}), {});
  CHECK(make_simulator(build_circuit(changed))->synapse_field(0, 1) == std::vector{0.5, 0.5});
}

TEST_CASE("set_weights: what begins by theta follows where theta changes, all else stays", "[circuits]") {
  for (const char* connect : {"'all-to-all'", sparse}) {
    wiring w;
    w.connect = connect;
    w.keys = "initial = { half = 1 }\n";
    const std::string product =
        "[[model]]\nname = 'product'\nkind = 'synapse'\nweight = 'w'\n[model.state]\ntheta = 'weight'\n"
        "x = { initial = 1 }\nw = { initial = 'theta * x' }\n[model.rules]\nlearn = '''\n"
        "next = 0.5 * x\nx <- next\nw <- theta * next\n'''\n";
    const circuit kept = w.build(), follows = build_circuit(netlist_of([&] {
                                      wiring other;
                                      other.synapse = "product";
                                      other.connect = connect;
                                      return product + other.text();
                                    }()));
    const auto a = make_simulator(kept), b = make_simulator(follows);
    b->advance(3);
    std::vector<double> theta = b->weights(0);
    const std::vector<double> before = b->synapse_field(0, 2);
    CHECK(b->synapse_field(0, 1) == std::vector<double>(theta.size(), 0.125));
    theta[4] = 64;
    b->set_weights(0, theta);
    std::vector<double> expected = before;
    expected[4] = 8;
    CHECK(b->synapse_field(0, 2) == expected);
    CHECK(b->synapse_field(0, 1) == std::vector<double>(theta.size(), 0.125));

    a->set_weights(0, std::vector<double>(theta.size(), 2.0));  // the netlist says what half begins with
    CHECK(a->synapse_field(0, 1) == std::vector<double>(theta.size(), 1));
    CHECK(a->synapse_field(0, 3) == std::vector<double>(theta.size(), 1.25));
  }
}

}  // namespace test_circuits_initial_states
