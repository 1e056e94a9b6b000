#pragma once
/// A variable's values over an interval of ticks, in as many samples as a picture can show.

#include <string>
#include <vector>

#include "sim/trace/column_selection.hpp"

namespace locus {

/// What is asked for.
struct sampling {
  tick_t from = 0, until = 0;  ///< half-open
  std::uint32_t lane = 0;
  std::size_t most_samples = 2000;
  std::uint64_t overview_above = std::uint64_t{2000} * 2000;  ///< numbers in all lanes, from which the overview will do
  std::size_t most_rows = 2000;                               ///< neighbouring columns share a row if there are more
};

/// Sample k covers the ticks from + k * width ..., row r the columns from r * columns_of_row on.
/// Where nothing was recorded, both extremes are NaN.
struct sampled_values {
  tick_t from = 0;
  tick_t width = 1;  ///< ticks of a sample
  std::size_t samples = 0;
  std::size_t columns_of_row = 1;
  std::size_t rows = 0;
  std::vector<double> low, high;  ///< [row][sample]: the extremes; equal if a sample is one value
  bool all_lanes = false;         ///< extremes over all lanes, from the trace's overview

  /// The extreme of greater magnitude: short events do not disappear.
  [[nodiscard]] double strongest(std::size_t row, std::size_t sample) const;
  /// The tick in the middle of a sample.
  [[nodiscard]] double tick(std::size_t sample) const;
};

/// Reads all values, or for many numbers of a whole variable the trace's overview if there is
/// one. Throws run_error.
[[nodiscard]] sampled_values sample_values(const trace_reader& trace, const chosen_columns& chosen,
                                           const sampling& wanted);

}  // namespace locus
