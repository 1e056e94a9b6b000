#pragma once
/// Runs a sweep, or a part of it, into a file; and joins the files of parts.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/sweep/plan.hpp"
#include "sim/sweep/sweep_file.hpp"

namespace locus::sweep {

/// Cells number, number + of, ... (counted from 0).
struct shard {
  std::size_t number = 0, of = 1;  ///< number < of

  [[nodiscard]] bool has(std::size_t cell) const noexcept { return cell % of == number; }
};

/// Reads "3/10": the third of ten. Throws usage_error.
[[nodiscard]] shard parse_shard(std::string_view text);

struct run_options {
  std::string file;
  std::size_t jobs = 1;       ///< cells at the same time, at least 1
  std::uint32_t threads = 1;  ///< of each
  shard part;
  bool replace = false;  ///< begin anew, whatever is in the file
  /// Called before the first cell, with how many are to be run, and how many of this part need not be.
  std::function<void(std::size_t to_run, std::size_t known)> on_start;
  std::function<void(std::size_t cell, const cell_result& result)> on_cell;  ///< after it was written
  std::function<bool()> stop;  ///< asked several times a second: true ends what runs, of which nothing is kept
};

/// Runs what is missing in the file, which is made if there is none: cells that have not run, and those that died.
/// Returns all that is in the file then. Throws usage_error if the file has the answers to another question,
/// run_error if it cannot be read or written. Requires: the plan was checked; no other threads run (run_jobs).
results run(const plan& what, const run_options& options);

/// One cell, in this process. Throws what a run throws.
[[nodiscard]] cell_result run_cell(const plan& what, std::size_t cell, std::uint32_t threads);

/// What several files have the answers to, together: of a cell that is in several, the one that is done. Throws
/// usage_error if two have different questions, or different results of one cell.
[[nodiscard]] results join(const std::vector<std::string>& files);

/// Writes results into a file of their own.
void write(const std::string& file, const results& all, bool replace);

}  // namespace locus::sweep
