#include "sim/trace/trace_writer.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

#include "tests/data/scratch_directory.hpp"
#include "tests/trace/fake_simulator.hpp"
#include "tests/trace/stored.hpp"

namespace test_trace_trace_writer {

namespace {

using namespace locus;
using namespace locus::test;

const std::vector<std::string> everything = {"x", "count", "spike", "theta"};

/// A circuit, its simulator and a place for traces.
struct recorded {
  fake_models models;
  scratch_directory folder;
  std::string file = folder.path("trace.h5");
};

/// The numbers of a field, or of the weights, at the given ticks.
std::vector<double> expected_field(output_id f, std::size_t count, const std::vector<tick_t>& ticks) {
  std::vector<double> all;
  for (const tick_t t : ticks)
    for (std::size_t i = 0; i < count; ++i) all.push_back(fake_simulator::field_number(f, i, t));
  return all;
}
std::vector<double> expected_weights(std::size_t p, std::size_t count, const std::vector<tick_t>& ticks) {
  std::vector<double> all;
  for (const tick_t t : ticks)
    for (std::size_t i = 0; i < count; ++i) all.push_back(fake_simulator::weight_number(p, i, t));
  return all;
}

std::vector<tick_t> ticks_up_to(tick_t last, tick_t every) {
  std::vector<tick_t> ticks;
  for (tick_t t = 0; t < last; t += every) ticks.push_back(t);
  return ticks;
}

}  // namespace

TEST_CASE_METHOD(recorded, "a trace keeps to its window") {
  const circuit c = fake_circuit(models, "f64", 1);
  fake_simulator s(c);
  trace_description window = recording(file, {"x", "spike"}, 3);
  window.from = 10;
  window.until = 70;
  trace_writer trace(c, window, provenance, true);
  run_ticks(trace, s, 0, 30);
  trace.on_quiet(30, 100, s);
  run_ticks(trace, s, 100, 120);
  trace.close();
  std::vector<std::int64_t> expected;
  for (tick_t t = 12; t < 70; t += 3) expected.push_back(t);
  CHECK(stored(file).integers("/trace/tick") == expected);
  CHECK(trace_writer::predicted_bytes(c, window, {}, 300) ==
        trace_writer::predicted_bytes(c, recording(file, {"x", "spike"}, 3), {}, 60));
}

TEST_CASE_METHOD(recorded, "a trace holds the very bits of every recorded number") {
  const auto precision = GENERATE(as<std::string>{}, "f64", "f32");
  const auto lanes = GENERATE(1u, 3u);
  const auto every = GENERATE(1u, 3u);
  const circuit c = fake_circuit(models, precision, lanes);
  fake_simulator s(c);
  trace_writer trace(c, recording(file, everything, every), provenance, true);
  run_ticks(trace, s, 0, 9000);  // more than two blocks of 4096
  trace.close();

  const stored h(file);
  const auto ticks = ticks_up_to(9000, every);
  REQUIRE(trace.frames() == ticks.size());
  REQUIRE(h.integers("/trace/tick") == std::vector<std::int64_t>(ticks.begin(), ticks.end()));
  std::vector<hsize_t> size = {ticks.size(), 3};
  if (lanes > 1) size.push_back(lanes);
  REQUIRE(h.size("/trace/input.value/x") == size);
  REQUIRE(h.width("/trace/input.value/x") == (precision == "f32" ? 4 : 8));
  REQUIRE(h.numbers("/trace/input.value/x") == expected_field({0, 0}, 3 * lanes, ticks));
  REQUIRE(h.numbers("/trace/hidden1.value/x") == expected_field({1, 0}, 2 * lanes, ticks));
  REQUIRE(h.numbers("/trace/hidden1.value/count") == expected_field({1, 1}, 2 * lanes, ticks));
  REQUIRE(h.numbers("/trace/hidden1.phi/spike") == expected_field({2, 0}, 2 * lanes, ticks));
  REQUIRE(h.size("/trace/hidden1.forward/theta") == std::vector<hsize_t>{ticks.size(), 6});
  REQUIRE(h.numbers("/trace/hidden1.forward/theta") == expected_weights(0, 6, ticks));
  REQUIRE(h.numbers("/trace/hidden1.some/theta") == expected_weights(2, 1, ticks));
}

TEST_CASE_METHOD(recorded, "wide populations and many lanes take several chunks") {
  const circuit c = fake_circuit(models, "f64", 7, 300, 150);
  fake_simulator s(c);
  trace_writer trace(c, recording(file, everything), provenance, false);
  run_ticks(trace, s, 0, 131);
  trace.close();
  const stored h(file);
  const auto ticks = ticks_up_to(131, 1);
  REQUIRE(h.numbers("/trace/input.value/x") == expected_field({0, 0}, 300 * 7, ticks));
  REQUIRE(h.numbers("/trace/hidden1.forward/theta") == expected_weights(0, 300 * 150, ticks));
}

TEST_CASE_METHOD(recorded, "events are listed by tick, then node, then lane, whatever the interval of the frames") {
  const auto lanes = GENERATE(1u, 3u);
  const auto every = GENERATE(1u, 3u);
  const circuit c = fake_circuit(models, "f32", lanes, 3, 4);
  fake_simulator s(c);
  trace_writer trace(c, recording(file, {"phi.spike"}, every), provenance, true);
  run_ticks(trace, s, 0, 50);
  s.change = 49;
  trace.on_quiet(50, 60, s);
  trace.close();

  std::vector<double> ticks;
  std::vector<std::int64_t> nodes, lane_ids;
  for (tick_t t = 0; t < 60; ++t) {
    for (std::size_t i = 0; i < 4 * lanes; ++i) {
      if (fake_simulator::field_number({2, 0}, i, std::min<tick_t>(t, 49)) == 0) continue;
      ticks.push_back(static_cast<double>(t));
      nodes.push_back(static_cast<std::int64_t>(i / lanes));
      lane_ids.push_back(static_cast<std::int64_t>(i % lanes));
    }
  }
  REQUIRE(ticks.size() > 20);
  const stored h(file);
  REQUIRE(h.numbers("/spikes/hidden1.phi/timestamps") == ticks);
  REQUIRE(h.integers("/spikes/hidden1.phi/node_ids") == nodes);
  REQUIRE(h.integers("/spikes/hidden1.phi/lanes") == lane_ids);
  REQUIRE(h.text("/spikes/hidden1.phi/timestamps", "units") == "tick");
  REQUIRE(h.number<std::uint8_t>("/spikes/hidden1.phi", "sorting", [] {
    static const hid_t type = [] {
      const hid_t made = H5Tenum_create(H5T_STD_U8LE);
      const std::uint8_t values[] = {0, 1, 2};
      H5Tenum_insert(made, "none", &values[0]);
      H5Tenum_insert(made, "by_id", &values[1]);
      H5Tenum_insert(made, "by_time", &values[2]);
      return made;
    }();
    return type;
  }()) == 2);
}

TEST_CASE_METHOD(recorded, "a quiet stretch repeats what was seen last") {
  const circuit c = fake_circuit(models, "f64", 2);
  fake_simulator s(c);
  trace_writer trace(c, recording(file, {"x", "theta"}, 3), provenance, false);
  run_ticks(trace, s, 0, 5);              // frames 0, 3; tick 4 was seen last
  trace.on_quiet(5, 6, s);                // no frame
  trace.on_quiet(6, 100'000, s);          // frames 6, 9, ..., 99999, all as tick 4
  run_ticks(trace, s, 100'000, 100'003);  // frame 100002
  trace.close();

  const stored h(file);
  const auto ticks = ticks_up_to(100'003, 3);
  REQUIRE(h.integers("/trace/tick") == std::vector<std::int64_t>(ticks.begin(), ticks.end()));
  std::vector<tick_t> seen(ticks.size(), 4);
  seen[0] = 0;
  seen[1] = 3;
  seen.back() = 100'002;
  REQUIRE(h.numbers("/trace/hidden1.value/x") == expected_field({1, 0}, 4, seen));
  REQUIRE(h.numbers("/trace/hidden1.forward/theta") == expected_weights(0, 6, seen));
}

TEST_CASE_METHOD(recorded, "events of a long quiet stretch pass through in bounded blocks") {
  const circuit c = fake_circuit(models, "f32", 1, 1, 7);
  fake_simulator s(c);
  trace_writer trace(c, recording(file, {"phi.spike"}, 1'000'000), provenance, false);
  trace.on_tick(0, s);
  trace.on_quiet(1, 1'200'000, s);  // one event a tick, more than a block takes
  trace.close();
  const stored h(file);
  const auto times = h.numbers("/spikes/hidden1.phi/timestamps");
  REQUIRE(times.size() == 1'200'000);
  for (std::size_t t = 0; t < times.size(); t += 1000) REQUIRE(times[t] == static_cast<double>(t));
  REQUIRE(h.integers("/trace/tick") == std::vector<std::int64_t>{0, 1'000'000});
}

TEST_CASE_METHOD(recorded, "a run may start at any tick") {
  const circuit c = fake_circuit(models, "f64", 1);
  fake_simulator s(c);
  trace_writer trace(c, recording(file, {"value.x"}, 4), provenance, false);
  run_ticks(trace, s, 1001, 1010);
  trace.on_quiet(1010, 1013, s);
  trace.close();
  REQUIRE(stored(file).integers("/trace/tick") == std::vector<std::int64_t>{1004, 1008, 1012});
}

TEST_CASE_METHOD(recorded, "equal runs are equal bytes, whatever the order of the patterns") {
  const circuit c = fake_circuit(models, "f32", 3, 40, 30);
  const std::string other = folder.path("other.h5");
  for (const std::string& path : {file, other}) {
    auto record = everything;
    if (path == other) std::reverse(record.begin(), record.end());
    fake_simulator s(c);
    trace_writer trace(c, recording(path, record), provenance, false);
    run_ticks(trace, s, 0, 700);
    trace.on_quiet(700, 900, s);
    trace.close();
  }
  REQUIRE(bytes_of(file).size() > 100'000);
  REQUIRE((bytes_of(file) == bytes_of(other)));
}

TEST_CASE_METHOD(recorded, "the predicted size is that of the numbers") {
  const circuit c = fake_circuit(models, "f32", 3);
  const auto trace = recording(file, everything, 2);
  // Frames of ticks 0, 2, 4: a tick number; x and count of 5 neurons and 2 spikes, 3 lanes; 6 + 1 weights.
  const std::uint64_t frame = 8 + 4 * (2 * 5 * 3 + 2 * 3 + 7);
  REQUIRE(trace_writer::predicted_bytes(c, trace, {}, 5) == 3 * frame + 7 * 8);
  REQUIRE(trace_writer::predicted_bytes(c, trace, {}, 6) == 3 * frame + 7 * 8);
  REQUIRE(trace_writer::predicted_bytes(c, trace, {}, 7) == 4 * frame + 7 * 8);
  REQUIRE(trace_writer::predicted_bytes(c, recording(file, {}, 1), {}, 10) == 80);
}

TEST_CASE_METHOD(recorded, "a model with two kinds of events has a list for each") {
  models.detector.fields.push_back({.name = "offset", .unit = "1", .meaning = "end", .event = true});
  const circuit c = fake_circuit(models, "f64", 1);
  fake_simulator s(c);
  trace_writer trace(c, recording(file, {"phi.*"}), provenance, false);
  run_ticks(trace, s, 0, 10);
  trace.close();
  const stored h(file);
  REQUIRE(h.has("/spikes/hidden1.phi.spike/timestamps"));
  REQUIRE(h.has("/spikes/hidden1.phi.offset/timestamps"));
}

TEST_CASE_METHOD(recorded, "a projection without synapses has an empty trace") {
  circuit c = fake_circuit(models, "f64", 1);
  sparse_connections none;
  for (std::uint32_t target = 0; target < c.size_after(c.projections[2]); ++target) none.add_target({});
  c.projections[2].connections = none;
  fake_simulator s(c);
  trace_writer trace(c, recording(file, {"some.theta"}), provenance, false);
  run_ticks(trace, s, 0, 10);
  trace.close();
  REQUIRE(stored(file).size("/trace/hidden1.some/theta") == std::vector<hsize_t>{10, 0});
}

}  // namespace test_trace_trace_writer
