#include <catch2/catch.hpp>

#include "tests/engine/engine_testing.hpp"

namespace test_engine_quiet_ticks {

using namespace locus;
using namespace locus::testing;

namespace {

constexpr tick_t long_time = 1'000'000'000;

short_form burst_circuit() {
  short_form form;
  form.layers = {7, 18, 5, 3};
  form.bias = true;
  form.lanes = 2;
  return form;
}

class quiet_reader : public tick_observer {
 public:
  void on_tick(tick_t tick, const simulator&) override { last = tick; }
  void on_quiet(tick_t first, tick_t until, const simulator&) override { spans.emplace_back(first, until); }
  tick_t last = -1;
  std::vector<std::pair<tick_t, tick_t>> spans;
};

}  // namespace

TEST_CASE("quiet ticks: a settled circuit jumps over 10^9 ticks at once, and they are counted", "[engine]") {
  const short_form form = burst_circuit();
  rig r(form.read(), drawn_data(7, 3, 10, 1));
  quiet_reader reader;
  r.sim->observe(&reader);
  r.world.teach(std::vector<std::uint32_t>{1, 2}, {8, 4, 20});
  const tick_t before = r.sim->now();
  CHECK(before == 32);
  const std::size_t spans = reader.spans.size();
  const std::string state = snapshot(*r.sim);
  const std::uint64_t swept = r.sim->swept_panels();
  r.sim->advance(before + long_time);
  CHECK(r.sim->swept_panels() == swept);
  CHECK(r.sim->now() == before + long_time);
  CHECK(r.sim->counters().ticks == static_cast<std::uint64_t>(before + long_time));
  REQUIRE(reader.spans.size() == spans + 1);
  CHECK(reader.spans.back() == std::pair{before, before + long_time});
  CHECK((snapshot(*r.sim) == state));
}

TEST_CASE("quiet ticks: after a jump the same presentation has the same bits and counts", "[engine]") {
  const short_form form = burst_circuit();
  const data_set data = drawn_data(7, 3, 10, 1);
  rig jumps(form.read(), data), steps(form.read(), data);
  for (std::uint32_t n = 0; n < 6; ++n) {
    const std::vector<std::uint32_t> samples{n, n + 3};
    jumps.world.teach(samples, {8, 4, 20});
    steps.world.teach(samples, {8, 4, 20});
    jumps.sim->advance(jumps.sim->now() + long_time);
    CHECK(same_state(*jumps.sim, *steps.sim));
  }
  activity expected = steps.sim->counters();
  expected.ticks += 6 * static_cast<std::uint64_t>(long_time);
  CHECK(jumps.sim->counters() == expected);
}

TEST_CASE("quiet ticks: a circuit with delays comes to rest after the last message has arrived", "[engine]") {
  const short_form form = burst_circuit();
  description d = form.read();
  for (projection_description& p : d.projections) {
    if (p.name == "hidden1.forward") p.delay = 5;
  }
  const data_set data = drawn_data(7, 3, 10, 1);
  rig jumps(d, data), steps(d, data, {.track_activity = false, .target = {}});
  for (std::uint32_t n = 0; n < 4; ++n) {
    const std::vector<std::uint32_t> samples{n, n + 3};
    jumps.world.teach(samples, {20, 10, 10 + static_cast<std::int64_t>(n)});
    steps.world.teach(samples, {20, 10, 10 + static_cast<std::int64_t>(n)});
    jumps.sim->advance(jumps.sim->now() + long_time + n);  // any phase of the ring
    CHECK(same_state(*jumps.sim, *steps.sim));
  }
  activity expected = steps.sim->counters();
  expected.ticks = jumps.sim->counters().ticks;
  CHECK(jumps.sim->counters() == expected);
}

TEST_CASE("quiet ticks: the same clamp again changes nothing but the tick", "[engine]") {
  const short_form form = burst_circuit();
  rig r(form.read(), drawn_data(7, 3, 10, 1));
  r.world.teach(std::vector<std::uint32_t>{1, 2}, {8, 4, 20});
  const std::string state = snapshot(*r.sim);
  const std::uint64_t messages = r.sim->counters().messages;
  std::vector<double> input(7 * 2);
  for (std::uint32_t j = 0; j < 7; ++j) {
    for (std::uint32_t lane = 0; lane < 2; ++lane) input[j * 2 + lane] = r.data.train.input.at(1 + lane, j);
  }
  r.sim->clamp(0, input);
  r.sim->advance(r.sim->now() + 10);
  CHECK((snapshot(*r.sim) == state));
  CHECK(r.sim->counters().messages == messages);
}

// A gate that is always 1 keeps weights moving until a step is too small for their bits.
TEST_CASE("quiet ticks: a constant gate learns in every tick until the weights settle", "[engine]") {
  const char* text = R"(
[circuit]
[[population]]
name = "source.value"
model = "two-compartment-value"
size = 3
[[population]]
name = "target.error"
model = "error"
size = 2
[[population]]
name = "always"
model = "constant"
size = 1
[[projection]]
name = "learns"
from = "source.value.rate"
to = "target.error.prediction"
synapse = "gated-hebbian"
weights = { init = "uniform", scale = 1.0, seed = 3 }
post = "target.error.eps"
gate = "always.rate"
gate_at = "everywhere"
params = { alpha = 0.25 }
[[stimulus]]
population = "source.value"
role = "input"
)";
  const circuit c = build_circuit(netlist_of(text));
  const auto s = make_simulator(c);
  const auto plain = make_simulator(c, {.track_activity = false, .target = {}});
  quiet_reader reader;
  s->observe(&reader);
  const std::vector<double> input{0.5, -1.0, 0.75};
  for (simulator* each : {s.get(), plain.get()}) {
    each->clamp(0, input);
    each->advance(400);
  }
  CHECK(same_state(*s, *plain));
  // mu goes to 0 by a factor 1 - alpha |f|^2 a tick (0.67) until it is lost in the rounding of the weights; that
  // takes about 53 / log2(1 / 0.67) = 92 ticks.
  CHECK(s->counters().weight_changes > 50);
  CHECK(s->counters().weight_changes < 200);
  REQUIRE_FALSE(reader.spans.empty());
  CHECK(static_cast<std::uint64_t>(reader.spans.front().first) >= s->counters().weight_changes);
}

TEST_CASE("quiet ticks: learning that is switched on in a quiet circuit takes place", "[engine]") {
  short_form form = burst_circuit();
  description d = form.read();
  d.populations.push_back({"always", "constant", 1, {}, {}});
  for (projection_description& p : d.projections) {
    if (!p.gate) continue;
    p.gate = reference{"always", "rate", {}};
    p.gate_at = gate_end::everywhere;
  }
  const data_set data = drawn_data(7, 3, 10, 1);
  rig tracked(d, data), plain(d, data, {.track_activity = false, .target = {}});
  for (rig* each : {&tracked, &plain}) {
    each->sim->set_learning(false);
    each->world.teach(std::vector<std::uint32_t>{1, 2}, {30, 0, 0});
    const std::vector<double> teacher(6, 1.0);
    each->sim->clamp(*each->net.find_population("output.value"), teacher);
    each->sim->advance(100);
    each->sim->set_learning(true);
    each->sim->advance(101);
  }
  CHECK(tracked.sim->counters().weight_changes == plain.sim->counters().weight_changes);
  CHECK(same_state(*tracked.sim, *plain.sim));
}

TEST_CASE("quiet ticks: what a stimulus holds is not computed again, whatever it is told", "[engine]") {
  // A hundred neurons are held and told noise in every tick.
  const circuit c =
      build_circuit(netlist_of("[circuit]\n[[population]]\nname = 'noise'\nmodel = 'noise'\nsize = 100\n"
                               "[[population]]\nname = 'held'\nmodel = 'two-compartment-value'\n"
                               "size = 100\n[[projection]]\nname = 'p'\nfrom = 'noise.rate'\n"
                               "to = 'held.prediction'\nconnect = 'one-to-one'\n"));
  constexpr std::uint64_t panels = 7;
  constexpr tick_t ticks = 50;
  const auto sim = make_simulator(c);
  const auto sweeps = [&](tick_t until) {
    const std::uint64_t before = sim->swept_panels();
    sim->advance(until);
    return sim->swept_panels() - before;
  };
  CHECK(sweeps(1) == 2 * panels);  // in the first tick everybody sends
  CHECK(sweeps(1 + ticks) == 2 * panels * ticks);
  sim->clamp(1, std::vector<double>(100, 0.5));
  CHECK(sweeps(1 + 2 * ticks) == panels * ticks + panels);
  sim->release(1);
  CHECK(sweeps(1 + 3 * ticks) == 2 * panels * ticks);
}

TEST_CASE("quiet ticks: tracking saves most of the work of presentations that settle", "[engine]") {
  const short_form form = burst_circuit();
  rig tracked(form.read(), drawn_data(7, 3, 10, 1));
  rig plain(form.read(), drawn_data(7, 3, 10, 1), {.track_activity = false, .target = {}});
  for (rig* each : {&tracked, &plain}) {
    for (std::uint32_t n = 0; n < 4; ++n) each->world.teach(std::vector{n, n + 1}, {40, 20, 20});
  }
  CHECK(same_state(*tracked.sim, *plain.sim));
  CHECK(tracked.sim->swept_panels() * 4 < plain.sim->swept_panels());
}

TEST_CASE("quiet ticks: synapses that a weak modulator left as they were learn when it grows", "[engine]") {
  const circuit c = build_circuit(
      netlist_of("[circuit]\n[[population]]\nname = 'a'\nmodel = 'constant'\nsize = 3\n[[population]]\nname = 'b'\n"
                 "model = 'point-value'\nsize = 2\n[[population]]\nname = 'now'\nmodel = 'controller'\nsize = 1\n"
                 "[[projection]]\nname = 'p'\nfrom = 'a.rate'\nto = 'b.feedback'\nsynapse = 'gated-hebbian'\n"
                 "post = 'b.x'\ngate = 'now.signal'\ngate_at = 'everywhere'\n"));
  const auto tracked = make_simulator(c), plain = make_simulator(c, {.track_activity = false, .target = {}});
  for (simulator* each : {tracked.get(), plain.get()}) {
    each->clamp(1, std::vector{0.5, -0.25});
    each->clamp(2, std::vector{1e-200});  // below the last bit of any weight
    each->advance(10);
    CHECK(each->counters().weight_changes == 0);
    each->clamp(2, std::vector{1.0});
    each->advance(20);
    CHECK(each->counters().weight_changes == 10);
  }
  CHECK(same_state(*tracked, *plain));
}

}  // namespace test_engine_quiet_ticks
