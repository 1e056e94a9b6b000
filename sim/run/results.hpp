#pragma once
/// What a run came to, for programs and for other runs.

#include <chrono>
#include <string>

#include "sim/experiment/experiment.hpp"
#include "sim/trace/trace_file.hpp"

namespace locus {

/// Facts of a run that are not part of its result.
struct run_facts {
  std::string netlist;
  std::string data;
  std::string data_note;
  std::uint64_t seed = 0;  ///< of the first projection with random weights
  double wall_s = 0;
  std::string trace;                ///< file, or ""
  std::string weights;              ///< file, or ""
  std::string checkpoint;           ///< file, or ""
  std::string resumed_from;         ///< file, or ""
  std::uint64_t resumed_after = 0;  ///< presentations
  tick_t resumed_at = 0;            ///< tick
};

/// JSON: the file of `locus run --json`. What was not measured is null.
[[nodiscard]] std::string results_as_json(const run_result& r, const run_facts& facts, const circuit& c);

/// One epoch of it.
[[nodiscard]] std::string epoch_as_json(const epoch_result& e, const circuit& c);

/// Writes the weights of all synapses (write_weights), and where not all neurons are connected which are, so that each
/// can be told whose it is. Throws run_error.
void save_weights(const std::string& file, const simulator& s, const trace_provenance& run);

}  // namespace locus
