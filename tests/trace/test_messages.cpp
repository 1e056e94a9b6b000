/// The message log against what the engine counts, and against the circuit's own numbers.

#include <catch2/catch.hpp>

#include <map>

#include "models/templates/catalogue.hpp"
#include "sim/core/errors.hpp"
#include "tests/data/scratch_directory.hpp"
#include "tests/engine/engine_testing.hpp"
#include "tests/project_file.hpp"
#include "tests/trace/fake_simulator.hpp"
#include "tests/trace/stored.hpp"

namespace test_trace_messages {

namespace {

using namespace locus;
using namespace locus::test;
using locus::testing::draw_presentation;
using locus::testing::drawn_data;
using locus::testing::random_form;
using locus::testing::rig;
using locus::testing::short_form;

struct logged : scratch_directory {
  std::string file = path("trace.h5");

  trace_description logging(std::uint64_t limit = 100'000'000) const {
    trace_description trace = recording(file, {"*"});
    trace.messages = true;
    trace.messages_limit = limit;
    return trace;
  }
};

/// Runs a few presentations, logged; returns what the engine counted. A run that diverges is cut short.
activity run_logged(const description& d, const short_form& form, std::uint64_t which, const trace_description& trace) {
  const auto depth = static_cast<std::int64_t>(form.layers.size()) - 1;
  rig r(d, drawn_data(form.layers.front(), form.layers.back(), 30, which));
  trace_writer writer(r.net, trace, provenance, true);
  r.sim->observe(&writer);
  for (std::uint64_t n = 0; n < 3; ++n) {
    const auto p = draw_presentation(which, n, 30, form.lanes, {1, depth + 3, 0}, {2 * depth + 8, depth + 6, 5});
    r.world.teach(p.samples, p.times);
  }
  writer.close();
  return r.sim->counters();
}

/// Messages over synapses and over links that the log holds.
std::pair<std::uint64_t, std::uint64_t> logged_counts(const stored& h, const circuit& c) {
  std::pair<std::uint64_t, std::uint64_t> counts;
  for (const std::int64_t which : h.integers("/messages/connection")) {
    const bool synapses = c.projections[static_cast<std::size_t>(which)].synapse != nullptr;
    ++(synapses ? counts.first : counts.second);
  }
  return counts;
}

}  // namespace

TEST_CASE_METHOD(logged, "messages: the log has exactly those that the engine counts") {
  int compared = 0;
  for (std::uint64_t which = 900; which < 925; ++which) {
    short_form form = random_form(which);
    if (form.lanes == 20) form.lanes = 3;
    const bool sparse = which % 3 == 0;
    if (sparse) form.feedback_weights = "fixed-random";
    INFO("circuit " << which << "\n" << form.text());
    description d = form.read();
    std::uint32_t k = 0;
    for (projection_description& p : d.projections) {
      if (which % 2 == 0 && ++k % 3 == 0) p.delay = 1 + k % 4;
      if (which % 3 == 0 && k % 4 == 1) p.delays = connection_delays{{}, 1, 3, which};
      if (sparse && p.name.find("forward") != std::string::npos) p.connect = connection_probability{0.4, which};
    }
    try {
      const activity counted = run_logged(d, form, which, logging());
      const stored h(file);
      const auto [messages, links] = logged_counts(h, build_circuit(d));
      CHECK(messages == counted.messages);
      CHECK(links == counted.links);
      CHECK(h.number<std::uint64_t>("/messages", "dropped", H5T_NATIVE_UINT64) == 0);
      ++compared;
    } catch (const run_error&) {
    }
  }
  CHECK(compared > 15);
}

TEST_CASE_METHOD(logged, "messages: each is what its source sent, times its weight, and the sums are the ports") {
  short_form form;
  form.layers = {4, 3, 2};
  form.lanes = 2;
  const description d = form.read();
  run_logged(d, form, 3, logging());
  const circuit c = build_circuit(d);
  const stored h(file);
  const auto tick = h.integers("/messages/tick"), which = h.integers("/messages/connection");
  const auto source = h.integers("/messages/source"), target = h.integers("/messages/target");
  const auto lane = h.integers("/messages/lane"), level = h.integers("/messages/level");
  const auto sent = h.numbers("/messages/sent"), value = h.numbers("/messages/value");
  std::map<std::size_t, std::vector<double>> fields, weights;
  for (std::size_t i = 0; i < c.projections.size(); ++i) {
    const projection& p = c.projections[i];
    const population& from = c.populations[p.from.population];
    fields[i] = h.numbers("/trace/" + from.name + "/" + std::string(from.model->fields[p.from.field].name));
    if (p.synapse != nullptr) weights[i] = h.numbers("/trace/" + p.name + "/theta");
  }
  REQUIRE(tick.size() > 500);
  for (std::size_t m = 0; m < tick.size(); ++m) {
    const auto i = static_cast<std::size_t>(which[m]);
    const projection& p = c.projections[i];
    const auto t = static_cast<std::size_t>(tick[m]), pre = static_cast<std::size_t>(source[m]),
               post = static_cast<std::size_t>(target[m]), l = static_cast<std::size_t>(lane[m]);
    const double x = fields[i][(t * c.size_before(p) + pre) * 2 + l];
    double weight = 1;
    if (p.synapse != nullptr) {
      REQUIRE(p.shape == projection_shape::dense);
      weight = weights[i][(t * c.size_after(p) + post) * c.size_before(p) + pre];
    }
    if (sent[m] != x || value[m] != weight * x) FAIL("message " << m << " of " << p.name);
    if (m > 0 && std::tie(tick[m - 1], level[m - 1]) > std::tie(tick[m], level[m])) FAIL("order of message " << m);
  }
  // What an error neuron hears it uses in the same tick; what a value neuron hears, in the next.
  const std::size_t down = c.find_projection("hidden1.forward").value();
  for (std::size_t m = 0; m < tick.size(); ++m) {
    if (static_cast<std::size_t>(which[m]) == down) REQUIRE(level[m] >= 1);
  }
}

TEST_CASE_METHOD(logged, "messages: of synapses whose weight is another field than theta, too") {
  const std::string netlist = locus::testing::project_file("netlists/short-term-plasticity.toml");
  const description d = read_netlist(document::from_file(netlist), all_templates());
  rig r(d, load_data(d.data));
  trace_writer writer(r.net, logging(), provenance, true);
  r.sim->observe(&writer);
  r.world.teach(std::vector<std::uint32_t>{0}, {2, 320, 0});
  writer.close();
  const stored h(file);
  CHECK(logged_counts(h, r.net).first == r.sim->counters().messages);
  const auto tick = h.integers("/messages/tick"), which = h.integers("/messages/connection");
  const auto sent = h.numbers("/messages/sent"), value = h.numbers("/messages/value");
  std::size_t spikes = 0;
  for (std::size_t m = 0; m < tick.size(); ++m) {
    const std::string& name = r.net.projections[static_cast<std::size_t>(which[m])].name;
    const double weight = h.numbers("/trace/" + name + "/efficacy").at(static_cast<std::size_t>(tick[m]));
    if (value[m] != weight * sent[m]) FAIL("message " << m << " of " << name);
    spikes += sent[m] == 1 ? 1 : 0;
  }
  CHECK(spikes == 12);
}

TEST_CASE_METHOD(logged, "messages: those beyond the limit are counted") {
  short_form form;
  form.layers = {4, 3, 2};
  const activity counted = run_logged(form.read(), form, 3, logging(100));
  const stored h(file);
  CHECK(h.integers("/messages/tick").size() == 100);
  CHECK(h.number<std::uint64_t>("/messages", "limit", H5T_NATIVE_UINT64) == 100);
  CHECK(h.number<std::uint64_t>("/messages", "dropped", H5T_NATIVE_UINT64) == counted.messages + counted.links - 100);
}

TEST_CASE_METHOD(logged, "messages: a window has the messages of its ticks, and a log of f32 on request") {
  short_form form;
  form.layers = {4, 3, 2};
  run_logged(form.read(), form, 3, logging());
  const auto all = stored(file).integers("/messages/tick");
  trace_description window = logging();
  window.from = 7;
  window.until = 12;
  window.precision = "f32";
  run_logged(form.read(), form, 3, window);
  const stored h(file);
  std::vector<std::int64_t> expected;
  for (const std::int64_t t : all) {
    if (t >= 7 && t < 12) expected.push_back(t);
  }
  REQUIRE_FALSE(expected.empty());
  CHECK(h.integers("/messages/tick") == expected);
  CHECK(h.width("/messages/value") == 4);
}

}  // namespace test_trace_messages
