#pragma once
/// What `locus reproduce table3` says of its curves: tables, the closest match to the paper, a picture.

#include <string>
#include <vector>

#include "tools/reproduce/results.hpp"
#include "tools/reproduce/table3/counts.hpp"
#include "tools/reproduce/table3/grid.hpp"

namespace locus::tools {

/// A setting and what was counted for each of quiet_ticks, summed over presentations and seeds.
struct phi_curve {
  phi_setting setting;
  std::vector<onset_counts> output = std::vector<onset_counts>(std::size(quiet_ticks));
  std::vector<onset_counts> hidden = output;
};

/// One way to understand "success rate".
struct phi_reading {
  std::string_view name;
  std::string_view neurons;  ///< all | hidden
  double (onset_counts::*rate)() const;
};

/// Of all curves and readings, how far one is from the paper's row.
struct phi_match {
  const phi_curve* curve = nullptr;
  const phi_reading* reading = nullptr;
  std::vector<double> rates;  ///< [t_d], percent
  double distance = 0;        ///< mean absolute difference, percentage points
};

/// A rate to a tenth of a percent, as published, wants at least so many neuron presentations that were due.
inline constexpr std::uint64_t least_due = 1000;

/// Of the paper's circuit, all that have that many at each t_d, the closest first. The curves must outlive the result.
[[nodiscard]] std::vector<phi_match> matches_of(const std::vector<phi_curve>& curves);

/// Prints the tables, and writes tables and picture.
void report_phi(const std::vector<phi_curve>& curves, result_files& files);

}  // namespace locus::tools
