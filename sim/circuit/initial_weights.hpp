#pragma once
/// The weights that a projection begins with, one after the other: what is drawn needs no list.

#include <cstddef>
#include <utility>
#include <variant>
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

/// The draws of one distribution for connections that are asked for target by target.
template <weight_draws::distribution kind>
class drawn_numbers {
 public:
  explicit drawn_numbers(const weight_draws& draws) : draws_(draws), row_(draws.random.row(0)) { draws_.kind = kind; }

  [[nodiscard]] double operator()(std::size_t post, std::size_t pre) noexcept {
    if (post != post_) row_ = draws_.random.row(post_ = post);
    return draws_.from(row_, pre);
  }

 private:
  weight_draws draws_;
  std::size_t post_ = 0;
  random_row row_;  ///< of post_
};

class initial_numbers {
 public:
  explicit initial_numbers(const weight_draws& draws) : numbers_(draws) {}
  explicit initial_numbers(std::vector<double> list) : numbers_(std::move(list)) {}

  /// Calls f(next): next(post, pre) is the next number, whose connection has these ends. Requires of f: that it asks
  /// for those from number `first` on in their order.
  template <class F>
  void visit(std::size_t first, F&& f) const {
    using enum weight_draws::distribution;
    if (const auto* const list = std::get_if<std::vector<double>>(&numbers_)) {
      f([next = list->data() + first](std::size_t, std::size_t) mutable { return *next++; });
      return;
    }
    const weight_draws& draws = std::get<weight_draws>(numbers_);
    switch (draws.kind) {
      case constant: return f(drawn_numbers<constant>(draws));
      case uniform: return f(drawn_numbers<uniform>(draws));
      case normal: return f(drawn_numbers<normal>(draws));
    }
  }

  /// All of them. `c`, `p`: whose they are.
  [[nodiscard]] std::vector<double> listed(const circuit& c, const projection& p) &&;

 private:
  std::variant<weight_draws, std::vector<double>> numbers_;
};

/// What initial_weights() lists. Throws as it does.
[[nodiscard]] initial_numbers initial_weight_numbers(const circuit& c, std::size_t index);

}  // namespace locus
