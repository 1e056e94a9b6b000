#pragma once
/// How numbers are compared where results are held against each other.

#include <algorithm>
#include <bit>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <vector>

#include "sim/core/number.hpp"

namespace locus {

/// Whether two numbers have the same bits: +0 and -0 differ, and a number that is none can equal itself.
template <std::floating_point P>
[[nodiscard]] bool same_bits(P a, P b) noexcept {
  return std::bit_cast<bits_of<P>>(a) == std::bit_cast<bits_of<P>>(b);
}

/// The same for each number. Requires: as many in both.
template <std::floating_point P>
[[nodiscard]] bool same_bits(const std::vector<P>& a, const std::vector<P>& b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), [](P x, P y) { return same_bits(x, y); });
}

/// Distance in units in the last place; numbers of different sign are as far apart as both are from zero.
template <std::floating_point P>
[[nodiscard]] std::uint64_t ulp_distance(P a, P b) noexcept {
  if (std::isnan(a) || std::isnan(b)) return same_bits(a, b) ? 0 : std::numeric_limits<std::uint64_t>::max();
  // The bits of positive numbers ascend with them; those of negative ones are counted downwards from 0.
  const auto place = [](P x) {
    constexpr bits_of<P> sign = bits_of<P>{1} << (sizeof(P) * 8 - 1);
    const auto bits = std::bit_cast<bits_of<P>>(x);
    const auto magnitude = static_cast<std::int64_t>(bits & static_cast<bits_of<P>>(~sign));
    return (bits & sign) != 0 ? -magnitude : magnitude;
  };
  const std::int64_t x = place(a), y = place(b);
  return x < y ? static_cast<std::uint64_t>(y) - static_cast<std::uint64_t>(x)
               : static_cast<std::uint64_t>(x) - static_cast<std::uint64_t>(y);
}

/// Of two numbers that are held as doubles; in float if `single`.
[[nodiscard]] inline std::uint64_t ulp_distance(double a, double b, bool single) noexcept {
  return single ? ulp_distance(static_cast<float>(a), static_cast<float>(b)) : ulp_distance(a, b);
}

}  // namespace locus
