#pragma once
/// How well two circuits' weights agree over a run, layer by layer.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sim/engine/simulator.hpp"

namespace locus {

enum class agreement { bit_identical, to_rounding, no };

/// What differs in one projection's weights, the largest over all updates.
struct layer_agreement {
  std::string projection;
  agreement level = agreement::bit_identical;
  double largest = 0;          ///< max |theta - theta of the other|
  double relative = 0;         ///< the same, over the largest change of the other's weights since the start
  std::uint64_t ulp = 0;       ///< of the largest difference
  std::size_t connection = 0;  ///< where
  std::uint64_t update = 0;    ///< when, from 1
  std::uint64_t first = 0;     ///< update at which they first differed by more than rounding; 0: never
  double ratio = 1;            ///< first update over the other's, by least squares
  double size = 1;             ///< of the first update in which some weight changed, over the other's
  std::uint64_t began = 0;     ///< that update; 0: none
};

/// The bound for "to rounding": 1e-9 in f64, 1e-3 in f32, relative.
[[nodiscard]] double rounding_bound(precision numbers);

/// Compares what two circuits have in common (common_learning, which may throw usage_error).
class weight_watch {
 public:
  weight_watch(const simulator& ours, const simulator& theirs);
  void after_update();
  [[nodiscard]] const std::vector<layer_agreement>& layers() const { return layers_; }
  [[nodiscard]] const std::vector<std::string>& alone() const { return alone_; }  ///< what could not be compared

 private:
  const simulator& ours_;
  const simulator& theirs_;
  std::vector<std::pair<std::size_t, std::size_t>> pairs_;
  std::vector<std::string> alone_;
  std::vector<std::vector<double>> start_;  ///< [pair]: ours before the first update
  std::vector<layer_agreement> layers_;
  std::uint64_t updates_ = 0;
};

/// The worse of two measurements of the same layers.
void take_worse(std::vector<layer_agreement>& all, const std::vector<layer_agreement>& more);
[[nodiscard]] agreement worst(const std::vector<layer_agreement>& layers);

}  // namespace locus
