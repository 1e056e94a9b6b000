#pragma once
/// The classes of samples whose targets are categories.

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/data/data_set.hpp"

namespace locus {

/// Reads rows of targets as categories, one after the other: a row is one-hot, a single 1 among numbers that are 0 in
/// all rows, or -1 in all, of which its place is the class; or, of one column, class 1 for 1, class 0 for 0 (or -1).
class category_rows {
 public:
  /// Of these columns of the targets.
  explicit category_rows(window columns) : columns_(columns) {}

  /// The class of row i of the targets; nothing if the rows so far are no categories.
  [[nodiscard]] std::optional<std::int32_t> take(const samples& s, std::uint32_t i);

  [[nodiscard]] const std::optional<double>& low() const noexcept { return low_; }  ///< what is not 1, if any is
  [[nodiscard]] bool high() const noexcept { return high_; }                        ///< whether there was a 1

 private:
  window columns_;
  std::optional<double> low_;
  bool high_ = false;
};

/// The class of each sample, or nothing if the targets are no categories, or have frames.
[[nodiscard]] std::vector<std::int32_t> labels_of(const samples& s);

/// If these columns of a data set's targets are categories, and both 1 and its opposite occur: halfway between them.
[[nodiscard]] std::optional<double> category_threshold(const data_set& data, window columns);

}  // namespace locus
