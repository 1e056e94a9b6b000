#pragma once
/// A trace as a value change dump (IEEE 1364-2005, section 18), which wave viewers such as GTKWave and Surfer read.

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/trace/column_selection.hpp"

namespace locus {

struct vcd_request {
  std::vector<chosen_columns> columns;  ///< what is written
  std::pair<tick_t, tick_t> ticks;      ///< [from, until)
  std::pair<std::uint32_t, std::uint32_t> lanes = {0, 1};
  std::set<std::string> events;  ///< full names of variables whose ones are events: wires, from /spikes
  std::string version;           ///< of the program
  std::function<void(tick_t now)> on_tick;
};

struct vcd_summary {
  std::uint64_t signals = 0, changes = 0;
  std::string timescale;  ///< "100 us, 1 tick = 1 of them"
};

/// Writes changes alone, in blocks: memory does not grow with ticks. Populations and projections are scopes, their
/// names taken apart at dots, and neurons scopes within: hidden1.value.neuron_3.x, on grids neuron_0_3; weights
/// hidden1.forward.onto_2.from_1.theta; of several lanes a scope lane_0 each. Numbers are `real` with 17 digits, events
/// `wire`s that are 1 for their tick. Throws run_error for damaged files, and for ticks that are too many to be counted
/// in the unit that `dt` needs.
vcd_summary write_vcd(std::ostream& out, const trace_reader& trace, const vcd_request& request);

}  // namespace locus
