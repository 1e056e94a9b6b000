#pragma once
/// The angle between the weight updates of two circuits that start from the same weights.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sim/engine/simulator.hpp"

namespace locus {

/// Euclidean.
[[nodiscard]] double length(const std::vector<double>& v);

/// Angle between two vectors in degrees, 0 to 180, exact to rounding also near both ends (Kahan 2006). Not a number if
/// one of them is 0. Requires: as many numbers in both.
[[nodiscard]] double angle_between(const std::vector<double>& a, const std::vector<double>& b);

/// What one update, or a mean over several, came to.
struct angle_sample {
  std::vector<double> layers;  ///< degrees, in the order of update_angles::names(); not a number: no update
  double all = 0;              ///< of all layers as one vector
  std::vector<double> ratios;  ///< |our update| / |their update|, in the same order; not a number: theirs is 0
};

/// Compares the projections that learn in both circuits and have the same name. Before each update the other circuit
/// gets our weights, so that both answer the same question.
class update_angles {
 public:
  /// Throws usage_error if there is no such projection, or if two of one name differ in size. Both must outlive this.
  update_angles(const simulator& ours, simulator& theirs);

  void before_update();
  [[nodiscard]] angle_sample after_update() const;

  [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }

 private:
  const simulator& ours_;
  simulator& theirs_;
  std::vector<std::pair<std::size_t, std::size_t>> pairs_;
  std::vector<std::string> names_;
  std::vector<std::vector<double>> before_;  ///< [pair]
};

/// Mean over samples, leaving out what is not a number.
class angle_mean {
 public:
  void add(const angle_sample& sample);
  [[nodiscard]] angle_sample mean() const;

 private:
  angle_sample sum_, count_;
};

}  // namespace locus
