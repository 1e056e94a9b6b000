#pragma once
/// The data of a run: inputs and targets, for training and for the test.

#include <cstdint>
#include <span>
#include <string>

#include "sim/data/number_table.hpp"
#include "sim/netlist/description.hpp"

namespace locus {

/// Inputs and targets, row i of both for sample i. Invariant: as many rows of targets as of inputs.
struct samples {
  number_table input;
  number_table target;

  [[nodiscard]] std::uint32_t count() const noexcept { return input.rows(); }
  [[nodiscard]] std::uint32_t inputs() const noexcept { return input.columns(); }    ///< width of a row
  [[nodiscard]] std::uint32_t targets() const noexcept { return target.columns(); }  ///< width of a row

  /// Requires: i < count(), out.size() == inputs().
  void input_row(std::uint32_t i, std::span<double> out) const { input.copy_row(i, out); }

  /// Requires: i < count(), out.size() == targets().
  void target_row(std::uint32_t i, std::span<double> out) const { target.copy_row(i, out); }
};

/// Invariant: all numbers are finite; the test rows are as wide as the training rows, even if there are none.
struct data_set {
  samples train;
  samples test;      ///< may be empty
  std::string name;  ///< the source as the netlist names it
  std::string note;  ///< attribution and licence, or where the data were read: one line
};

/// Reads what the netlist asks for and keeps the first train_limit and test_limit samples (0, or more than there
/// are: all). Names of files are those of the description: a netlist's are absolute. The formats are in
/// sim/data/README.md. Throws usage_error for a mistake in the netlist (inline data are part of it), run_error for
/// unreadable data.
[[nodiscard]] data_set load_data(const data_description& description);

/// Where `tools/data fetch` puts data sets: $LOCUS_DATA, else $XDG_DATA_HOME/locus, else ~/.local/share/locus.
[[nodiscard]] std::string data_folder();

}  // namespace locus
