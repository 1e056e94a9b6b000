#pragma once
/// Backpropagation for one batch, as a textbook writes it, with the project's canonical sums: what the circuits' errors
/// and weights are compared with.

#include <cstddef>
#include <vector>

#include "tests/reference/reference.hpp"

namespace locus::dense {

/// Layers are counted from the input; values are [neuron][lane], weights [post][pre].
template <class P, class A = canonical>
struct backpropagation {
  using values = std::vector<P>;

  std::vector<std::size_t> sizes;
  std::vector<activation> activations;
  std::size_t lanes = 1;
  double alpha = 0;
  bool bias = false;
  std::vector<values> theta, theta_bias;
  std::vector<values> y, rate, delta;

  /// y, rate and delta for a batch.
  void run(const values& input, const values& target) {
    const std::size_t depth = sizes.size() - 1;
    for (std::vector<values>* each : {&y, &rate, &delta}) each->resize(sizes.size());
    y[0] = input;
    for (std::size_t k = 0; k <= depth; ++k) {
      if (k > 0) y[k] = times(theta[k], sizes[k], sizes[k - 1], rate[k - 1], bias ? &theta_bias[k] : nullptr);
      rate[k].clear();
      for (const P v : y[k]) rate[k].push_back(A::f(activations[k], v) + P(0));
    }
    delta[depth].clear();
    for (std::size_t n = 0; n < target.size(); ++n) delta[depth].push_back(target[n] - y[depth][n] + P(0));
    for (std::size_t k = depth - 1; k >= 1; --k) {
      delta[k] = times(transposed(theta[k + 1], sizes[k + 1], sizes[k]), sizes[k], sizes[k + 1], delta[k + 1], nullptr);
      for (std::size_t n = 0; n < delta[k].size(); ++n) {
        delta[k][n] = A::f_prime(activations[k], y[k][n], rate[k][n]) * delta[k][n] + P(0);
      }
    }
  }

  /// All weights at once, by the deltas of `run`.
  void update() {
    for (std::size_t k = 1; k < sizes.size(); ++k) {
      for (std::size_t i = 0; i < sizes[k]; ++i) {
        for (std::size_t j = 0; j < sizes[k - 1]; ++j) {
          P sum = 0;
          for (std::size_t lane = 0; lane < lanes; ++lane) {
            sum = A::multiply_add(delta[k][i * lanes + lane], rate[k - 1][j * lanes + lane], sum);
          }
          P& weight = theta[k][i * sizes[k - 1] + j];
          weight = A::multiply_add(P(alpha), sum, weight) + P(0);
        }
        if (!bias) continue;
        P sum = 0;
        for (std::size_t lane = 0; lane < lanes; ++lane) sum += delta[k][i * lanes + lane];
        theta_bias[k][i] = A::multiply_add(P(alpha), sum, theta_bias[k][i]) + P(0);
      }
    }
  }

 private:
  static values transposed(const values& from, std::size_t rows, std::size_t columns) {
    values to(from.size());
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t c = 0; c < columns; ++c) to[c * rows + r] = from[r * columns + c];
    }
    return to;
  }

  [[nodiscard]] values times(const values& weights, std::size_t rows, std::size_t columns, const values& v,
                             const values* offset) const {
    values out(rows * lanes);
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        P sum = 0;
        for (std::size_t step = 0; step < columns; ++step) {
          const std::size_t j = A::ascending ? step : columns - 1 - step;
          sum = A::multiply_add(weights[i * columns + j], v[j * lanes + lane], sum);
        }
        if (offset != nullptr) sum += (*offset)[i];
        out[i * lanes + lane] = sum + P(0);
      }
    }
    return out;
  }
};

}  // namespace locus::dense
