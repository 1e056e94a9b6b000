#pragma once
/// What a sweep runs: one run of a netlist for each combination of its axes' values and seeds.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/data/data_set.hpp"
#include "sim/netlist/netlist.hpp"
#include "sim/sweep/cell_grid.hpp"

namespace locus::sweep {

struct request {
  std::vector<document> netlists;    ///< at least one; several are an axis, of their names
  std::vector<axis> axes;            ///< of different keys, none of them netlist_key
  std::vector<std::uint64_t> seeds;  ///< empty: the netlists' own
  std::vector<std::string> fixed;    ///< keys that --set holds: no seed is put there
  std::uint64_t max_updates = 0;     ///< of each run; 0: as the netlist says
  bool evaluate = true;              ///< score the test set after each epoch
};

class plan {
 public:
  /// Throws usage_error for netlists of the same name, axes with the same key, equal seeds, and too many cells.
  plan(request asked, const template_catalogue& templates);

  [[nodiscard]] const request& asked() const noexcept { return asked_; }
  /// With the axis of netlists first, if there are several.
  [[nodiscard]] const cell_grid& grid() const noexcept { return grid_; }

  /// Reads every cell's netlist, and builds the circuit of each value once, on its data, in processes of their own,
  /// `at_once` at a time: so that mistakes are found before anything runs. Loads the data, for data(). `tell` is
  /// called with what netlists warn of, each sentence once. Throws usage_error for the first mistake, naming the value;
  /// run_error if data cannot be read.
  void check(std::size_t at_once, const std::function<void(const std::string&)>& tell);

  /// After check(): epochs of the longest cell, what cells report beside their scores, and the SHA-256 of all their
  /// netlists.
  [[nodiscard]] std::uint32_t epochs() const noexcept { return epochs_; }
  [[nodiscard]] const std::vector<std::string>& reports() const noexcept { return reports_; }
  [[nodiscard]] const std::string& netlists_sha256() const noexcept { return sha256_; }

  /// Keys that a cell's seed is put into.
  [[nodiscard]] std::vector<std::string> seed_keys(std::size_t cell) const;
  /// What makes a cell of its netlist: --set's words.
  [[nodiscard]] std::vector<std::string> overrides(std::size_t cell) const;
  [[nodiscard]] document netlist(std::size_t cell) const;
  /// Throws usage_error.
  [[nodiscard]] description read(std::size_t cell) const;
  /// What check() has loaded, or what is loaded now.
  [[nodiscard]] std::shared_ptr<const data_set> data(const description& netlist) const;

 private:
  struct loaded_data {
    data_description described;
    std::shared_ptr<const data_set> set;
  };

  [[nodiscard]] std::size_t netlist_of(std::size_t cell) const;
  [[nodiscard]] std::vector<std::string> values(std::size_t cell) const;
  void find_seed_keys();
  void read_all(const std::function<void(const std::string&)>& tell);
  void note_data(const data_description& described);
  void try_values(std::size_t at_once) const;
  [[noreturn]] void refuse(std::size_t cell, const std::string& complaint) const;

  request asked_;
  const template_catalogue& templates_;
  cell_grid grid_;
  std::vector<std::vector<std::string>> seed_keys_;  ///< [netlist]
  std::uint32_t epochs_ = 0;
  std::vector<std::string> reports_;
  std::string sha256_;
  std::vector<data_description> described_;
  std::vector<loaded_data> data_;
};

}  // namespace locus::sweep
