#pragma once
/// Which way a projection leads: away from the inputs, or back. Found from connections alone.

#include <cstdint>
#include <vector>

#include "sim/circuit/circuit.hpp"

namespace locus {

/// A population and those that synapses onto it see as their postsynaptic end are one column: an error neuron stands
/// where its value neuron stands. A column's level is its distance, in projections, from the populations that inputs
/// stimulate.
class ways {
 public:
  explicit ways(const circuit& c);

  /// 1: away from the inputs, -1: towards them, 0: neither, or no input reaches it.
  [[nodiscard]] int way_of(const projection& p) const;

  /// Whether b leads from the column where a ends to the column where a begins.
  [[nodiscard]] bool swapped(const projection& a, const projection& b) const;

  /// Whether the two lead opposite ways: by their levels, or, where these say nothing, because they are swapped.
  /// `transposed`: whether connections i -> j of one are held against j -> i of the other. Within one column every
  /// projection is swapped with every other; there, only the transposed are opposite.
  [[nodiscard]] bool opposite(const projection& a, const projection& b, bool transposed) const;

 private:
  [[nodiscard]] std::size_t from(const projection& p) const { return column_[p.from.population]; }
  [[nodiscard]] std::size_t to(const projection& p) const { return column_[p.to.population]; }

  static constexpr std::uint32_t unreachable = UINT32_MAX;
  std::vector<std::size_t> column_;   ///< [population]: the first population of its column
  std::vector<std::uint32_t> level_;  ///< [column]
};

}  // namespace locus
