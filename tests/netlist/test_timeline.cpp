#include "sim/netlist/timeline.hpp"

#include <catch2/catch.hpp>

#include <limits>

#include "sim/core/errors.hpp"
#include "sim/core/whole_number.hpp"

namespace test_netlist_timeline {

using namespace locus;

namespace {

constexpr tick_t end_of_time = std::numeric_limits<tick_t>::max();

timeline_description timeline(tick_range predict, tick_range teach, tick_range rest) {
  timeline_description t;
  t.predict = predict;
  t.teach = teach;
  t.rest = rest;
  return t;
}

}  // namespace

TEST_CASE("timeline: a trace records everything, or the ticks of its window") {
  const auto t = timeline({8, 8, {}}, {4, 4, {}}, {0, 0, {}});
  trace_description trace;
  CHECK(recorded_ticks(trace, t) == std::vector<window>{{0, end_of_time}});
  trace.from = 3;
  trace.until = 9;
  CHECK(recorded_ticks(trace, t) == std::vector<window>{{3, 9}});
}

TEST_CASE("timeline: windows of presentations are sorted, joined where they touch, and cut by the window of ticks") {
  const auto t = timeline({8, 8, {}}, {4, 4, {}}, {0, 0, {}});
  trace_description trace;
  trace.presentations = {{5, 6}, {0, 1}, {1, 3}};
  CHECK(recorded_ticks(trace, t) == std::vector<window>{{0, 36}, {60, 72}});
  trace.from = 30;
  trace.until = 62;
  CHECK(recorded_ticks(trace, t) == std::vector<window>{{30, 36}, {60, 62}});
  trace.until = 31;
  CHECK(recorded_ticks(trace, t) == std::vector<window>{{30, 31}});
}

TEST_CASE("timeline: with drawn times a presentation starts where the ones before it end") {
  const auto t = timeline({3, 9, {}}, {1, 5, {}}, {0, 4, {}});
  tick_t start = 0;
  for (std::uint64_t n = 0; n < 20; ++n) {
    const presentation_times times = draw_times(t, n);
    const tick_t next = start + times.predict + times.teach + times.rest;
    trace_description trace;
    trace.presentations = {{static_cast<std::int64_t>(n), static_cast<std::int64_t>(n) + 1}};
    CHECK(recorded_ticks(trace, t) == std::vector<window>{{start, next}});
    start = next;
  }
}

TEST_CASE("timeline: windows of presentations far beyond any run begin at its latest tick") {
  trace_description trace;
  trace.presentations = {{0, longest_time}};
  const auto t = timeline({longest_time, longest_time, {}}, {4, 4, {}}, {0, 0, {}});
  CHECK(recorded_ticks(trace, t) == std::vector<window>{{0, longest_run}});
}

TEST_CASE("timeline: a run is as long as ticks can be added up") {
  const auto t = timeline({1, longest_time, {}}, {0, 0, {}}, {0, 0, {}});
  CHECK_NOTHROW(check_run_length(t, std::uint64_t{1} << 21));
  CHECK_THROWS_AS(check_run_length(t, (std::uint64_t{1} << 21) + 1), usage_error);
  CHECK_THROWS_AS(check_run_length(t, std::numeric_limits<std::uint64_t>::max()), usage_error);
  CHECK_NOTHROW(check_run_length(timeline({0, 0, {}}, {0, 0, {}}, {0, 0, {}}), ~std::uint64_t{0}));
}

}  // namespace test_netlist_timeline
