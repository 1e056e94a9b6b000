#pragma once
/// The number type that rules are written over. A rule uses only what is declared here, so that one
/// text can be read as float, double, a SIMD vector of either, or a number that traces its origins.
///
/// A number type T provides
///   T(double)                     the constant, rounded to T's precision, in every lane
///   a + b, a - b, a * b, a / b, -a
///   fma(a, b, c)                  a*b + c, rounded once
///   abs(a)
///   min(a, b), max(a, b)          b < a ? b : a, and a < b ? b : a: a if one is NaN
///   sqrt(a)                       rounded once; -0 for -0, NaN below
///   floor(a)                      the largest whole number <= a, exact; -0 for -0
///   a == b, a != b, a > b, a >= b, a < b, a <= b
///                                 a mask; masks combine with & | !. With a NaN only != holds
///   select(mask, a, b)            a where the mask holds, else b
///   power_of_two(n)               2^n for an integer-valued n for which it is normal: in [-126, 127] (float) and
///                                 [-1022, 1023] (double)
///   exponent_of(a), fraction_of(a)
///                                 for positive normal a: the whole number n and f in [1, 2) with a = f 2^n, exact.
///                                 Of other numbers too they are functions of the bits: n comes from all bits above
///                                 the fraction's, the sign's included
/// and names its precision as scalar_of<T>. A rule has no `if` on numbers. All operations give the same bits with every
/// number type, but for which NaN a NaN is. sim/core/functions.hpp has functions made of them.

#include <bit>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>

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

/// What functions of numbers are templates over; keeps their names from calls with whole numbers and the like.
template <class T>
concept number_type = std::floating_point<T> || requires {
  typename T::scalar;
};

/// 1.5 * 2^(mantissa bits): adding and subtracting it rounds to the nearest integer.
template <std::floating_point P>
inline constexpr P rounding_constant = std::same_as<P, float> ? P(0x1.8p23) : P(0x1.8p52);

/// Bits of the mantissa below the leading one.
template <std::floating_point P>
inline constexpr int mantissa_bits = std::numeric_limits<P>::digits - 1;

/// 2^(mantissa bits): from here to its double, the mantissa is a whole number.
template <std::floating_point P>
inline constexpr P whole_constant = std::same_as<P, float> ? P(0x1p23) : P(0x1p52);

/// The unsigned integer of a number's size.
template <std::floating_point P>
using bits_of = std::conditional_t<std::same_as<P, float>, std::uint32_t, std::uint64_t>;

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
[[nodiscard]] inline P max(P a, P b) noexcept {
  return a < b ? b : a;
}
template <std::floating_point P>
[[nodiscard]] inline P sqrt(P a) noexcept {
  return std::sqrt(a);
}
template <std::floating_point P>
[[nodiscard]] inline P floor(P a) noexcept {
  return std::floor(a);
}
template <std::floating_point P>
[[nodiscard]] inline P select(bool mask, P a, P b) noexcept {
  return mask ? a : b;
}
template <std::floating_point P>
[[nodiscard]] inline P power_of_two(P n) noexcept {
  const P shifted = n + (rounding_constant<P> + P(exponent_bias<P>));  // the integer n + bias in the low mantissa bits
  return std::bit_cast<P>(std::bit_cast<bits_of<P>>(shifted) << mantissa_bits<P>);
}
template <std::floating_point P>
[[nodiscard]] inline P exponent_of(P a) noexcept {
  const bits_of<P> biased = std::bit_cast<bits_of<P>>(a) >> mantissa_bits<P>;
  return std::bit_cast<P>(biased | std::bit_cast<bits_of<P>>(whole_constant<P>)) -
         (whole_constant<P> + P(exponent_bias<P>));
}
template <std::floating_point P>
[[nodiscard]] inline P fraction_of(P a) noexcept {
  constexpr bits_of<P> below_one = (bits_of<P>{1} << mantissa_bits<P>)-1;
  return std::bit_cast<P>((std::bit_cast<bits_of<P>>(a) & below_one) | std::bit_cast<bits_of<P>>(P(1)));
}

}  // namespace locus
