#pragma once
/// What linear networks can come to on a set of samples: its second moments, and the best regression of a given rank.

#include <cstddef>
#include <memory>
#include <vector>

#include "sim/data/data_set.hpp"

namespace locus {

/// Moments <x x^T>, <y x^T>, <y y^T> over samples. Losses are those of runs: the mean of |y - V W x|^2 / 2.
class linear_regression {
 public:
  /// Requires: data.count() > 0.
  explicit linear_regression(const samples& data);
  ~linear_regression();

  /// Of the network V W; W is hidden x inputs and V targets x hidden, both row-major.
  [[nodiscard]] double loss(const std::vector<double>& w, const std::vector<double>& v) const;

  /// The least loss of any V W with `rank` hidden units: (tr <y y^T> - sum of the `rank` largest eigenvalues of
  /// <y x^T> <x x^T>^+ <x y^T>) / 2 (reduced-rank regression, Izenman 1975). Directions of x whose variance is below
  /// 1e-10 of the largest count as absent.
  [[nodiscard]] double least_loss(std::size_t rank) const;

 private:
  struct moments;
  std::unique_ptr<moments> moments_;
};

}  // namespace locus
