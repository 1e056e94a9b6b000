#pragma once
/// When presentations happen: what a netlist's timeline says of each.

#include <cstdint>
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

/// The times of presentation number `which`: fixed, or one draw from the ranges, the same for all lanes.
[[nodiscard]] presentation_times draw_times(const timeline_description& timeline, std::uint64_t which);

/// The ticks in which a trace records, in ascending order and apart from each other: [from, until), and within that the
/// ticks of the chosen presentations (number 0 starts at tick 0).
[[nodiscard]] std::vector<window> recorded_ticks(const trace_description& trace, const timeline_description& timeline);

/// Ticks of one presentation at most.
[[nodiscard]] std::uint64_t longest_presentation(const timeline_description& timeline) noexcept;

/// Throws usage_error if so many presentations could take more ticks than a run can have (longest_run).
void check_run_length(const timeline_description& timeline, std::uint64_t presentations);

}  // namespace locus
