#pragma once
/// The weights that a projection begins with, one after the other: what is drawn needs no list.

#include <cstddef>
#include <utility>
#include <vector>

#include "sim/circuit/circuit.hpp"
#include "sim/core/noise.hpp"
#include "sim/core/random.hpp"

namespace locus {

/// A draw for each connection, keyed by its ends.
struct weight_draws {
  enum class distribution { constant, uniform, normal };
  distribution kind = distribution::constant;
  random_stream random;
  double scale = 1;  ///< the constant, half the width, the standard deviation

  /// `row`: of the postsynaptic neuron.
  [[nodiscard]] double from(random_row row, std::size_t pre) const noexcept {
    switch (kind) {
      case distribution::constant: return scale;
      // Rounded once: 2 u - 1 is exact, as u is a multiple of 2^-53 below 1. No negative zero.
      case distribution::uniform: return scale * (2 * row.uniform(pre) - 1) + 0.0;
      case distribution::normal: break;
    }
    return scale * normal_from(row.uniform(pre));
  }
};

class initial_numbers {
 public:
  explicit initial_numbers(const weight_draws& draws) : draws_(draws), row_(draws.random.row(0)), drawn_(true) {}
  explicit initial_numbers(std::vector<double> list) : list_(std::move(list)) {}

  /// The next one, whose connection has these ends. Requires: all are asked for, in their order.
  [[nodiscard]] double next(std::size_t post, std::size_t pre) noexcept {
    if (!drawn_) return list_[next_++];
    if (post != post_) row_ = draws_.random.row(post_ = post);
    return draws_.from(row_, pre);
  }

  /// All of them. `c`, `p`: whose they are.
  [[nodiscard]] std::vector<double> listed(const circuit& c, const projection& p) &&;

 private:
  weight_draws draws_{.random = {0, "", ""}};
  std::size_t post_ = 0;
  random_row row_{0};  ///< of post_
  bool drawn_ = false;
  std::vector<double> list_;
  std::size_t next_ = 0;
};

/// What initial_weights() lists. Throws as it does.
[[nodiscard]] initial_numbers initial_weight_numbers(const circuit& c, std::size_t index);

}  // namespace locus
