#pragma once
/// The cells of a sweep, numbered through.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/sweep/axes.hpp"

namespace locus::sweep {

/// One cell for each combination of a value of each axis and a seed. Seeds change from cell to cell, then the last
/// axis; the first one is slowest.
struct cell_grid {
  std::vector<axis> axes;
  std::vector<std::uint64_t> seeds;  ///< empty: one cell for each combination of values

  [[nodiscard]] std::size_t cells() const { return settings() * replicates(); }
  /// Combinations of values.
  [[nodiscard]] std::size_t settings() const;
  /// Cells of each.
  [[nodiscard]] std::size_t replicates() const { return std::max<std::size_t>(1, seeds.size()); }

  /// Of a cell: the place of its value in each axis, and its seed.
  [[nodiscard]] std::vector<std::size_t> places(std::size_t cell) const;
  [[nodiscard]] std::optional<std::uint64_t> seed(std::size_t cell) const;
  /// The cell with these values and the first seed.
  [[nodiscard]] std::size_t cell_at(const std::vector<std::size_t>& places) const;

  /// "learning.alpha=0.01, circuit.activation=tanh, seed 3"; "the netlist" if nothing is varied.
  [[nodiscard]] std::string text(std::size_t cell) const;

  friend bool operator==(const cell_grid&, const cell_grid&) = default;
};

}  // namespace locus::sweep
