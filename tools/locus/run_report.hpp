#pragma once
/// What `locus run` says of a run: tables and summary for people, JSON for programs.

#include <cstdint>
#include <string>

#include "sim/experiment/experiment.hpp"

namespace locus::tools {

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

[[nodiscard]] std::uint64_t weights_seed(const description& netlist);

void print_start(const experiment& x, const description& netlist, const run_facts& facts, const data_set& data);
void print_summary(const run_result& r, const run_facts& facts, const circuit& c);

/// Throws run_error if the file cannot be written; "-" is standard output.
void write_json(const std::string& file, const run_result& r, const run_facts& facts, const circuit& c);

}  // namespace locus::tools
