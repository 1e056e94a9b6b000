#pragma once
/// How a trace's numbers lie in memory and in the file: blocks of frames, which are rows of chunks.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/circuit/circuit.hpp"
#include "sim/core/tick.hpp"
#include "sim/trace/selection.hpp"

namespace locus {

/// One recorded variable.
struct trace_column {
  std::string group;     ///< of the population or projection
  std::string variable;  ///< "x", "theta"
  std::string units;
  std::string long_name;
  std::vector<std::uint64_t> shape;  ///< of a frame: {neurons}, {neurons, lanes} or {synapses}
  std::vector<std::uint64_t> chunk;  ///< of a chunk, the frames left out
  std::size_t bytes = 0;             ///< of a frame
};

/// One list of events: the recorded event variables of a population.
struct spike_column {
  std::string group;  ///< "hidden1.phi"
  output_id field;
};

/// All of a trace. Blocks hold each column's frames contiguously, column after column.
struct trace_layout {
  trace_selection selection;
  std::vector<trace_column> columns;  ///< selection.fields, then selection.projections
  std::vector<spike_column> spikes;
  bool single = false;  ///< numbers are float, not double
  std::size_t lanes = 1;
  std::size_t frames = 0;       ///< of a block
  std::size_t frame_bytes = 0;  ///< all columns
  std::uint32_t every = 1;
  tick_t from = 0;
  tick_t until = 0;  ///< end of what is recorded; the last possible tick if the netlist names none

  [[nodiscard]] std::size_t number_bytes() const { return single ? sizeof(float) : sizeof(double); }
};

/// Throws usage_error for a pattern that matches nothing, and for names that a trace reserves.
[[nodiscard]] trace_layout make_layout(const circuit& c, const trace_description& trace);

/// The frames of a run of the ticks [0, ticks): those that `every` divides, within [from, until).
[[nodiscard]] std::uint64_t frames_within(std::uint64_t ticks, const trace_layout& layout);

}  // namespace locus
