#pragma once
/// A recorded run as SONATA: reports, spikes and simulation_config.json, beside the circuit (circuit_export.hpp).

#include <string>
#include <vector>

#include "sim/sonata/network.hpp"
#include "sim/sonata/output_folder.hpp"
#include "sim/trace/trace_reader.hpp"

namespace locus::sonata {

/// What came of an export.
struct export_summary {
  std::vector<std::string> files;     ///< simulation configs, within the folder
  std::vector<std::string> reports;   ///< names, without lanes
  std::uint64_t spikes = 0;           ///< in all lanes
  std::vector<std::string> left_out;  ///< a sentence each
};

/// The weights that the trace recorded last, where it has all of a projection's; otherwise those at the start.
/// Requires: both outlive the result.
[[nodiscard]] weights_of_projection last_weights_of(const trace_reader& trace, const circuit& c);

/// Writes what was recorded; `c` is the circuit of the trace's netlist. Memory: blocks of frames. Throws run_error.
[[nodiscard]] export_summary write_recordings(output_folder& folder, const trace_reader& trace, const circuit& c,
                                              const origin& from, const progress& tell);

}  // namespace locus::sonata
