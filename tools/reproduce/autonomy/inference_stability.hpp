#pragma once
/// Does the free-running inference of a predictive-coding circuit settle? Value neurons follow
/// x <- x + gamma (-eps + f'(x) sum theta' eps), eps^k = x^k - sum theta f(x^(k-1)) with layers counted from the
/// clamped input (Song, Lukasiewicz, Xu and Bogacz 2020, Eqs. 5 and 7). Near a state without errors a deviation d of
/// all values follows d <- (1 - gamma A^T A) d with A = d eps / d x = I - J, where J holds the Jacobians of the free
/// layers: it dies out iff gamma times the largest eigenvalue of A^T A is below 2.

#include <cstddef>
#include <optional>
#include <vector>

#include "sim/engine/simulator.hpp"

namespace locus {

/// A layer of value neurons that inference moves.
struct free_layer {
  std::size_t values = 0;               ///< population with fields "x" and "rate" and the parameter "activation"
  std::optional<std::size_t> synapses;  ///< dense projection to its errors from the free layer before; none: the first
};

/// The modes of a free-running inference, at the values and weights that a simulator has.
struct inference_modes {
  double fastest = 1;             ///< largest eigenvalue of A^T A, >= 1: that mode grows by 1 - gamma * fastest a tick
  double slowest = 1;             ///< smallest, > 0 and <= 1
  std::vector<double> direction;  ///< of the fastest mode, of length 1: values layer by layer, in the order of `layers`

  /// Whether small deviations die out.
  [[nodiscard]] bool stable(double gamma) const { return gamma * fastest < 2; }

  /// By what factor a deviation of all modes changes a tick in the end: the larger of |1 - gamma lambda|.
  [[nodiscard]] double growth(double gamma) const;
};

/// Layers from the input's side to the output. Exact for values that agree with their predictions; a silent rectified
/// unit has slope 0.
[[nodiscard]] inference_modes modes_of_inference(const simulator& s, const std::vector<free_layer>& layers,
                                                 std::size_t lane);

}  // namespace locus
