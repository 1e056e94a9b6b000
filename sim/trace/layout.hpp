#pragma once
/// How a trace's numbers lie in memory and in the file: blocks of frames, which are rows of chunks.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/circuit/circuit.hpp"
#include "sim/core/tick.hpp"
#include "sim/netlist/timeline.hpp"
#include "sim/trace/selection.hpp"

namespace locus {

/// The group and the name of a recorded variable, and what it is.
struct variable_names {
  std::string group;     ///< of the population or projection
  std::string variable;  ///< "x", "theta"
  std::string units;
  std::string long_name;
};
[[nodiscard]] variable_names names_of(const circuit& c, const recorded_variable& v);

/// Where the file says what the numbers of a dimension of a variable mean; `scale`: "neuron", "lane", "source",
/// "target". Not beside the variables, which may be called so too.
struct scale_paths {
  std::string shared;  ///< of all variables of a population or projection,
  std::string own;     ///< but of this one, if it is there
};
[[nodiscard]] scale_paths paths_of_scale(const std::string& group, const std::string& variable, std::string_view scale);

/// One variable that is recorded in frames.
struct trace_column {
  recorded_variable source;
  variable_names names;
  std::vector<std::uint64_t> shape;  ///< of a frame: {neurons}, {neurons, lanes} or {synapses}
  std::vector<std::uint64_t> chunk;  ///< frames first
  std::size_t bytes = 0;             ///< of a frame
};

/// The frames of a trace. Blocks hold each column's frames contiguously, column after column.
struct trace_layout {
  std::vector<recorded_variable> variables;  ///< all, in the order of the circuit
  std::vector<trace_column> columns;
  bool single = false;  ///< recorded numbers are float, not double
  std::size_t lanes = 1;
  std::size_t frames = 0;       ///< of a block, which is written in one go: a multiple of those of each chunk
  std::size_t frame_bytes = 0;  ///< all columns
  std::uint32_t every = 1;
  std::vector<window> windows;  ///< ticks that are recorded, ascending and apart

  [[nodiscard]] std::size_t number_bytes() const { return single ? sizeof(float) : sizeof(double); }
};

/// Throws usage_error for a pattern that matches nothing, and for names that a trace reserves.
[[nodiscard]] trace_layout make_layout(const circuit& c, const trace_description& trace,
                                       const timeline_description& timeline);

/// The frames of a run of the ticks [0, ticks): those that `every` divides, within the windows.
[[nodiscard]] std::uint64_t frames_within(std::uint64_t ticks, const trace_layout& layout);

}  // namespace locus
