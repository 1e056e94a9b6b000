#pragma once
/// The numbers that rules draw: pure functions of (seed, population, port, neuron, lane, number of the draw).

#include <cstdint>
#include <string_view>

#include "sim/core/model.hpp"
#include "sim/core/random.hpp"

namespace locus {

/// Quantile of the standard normal distribution, 0 < p < 1, relative error below 1e-15 (Wichura 1988, algorithm
/// AS 241, PPND16). The same bits on every machine: the four operations and the square root only.
[[nodiscard]] double normal_quantile(double p) noexcept;

/// A standard normal number from a uniform one of random_stream: the quantile of the middle of its cell, so that none
/// is infinite.
[[nodiscard]] double normal_from(double uniform) noexcept;

/// What arrives on one noise port of one population.
class noise_stream {
 public:
  /// Requires: kind is not messages.
  noise_stream(std::uint64_t seed, std::string_view port_name, port_source kind)
      : random_(seed, "noise", port_name), kind_(kind) {}

  [[nodiscard]] double draw(std::uint32_t neuron, std::uint32_t lane, std::uint64_t which) const noexcept;

 private:
  random_stream random_;
  port_source kind_;
};

}  // namespace locus
