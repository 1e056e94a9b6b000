#pragma once
/// The number type that rules are written over. A rule uses only what is declared here, so that one
/// text can be read as float, double, a SIMD vector of either, or a number that traces its origins.
///
/// A number type T provides
///   T(double)                     the constant, rounded to T's precision, in every lane
///   a + b, a - b, a * b, a / b, -a
///   fma(a, b, c)                  a*b + c, rounded once
///   abs(a), min(a, b)
///   a == b, a > b, a >= b, a < b  a mask; masks combine with & | !
///   select(mask, a, b)            a where the mask holds, else b
///   power_of_two(n)               2^n for an integer-valued n in [-100, 100]
/// and names its precision as scalar_of<T>. A rule has no `if` on numbers.

#include <bit>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>

namespace locus {

/// A number type over precision P names it by `using scalar = P`.
template <class T>
struct scalar_of_number {
  using type = typename T::scalar;
};
template <std::floating_point T>
struct scalar_of_number<T> {
  using type = T;
};
template <class T>
using scalar_of = typename scalar_of_number<T>::type;

/// 1.5 * 2^(mantissa bits): adding and subtracting it rounds to the nearest integer.
template <std::floating_point P>
inline constexpr P rounding_constant = std::same_as<P, float> ? P(0x1.8p23) : P(0x1.8p52);

/// Bits of the mantissa below the leading one.
template <std::floating_point P>
inline constexpr int mantissa_bits = std::numeric_limits<P>::digits - 1;

/// Exponent bias of the format.
template <std::floating_point P>
inline constexpr int exponent_bias = std::numeric_limits<P>::max_exponent - 1;

template <std::floating_point P>
[[nodiscard]] inline P fma(P a, P b, P c) noexcept {
  return std::fma(a, b, c);
}
template <std::floating_point P>
[[nodiscard]] inline P abs(P a) noexcept {
  return std::fabs(a);
}
template <std::floating_point P>
[[nodiscard]] inline P min(P a, P b) noexcept {
  return b < a ? b : a;
}
template <std::floating_point P>
[[nodiscard]] inline P select(bool mask, P a, P b) noexcept {
  return mask ? a : b;
}
template <std::floating_point P>
[[nodiscard]] inline P power_of_two(P n) noexcept {
  using bits = std::conditional_t<std::same_as<P, float>, std::uint32_t, std::uint64_t>;
  const P shifted = n + (rounding_constant<P> + P(exponent_bias<P>));  // the integer n + bias in the low mantissa bits
  return std::bit_cast<P>(std::bit_cast<bits>(shifted) << mantissa_bits<P>);
}

}  // namespace locus
