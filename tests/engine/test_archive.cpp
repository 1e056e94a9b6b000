#include <catch2/catch.hpp>

#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>

#include "sim/core/errors.hpp"
#include "sim/core/random.hpp"
#include "tests/circuit/random_circuit.hpp"
#include "tests/data/scratch_directory.hpp"
#include "tests/engine/engine_testing.hpp"

namespace test_engine_archive {

using namespace locus;
using namespace locus::testing;

namespace {

void save(simulator& s, const std::string& file) {
  atomic_file place(file);
  archive a = archive::writer(place);
  s.serialize(a);
  a.finish();
  place.commit();
}

void load(simulator& s, const std::string& file) {
  archive a = archive::reader(file);
  s.serialize(a);
}

std::string bytes_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A hash of the state in every tick of its own life, which may begin late.
class late_recorder : public tick_observer {
 public:
  void on_tick(tick_t, const simulator& s) override { states.push_back(hash_name(snapshot(s))); }
  void on_quiet(tick_t first, tick_t last, const simulator& s) override {
    states.insert(states.end(), static_cast<std::size_t>(last - first), hash_name(snapshot(s)));
  }
  std::vector<std::uint64_t> states;
};

/// `whole` goes on; `resumed` takes its state from a file and has to do the same in every tick.
template <class Run>
void check_resumed(simulator& whole, simulator& resumed, const test::scratch_directory& folder, Run&& run) {
  const std::string file = folder.path("state.h5");
  save(whole, file);
  load(resumed, file);
  REQUIRE(resumed.now() == whole.now());
  REQUIRE(same_state(whole, resumed));
  REQUIRE(resumed.counters() == whole.counters());
  save(resumed, folder.path("again.h5"));
  REQUIRE(bytes_of(file) == bytes_of(folder.path("again.h5")));
  late_recorder a, b;
  whole.observe(&a);
  resumed.observe(&b);
  run();
  REQUIRE(a.states == b.states);
  REQUIRE(whole.counters() == resumed.counters());
  whole.observe(nullptr);
  std::filesystem::remove(file);
  std::filesystem::remove(folder.path("again.h5"));
}

/// A random circuit in the long form, or nothing if those that were drawn do not make one.
std::optional<circuit> drawn_circuit(std::uint64_t which) {
  description d = random_description(which);
  d.record_nonfinite = true;
  try {
    return build_circuit(d);
  } catch (const usage_error&) {
    return std::nullopt;
  }
}

/// Clamps some populations to drawn values, releases the others, and runs a few ticks.
void drive(simulator& s, std::uint64_t seed) {
  const circuit& c = s.net();
  const random_stream random(seed, "test", "clamps");
  for (std::size_t p = 0; p < c.populations.size(); ++p) {
    if (!c.populations[p].model->has_clamp) continue;
    std::vector<double> values(c.populations[p].size * c.lanes);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = 2 * random.uniform(p, i) - 1;
    if (random.below(2, p) == 0) s.clamp(p, values);
    else s.release(p);
  }
  s.advance(s.now() + static_cast<tick_t>(random.below(6, 99)));
}

}  // namespace

TEST_CASE("archive: short forms go on from a file, tick by tick", "[engine]") {
  const test::scratch_directory folder;
  for (std::uint64_t which = 1000; which < 1050; ++which) {
    const short_form form = random_form(which);
    INFO("circuit " << which << "\n" << form.text());
    const data_set data = drawn_data(form.layers.front(), form.layers.back(), 30, which);
    rig whole(form.read(), data);
    // What a state may not depend on: threads, tracking, instruction set.
    rig resumed(form.read(), data,
                {.track_activity = which % 4 != 0,
                 .target = which % 3 == 0 ? std::optional(simd_target::scalar) : std::nullopt,
                 .threads = 1 + which % 2});
    const auto depth = static_cast<std::int64_t>(form.layers.size()) - 1;
    const presentation_times low{1, std::max<std::int64_t>(depth, 4), 0};
    const presentation_times high{2 * depth + 8, low.teach + depth + 2, depth + 3};
    const auto teach = [&](rig& r, std::uint64_t first, std::uint64_t last) {
      for (std::uint64_t n = first; n < last; ++n) {
        const presentation p = draw_presentation(which, n, 30, form.lanes, low, high);
        r.world.teach(p.samples, p.times);
      }
    };
    try {
      teach(whole, 0, which % 5);
      // In the middle of a wave: some panels of some populations move.
      const std::size_t input = whole.net.find_population("input.value").value();
      whole.sim->clamp(input, std::vector<double>(whole.net.populations[input].size * whole.net.lanes, 0.5));
      whole.sim->advance(whole.sim->now() + static_cast<tick_t>(which % 4));
      check_resumed(*whole.sim, *resumed.sim, folder, [&] {
        teach(whole, 10, 14);
        teach(resumed, 10, 14);
      });
    } catch (const run_error&) {  // diverged
    }
  }
}

TEST_CASE("archive: random long forms, with delays and sparse projections, go on from a file", "[engine]") {
  const test::scratch_directory folder;
  std::size_t compared = 0;
  for (std::uint64_t which = 0; which < 100; ++which) {
    INFO("circuit " << which);
    const std::optional<circuit> net = drawn_circuit(which);
    if (!net) continue;
    const auto whole = make_simulator(*net), resumed = make_simulator(*net);
    for (std::uint64_t step = 0; step < which % 5; ++step) drive(*whole, which * 10 + step);
    check_resumed(*whole, *resumed, folder, [&] {
      for (std::uint64_t step = 5; step < 9; ++step) {
        drive(*whole, which * 10 + step);
        drive(*resumed, which * 10 + step);
      }
    });
    ++compared;
  }
  CHECK(compared > 50);
}

TEST_CASE("archive: a clone goes on by itself, with what was perturbed and imposed for the next tick", "[engine]") {
  std::size_t compared = 0, imposed = 0;
  for (std::uint64_t which = 200; which < 300; ++which) {
    INFO("circuit " << which);
    const std::optional<circuit> net = drawn_circuit(which);
    if (!net) continue;
    const auto original = make_simulator(*net, {.track_activity = which % 4 != 0, .target = {}, .first_tick = 5});
    for (std::uint64_t step = 0; step < which % 5; ++step) drive(*original, which * 10 + step);
    for (std::size_t p = 0; p < net->populations.size(); ++p) {
      const population& named = net->populations[p];
      original->perturb({p, which % named.model->fields.size()}, 0, 0, 0.25);
      if (!named.model->has_clamp || named.model->ports.empty()) continue;
      original->impose(p, {p, 0}, std::vector<double>(named.size * net->lanes, 0.125));
      ++imposed;
    }
    const std::unique_ptr<simulator> copy = original->clone();
    CHECK(copy->now() == original->now());
    CHECK(copy->counters() == original->counters());
    const auto states_of = [&](simulator& s) {
      late_recorder seen;
      s.observe(&seen);
      for (std::uint64_t step = 5; step < 9; ++step) drive(s, which * 10 + step);
      s.observe(nullptr);
      return seen.states;
    };
    const std::vector<std::uint64_t> states = states_of(*original);
    REQUIRE(states_of(*copy) == states);
    CHECK(copy->counters() == original->counters());
    CHECK(same_state(*original, *copy));
    ++compared;
  }
  CHECK(compared > 50);
  CHECK(imposed > 20);
}

TEST_CASE("archive: a run with numbers that are not finite goes on from a file as it would have", "[engine]") {
  const test::scratch_directory folder;
  short_form form;
  form.layers = {4, 17, 6, 3};
  form.activation = "relu";
  form.alpha = 1e6;
  form.lanes = 2;
  form.on_nonfinite = "record";
  const data_set data = drawn_data(4, 3, 10, 1);
  rig whole(form.read(), data), resumed(form.read(), data);
  const auto teach = [&](rig& r, std::uint64_t first, std::uint64_t last) {
    for (std::uint64_t n = first; n < last; ++n) {
      const presentation p = draw_presentation(1, n, 10, 2, {8, 4, 0}, {8, 4, 0});
      r.world.teach(p.samples, p.times);
    }
  };
  std::uint64_t n = 0;
  for (; !whole.sim->nonfinite() && n < 200; ++n) teach(whole, n, n + 1);
  REQUIRE(whole.sim->nonfinite().has_value());
  check_resumed(*whole.sim, *resumed.sim, folder, [&] {
    teach(whole, n, n + 20);
    teach(resumed, n, n + 20);
  });
  CHECK(resumed.sim->nonfinite() == whole.sim->nonfinite());
}

TEST_CASE("archive: what is not finite is not skipped after loading, either: 0 times infinity is not 0", "[engine]") {
  const test::scratch_directory folder;
  const circuit c = build_circuit(
      netlist_of("[circuit]\non_nonfinite = 'record'\n[[population]]\nname = 'large'\nmodel = 'point-value'\nsize = 1\n"
                 "[[population]]\nname = 'silent'\nmodel = 'point-value'\nsize = 1\n[[population]]\nname = 'told'\n"
                 "model = 'point-value'\nsize = 1\n[[projection]]\nname = 'p'\nfrom = 'silent.rate'\n"
                 "to = 'told.feedback'\nsynapse = 'fixed'\nweights = { values = [[1.0]] }\n"));
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const auto whole = make_simulator(c), resumed = make_simulator(c);
  whole->clamp(0, std::vector{infinity});
  whole->advance(3);
  whole->release(0);
  REQUIRE(whole->nonfinite().has_value());
  check_resumed(*whole, *resumed, folder, [&] {
    for (simulator* each : {whole.get(), resumed.get()}) {
      each->set_weights(0, std::vector{infinity});
      each->advance(each->now() + 3);
      CHECK(std::isnan(each->value({2, 0}, 0, 0)));
    }
  });
}

}  // namespace test_engine_archive
