/// Records that are no frames: changes, the overview, stimuli.

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/trace/overview.hpp"
#include "tests/data/scratch_directory.hpp"
#include "tests/engine/engine_testing.hpp"
#include "tests/trace/fake_simulator.hpp"
#include "tests/trace/stored.hpp"

namespace test_trace_recorders {

namespace {

using namespace locus;
using namespace locus::test;
using locus::testing::drawn_data;
using locus::testing::rig;
using locus::testing::short_form;

struct recorder_rig {
  fake_models models;
  scratch_directory folder;
  std::string file = folder.path("trace.h5");
};

struct change {
  std::int64_t tick, index, lane;
  double value;
  auto operator<=>(const change&) const = default;
};

std::vector<change> changes_in(const stored& h, const std::string& group, const std::string& index) {
  const auto tick = h.integers(group + "/tick"), i = h.integers(group + "/" + index),
             lane = h.integers(group + "/lane");
  const auto value = h.numbers(group + "/value");
  std::vector<change> all;
  for (std::size_t k = 0; k < tick.size(); ++k) all.push_back({tick[k], i[k], lane[k], value[k]});
  return all;
}

}  // namespace

TEST_CASE_METHOD(recorder_rig, "changes: all at first, then what differs from the tick before, in order") {
  const auto precision = GENERATE(as<std::string>{}, "f64", "f32");
  const circuit c = fake_circuit(models, precision, 3, 3, 4);
  trace_description trace = recording(file, {"value.x"});
  trace.on_change = {"phi.spike[1:]", "some.theta"};
  trace.from = 5;
  {
    fake_simulator s(c);
    trace_writer writer(c, trace, provenance, true);
    run_ticks(writer, s, 0, 30);
    writer.on_quiet(30, 40, s);
    writer.close();
  }
  const stored h(file);
  std::vector<change> expected;
  for (tick_t t = 5; t < 30; ++t) {
    for (std::size_t n = 1; n < 4; ++n) {
      for (std::size_t lane = 0; lane < 3; ++lane) {
        const double now = fake_simulator::field_number({2, 0}, n * 3 + lane, t);
        if (t > 5 && now == fake_simulator::field_number({2, 0}, n * 3 + lane, t - 1)) continue;
        expected.push_back({t, static_cast<std::int64_t>(n), static_cast<std::int64_t>(lane), now});
      }
    }
  }
  const auto found = changes_in(h, "/changes/hidden1.phi/spike", "neuron");
  CHECK(found == expected);
  CHECK(std::is_sorted(found.begin(), found.end()));
  CHECK(h.width("/changes/hidden1.phi/spike/value") == (precision == "f32" ? 4 : 8));
  CHECK(h.text("/changes/hidden1.phi/spike/value", "long_name") == "onset");
  CHECK_FALSE(h.has("/trace/hidden1.phi"));
  CHECK(h.integers("/spikes/hidden1.phi/node_ids").size() > 10);  // events are listed in any case
  CHECK(changes_in(h, "/changes/hidden1.some/theta", "synapse").size() == 25);
  CHECK(h.integers("/scales/hidden1.some/source") == std::vector<std::int64_t>{2});
  CHECK(h.integers("/scales/hidden1.some/target") == std::vector<std::int64_t>{0});
}

TEST_CASE_METHOD(recorder_rig, "float32 on request halves what is stored, and rounds") {
  circuit c = fake_circuit(models, "f64", 1);
  trace_description trace = recording(file, {"x", "theta"});
  trace.precision = "f32";
  trace.on_change = {"count"};
  fake_simulator s(c);
  trace_writer writer(c, trace, provenance, true);
  run_ticks(writer, s, 0, 3);
  writer.close();
  const stored h(file);
  for (const char* path : {"/trace/input.value/x", "/trace/hidden1.forward/theta", "/changes/input.value/count/value",
                           "/overview/input.value/x/min"}) {
    CHECK(h.width(path) == 4);
  }
  // The fake numbers are floats.
  CHECK(h.numbers("/trace/input.value/x")[4] == fake_simulator::field_number({0, 0}, 1, 1));
  CHECK(h.text("/", "precision") == "f64");
}

TEST_CASE_METHOD(recorder_rig, "scales say which neurons were recorded") {
  const circuit c = fake_circuit(models, "f64", 2, 20, 4);
  fake_simulator s(c);
  trace_writer writer(c, recording(file, {"input.value.x[3, 18]", "input.value.count", "forward.theta[2][5:7]"}),
                      provenance, false);
  run_ticks(writer, s, 0, 4);
  writer.close();
  const stored h(file);
  CHECK(h.size("/trace/input.value/x") == std::vector<hsize_t>{4, 2, 2});
  CHECK(h.integers("/scales/input.value/neuron") == std::vector<std::int64_t>{3, 18});
  CHECK(h.integers("/scales/input.value/count.neuron").size() == 20);
  CHECK(h.integers("/scales/hidden1.forward/source") == std::vector<std::int64_t>{5, 6});
  CHECK(h.integers("/scales/hidden1.forward/target") == std::vector<std::int64_t>{2, 2});
  const auto x = h.numbers("/trace/input.value/x");
  CHECK(x[2 * 4 + 3] == fake_simulator::field_number({0, 0}, 18 * 2 + 1, 2));
  CHECK(h.numbers("/trace/hidden1.forward/theta")[2 * 2 + 1] == fake_simulator::weight_number(0, 46, 2));
  CHECK(H5Aexists_by_name(h.file(), "/trace/hidden1.forward/theta", "matrix_shape", H5P_DEFAULT) == 0);
}

TEST_CASE_METHOD(recorder_rig, "windows of presentations are recorded, and named in the file") {
  const circuit c = fake_circuit(models, "f64", 1);
  fake_simulator s(c);
  trace_description trace = recording(file, {"x"}, 2);
  trace.presentations = {{1, 2}, {4, 5}};  // of 12 ticks
  trace_writer writer(c, trace, provenance, false, {});
  run_ticks(writer, s, 0, 14);
  writer.on_quiet(14, 50, s);
  run_ticks(writer, s, 50, 80);
  writer.close();
  const stored h(file);
  CHECK(h.integers("/trace/tick") == std::vector<std::int64_t>{12, 14, 16, 18, 20, 22, 48, 50, 52, 54, 56, 58});
  CHECK(trace_writer::predicted_bytes(c, trace, {}, 80) == 12 * (8 + 5 * 8));
}

TEST_CASE_METHOD(recorder_rig, "windows that do not meet record nothing") {
  const circuit c = fake_circuit(models, "f64", 1);
  fake_simulator s(c);
  trace_description trace = recording(file, {"x"});
  trace.presentations = {{5, 6}};
  trace.until = 10;
  trace_writer writer(c, trace, provenance, false);
  run_ticks(writer, s, 0, 14);
  writer.close();
  CHECK(stored(file).integers("/trace/tick").empty());
}

TEST_CASE("overview: extremes over blocks of 16 frames and 16 neurons with all their lanes") {
  const std::size_t neurons = 37, lanes = 3, frames = 50;
  std::vector<double> values(neurons * lanes * frames);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::sin(static_cast<double>(i * i));
  values[5] = std::numeric_limits<double>::quiet_NaN();
  values[700] = -std::numeric_limits<double>::infinity();
  overview<double> o(neurons, lanes);
  for (std::size_t f = 0; f < frames; f += 7) {  // in whatever portions they come
    o.add(values.data() + f * neurons * lanes, std::min<std::size_t>(7, frames - f));
  }
  o.finish();
  REQUIRE(o.width() == 3);
  REQUIRE(o.lowest.size() == 4 * 3);
  for (std::size_t b = 0; b < 12; ++b) {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (std::size_t f = b / 3 * 16; f < std::min(frames, b / 3 * 16 + 16); ++f) {
      for (std::size_t i = b % 3 * 16 * lanes; i < std::min(neurons, b % 3 * 16 + 16) * lanes; ++i) {
        const double v = values[f * neurons * lanes + i];
        if (v < low) low = v;
        if (v > high) high = v;
      }
    }
    CHECK(o.lowest[b] == low);
    CHECK(o.highest[b] == high);
  }
}

TEST_CASE("overview: a block without a number is empty") {
  overview<float> o(1, 1);
  const float none = std::numeric_limits<float>::quiet_NaN();
  o.add(&none, 1);
  o.finish();
  CHECK(o.lowest == std::vector<float>{std::numeric_limits<float>::infinity()});
  CHECK(o.highest == std::vector<float>{-std::numeric_limits<float>::infinity()});
}

TEST_CASE_METHOD(recorder_rig, "stimuli: the ticks in which each held") {
  short_form form;
  form.layers = {3, 2, 2};
  rig r(form.read(), drawn_data(3, 2, 6, 1));
  trace_description trace = recording(file, {"value.x"});
  trace.from = 15;
  trace.until = 40;
  trace_writer writer(r.net, trace, provenance, false);
  r.sim->observe(&writer);
  for (std::uint32_t n = 0; n < 4; ++n) r.world.teach(std::vector<std::uint32_t>{n}, {8, 4, 2});
  writer.close();
  const stored h(file);
  // Presentations take 14 ticks; those of ticks 14, 28 have recorded ticks; 42 has not.
  CHECK(h.integers("/stimuli/input.value/on") == std::vector<std::int64_t>{14, 28});
  CHECK(h.integers("/stimuli/input.value/off") == std::vector<std::int64_t>{28, 42});
  CHECK(h.integers("/stimuli/output.value/on") == std::vector<std::int64_t>{22, 36});
  CHECK(h.integers("/stimuli/output.value/off") == std::vector<std::int64_t>{26, 40});
}

TEST_CASE_METHOD(recorder_rig,
                 "stimuli: one that still holds at the end goes off with the run; impositions hold for a tick") {
  short_form form;
  form.layers = {3, 2, 2};
  form.start = "forward";
  rig r(form.read(), drawn_data(3, 2, 6, 1));
  trace_writer writer(r.net, recording(file, {"value.x"}), provenance, false);
  r.sim->observe(&writer);
  for (std::uint32_t n = 0; n < 2; ++n) r.world.teach(std::vector<std::uint32_t>{n}, {8, 4, 0});
  writer.close();
  const stored h(file);
  CHECK(h.integers("/stimuli/input.value/off") == std::vector<std::int64_t>{12, 24});
  CHECK(h.integers("/stimuli/hidden1.value/on") == std::vector<std::int64_t>{0, 12});
  CHECK(h.integers("/stimuli/hidden1.value/off") == std::vector<std::int64_t>{1, 13});
}

}  // namespace test_trace_recorders
