#pragma once
/// A sweep's results in one HDF5 file, which is whole at every moment: its size is that of the whole sweep from the
/// start, and a cell's row counts when its state is written, after all else. The format is in sim/sweep/README.md.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/sweep/cell.hpp"
#include "sim/sweep/plan.hpp"

namespace locus::sweep {

/// What a file has the answers to.
struct question {
  std::int64_t bits_version = 0;
  std::vector<std::string> names;     ///< of the netlists
  std::vector<std::string> netlists;  ///< canonical texts, with --set, without values of axes and seeds
  cell_grid grid;
  std::vector<std::string> seed_keys;  ///< of the first cell
  std::uint64_t max_updates = 0;       ///< 0: as the netlist says
  bool evaluate = true;                ///< the test set is scored
  std::string netlists_sha256;         ///< of all cells'
  std::uint32_t epochs = 0;            ///< of the longest cell
  std::vector<std::string> reports;    ///< beside the scores
};

/// Requires: the plan was checked.
[[nodiscard]] question question_of(const plan& of);

/// How `there`, of a file, is another question than `here`, in a sentence; nothing if it is the same.
[[nodiscard]] std::optional<std::string> difference(const question& there, const question& here);

/// All that a file tells.
struct results {
  question asked;
  std::vector<cell_result> cells;  ///< [cell]
};

/// Throws run_error if it is no sweep's file, or damaged. Requires: no other threads run, if this process is to survive
/// whatever file.
[[nodiscard]] results read_results(const std::string& file);

/// A file to put cells into. Nobody else writes it meanwhile. All errors are run_error.
class results_file {
 public:
  /// A new one, without cells; `replace`: there may be a file of that name.
  [[nodiscard]] static results_file create(const std::string& file, const question& asked, bool replace);
  /// One that read_results() has read.
  [[nodiscard]] static results_file open(const std::string& file, const question& asked);

  results_file(results_file&&) noexcept;
  ~results_file();

  /// The cell is in the file when this returns, and will be whatever happens to this process.
  void put(std::size_t cell, const cell_result& result);

  /// Throws if anything did not get there.
  void close();

 private:
  class content;
  explicit results_file(std::unique_ptr<content> kept);
  std::unique_ptr<content> content_;
};

}  // namespace locus::sweep
