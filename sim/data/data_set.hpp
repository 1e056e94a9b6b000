#pragma once
/// The data of a run: inputs and targets, for training and for the test.

#include <cstdint>
#include <string>
#include <vector>

#include "sim/data/number_table.hpp"
#include "sim/netlist/description.hpp"

namespace locus {

/// Inputs and targets: a row for each frame, one sample's frames after the other's. Without frames, row i of both is
/// sample i. Invariant: targets of all samples, or none.
struct samples {
  number_table input;
  number_table target;
  std::uint32_t input_frames = 1;   ///< frames of a sample
  std::uint32_t target_frames = 1;  ///< frames of a sample

  [[nodiscard]] std::uint32_t count() const noexcept { return input.rows() / input_frames; }
  [[nodiscard]] std::uint32_t inputs() const noexcept { return input.columns(); }    ///< width of a row
  [[nodiscard]] std::uint32_t targets() const noexcept { return target.columns(); }  ///< width of a row; 0: no targets

  /// Where a sample's frame stands. Requires: i < count(), frame < input_frames (target_frames).
  [[nodiscard]] std::uint32_t input_row(std::uint32_t i, std::uint32_t frame) const { return i * input_frames + frame; }
  [[nodiscard]] std::uint32_t target_row(std::uint32_t i, std::uint32_t frame) const {
    return i * target_frames + frame;
  }

  /// All numbers of a sample, frame by frame. Requires: i < count().
  [[nodiscard]] std::vector<double> input_of(std::uint32_t i) const;
  [[nodiscard]] std::vector<double> target_of(std::uint32_t i) const;
};

/// Invariant: all numbers are finite; the test's rows are as wide as those for training and have as many frames, even
/// if there are none.
struct data_set {
  samples train;
  samples test;      ///< may be empty
  std::string name;  ///< the source as the netlist names it
  std::string note;  ///< attribution and licence, or where the data were read: one line
};

/// Reads what the netlist asks for and keeps the first train_limit and test_limit samples (0, or more than there
/// are: all). Names of files are those of the description: a netlist's are absolute. The formats are in
/// sim/data/README.md. Throws usage_error for a mistake in the netlist (numbers in it are part of it), run_error for
/// unreadable data. Requires: no other threads run, if this process is to survive whatever HDF5 file.
[[nodiscard]] data_set load_data(const data_description& description);

/// Where `tools/data fetch` puts data sets: $LOCUS_DATA, else $XDG_DATA_HOME/locus, else ~/.local/share/locus.
[[nodiscard]] std::string data_folder();

}  // namespace locus
