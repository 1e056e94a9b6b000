#pragma once
/// When presentations happen: what a netlist's timeline says of each.

#include <cstdint>
#include <span>
#include <vector>

#include "sim/core/tick.hpp"
#include "sim/netlist/description.hpp"

namespace locus {

/// Lengths of one presentation's parts, in ticks, and what its draws are keyed by.
struct presentation_times {
  std::int64_t predict = 0;
  std::int64_t teach = 0;
  std::int64_t rest = 0;
  std::uint64_t number = 0;  ///< of the presentation
};

/// A presentation that begins, for those who record a run.
struct begun_presentation {
  tick_t first = 0;  ///< tick
  presentation_times times;
  std::uint32_t epoch = 0;                 ///< from 1
  std::span<const std::uint32_t> samples;  ///< [lane]: rows of the training data
  std::span<const std::int32_t> labels;    ///< [row of the training data]: its class; empty: there are no classes
};

/// The times of presentation number `which`: fixed, or one draw from the ranges, the same for all lanes.
[[nodiscard]] presentation_times draw_times(const timeline_description& timeline, std::uint64_t which);

/// The shortest presentation that has all parts of the timeline: a part whose length is drawn lasts at least a tick.
[[nodiscard]] presentation_times shortest_times(const timeline_description& timeline) noexcept;

/// The ticks in which a trace records, in ascending order and apart from each other: [from, until), and within that the
/// ticks of the chosen presentations (number 0 starts at tick 0).
[[nodiscard]] std::vector<window> recorded_ticks(const trace_description& trace, const timeline_description& timeline);

/// Ticks of one presentation at most.
[[nodiscard]] std::uint64_t longest_presentation(const timeline_description& timeline) noexcept;

/// Throws usage_error if so many presentations could take more ticks than a run can have (longest_run).
void check_run_length(const timeline_description& timeline, std::uint64_t presentations);

}  // namespace locus
