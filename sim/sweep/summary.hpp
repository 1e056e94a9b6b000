#pragma once
/// What a sweep comes to: means over seeds, and differences from a setting that others are held against.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/sweep/sweep_file.hpp"

namespace locus::sweep {

/// Of some numbers.
struct spread {
  std::size_t count = 0;
  double mean = 0;  ///< not-a-number if there are none
  double sd = 0;    ///< of the sample (over count - 1); not-a-number for fewer than two

  friend bool operator==(const spread&, const spread&) = default;
};
/// Numbers that are not finite are left out.
[[nodiscard]] spread spread_of(const std::vector<double>& numbers);

/// All seeds of one combination of values.
struct setting_summary {
  std::vector<std::size_t> places;   ///< of its values, one an axis
  std::size_t done = 0, failed = 0;  ///< cells; failed: with those that died
  std::vector<spread> scores;        ///< [measure], after the last epoch, of the cells that are done
  std::optional<std::size_t> base;   ///< the setting that this one is held against
  std::vector<spread> differences;   ///< [measure]: its score less that of `base` with the same seed; empty without
};

struct summary {
  std::vector<std::string> measures;  ///< of the file: measures_with(reports)
  std::vector<setting_summary> settings;
  std::vector<axis> against;  ///< the axes whose values are held fixed in what is compared with, one value each
};

/// `against`: "circuit.activation=relu": each setting is held against the one whose values are these, and otherwise its
/// own; several name several axes. Throws usage_error for what is no value of the sweep.
[[nodiscard]] summary summarise(const results& all, const std::vector<std::string>& against = {});

/// Measures that at least one cell has.
[[nodiscard]] std::vector<std::size_t> measured(const summary& s);

/// The one that says most of how well a sweep's circuits learn: a score of the test set before one of training;
/// accuracy before R2 before a report before the loss. Nothing if nothing was measured.
[[nodiscard]] std::optional<std::size_t> main_measure(const summary& s);

}  // namespace locus::sweep
