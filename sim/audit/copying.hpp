#pragma once
/// Weights that are copied while the circuit runs, by whatever means: some weights of one projection are disturbed, and
/// those of another are looked at. What learns for itself hardly answers; a copy answers with the same disturbance,
/// times a factor, and with nothing else.

#include <cstdint>
#include <vector>

#include "sim/audit/script.hpp"

namespace locus {

/// Does the target follow the source?
struct watched_pair {
  std::size_t source = 0;
  std::size_t target = 0;
  bool transposed = true;  ///< connections i -> j of the one are held against j -> i of the other
};

struct following {
  bool asked = false;           ///< somebody wants to know, and the target can change
  std::uint64_t disturbed = 0;  ///< weights, over all runs; 0: not measured, or the circuit answered too strongly
  double factor = 0;            ///< change of the target's weights over that of the source's, by least squares
  double explained = 0;         ///< share of the target's change (squared) that this factor, one for all runs, explains
  bool copies = false;
};

struct copying_options {
  std::uint64_t seed = 1;
  /// A copy: what its factor explains of all that the target did is at least this ...
  double least_explained = 0.99;
  /// ... and the factor is at least this, or that of the weights themselves.
  double least_factor = 0.1;
};

/// For each pair. The runs begin at several ticks of several presentations of the script and last for up to three
/// presentations, each from its first tick to its last: what is copied less often is not seen.
/// Requires: no source or target shares the weights of another projection.
[[nodiscard]] std::vector<following> measure_copying(const circuit& c, const script& world,
                                                     const std::vector<watched_pair>& pairs,
                                                     const copying_options& options = {});

}  // namespace locus
