#pragma once
/// The functions that rules may use on numbers, over any number type (sim/core/number.hpp has abs, min, max, sqrt,
/// floor and fma). The same bits in scalar and vector form, on every machine: only correctly rounded operations, in one
/// order, and no tables. Errors are in units in the last place of the exact result (ulp), where that is subnormal too;
/// u is half an ulp of 1: 2^-24 (float), 2^-53 (double).

#include <limits>

#include "sim/core/reduction.hpp"

namespace locus {

namespace detail {

/// exp(x) for -70 < x < 70.
template <class T>
[[nodiscard]] inline T exp_bounded(const T& x) {
  const auto [n, r] = reduce_by_ln2(x);
  const T scale = power_of_two(n);
  return fma(scale, expm1_reduced(r), scale);
}

/// expm1(x) for -70 < x < 70, accurate near 0.
template <class T>
[[nodiscard]] inline T expm1_bounded(const T& x) {
  const auto [n, r] = reduce_by_ln2(x);
  const T scale = power_of_two(n);
  return fma(scale, expm1_reduced(r), scale - T(1));
}

/// Results below 2^-63 are 0 by definition: subnormal rates would cost a factor of 45 in time and
/// carry no information.
template <class T>
[[nodiscard]] inline T flush_tiny(const T& y) {
  return select(abs(y) > T(0x1p-63), y, T(0));
}

template <class T>
[[nodiscard]] inline T sigmoid(const T& x) {
  const T e = exp_bounded(-min(abs(x), T(45)));  // exp(-45) < 2^-63: flushed
  return select(x >= T(0), T(1), e) / (T(1) + e);
}

template <class T>
[[nodiscard]] inline T tanh(const T& x) {
  const T e = expm1_bounded(min(abs(x), T(22)) * T(2));  // tanh(22) rounds to 1
  const T y = e / (e + T(2));
  return select(x < T(0), -y, y);
}

/// 2^n (1 + q) for whole n in [-252, 254] (float), [-2044, 2046] (double), rounded to a subnormal number or to infinity
/// where it is one: 1 + q is rounded, half of n scales it exactly, and the other half rounds if the result is
/// subnormal.
template <class T>
[[nodiscard]] inline T scaled(const T& n, const T& q) {
  const T magic = T(rounding_constant<scalar_of<T>>);
  const T half = fma(n, T(0.5), magic) - magic;
  const T scale = power_of_two(half);
  return fma(scale, q, scale) * power_of_two(n - half);
}

}  // namespace detail

/// min(max(x, low), high): high if high < low; NaN stays NaN, -0 stays -0 between.
template <number_type T>
[[nodiscard]] inline T clip(const T& x, const T& low, const T& high) {
  return min(max(x, low), high);
}

/// 1, 0 or -1, with the sign of x; 0 for -0; NaN stays NaN.
template <number_type T>
[[nodiscard]] inline T sign(const T& x) {
  return select(x > T(0), T(1), select(x < T(0), T(-1), x + T(0)));
}

/// x if x > 0, else 0; 0 for NaN.
template <number_type T>
[[nodiscard]] inline T relu(const T& x) {
  return select(x > T(0), x, T(0));
}

/// e^x: infinity from ln(max) on, subnormal below ln(min), 0 for -inf, NaN for NaN.
/// Error below 1.2 ulp. e^x = 2^n (1 + q) with q = expm1(r), |r| <= 0.3466. 1 + q is in [0.707, 1.414]; its ulp is u
/// below 1, where errors weigh most: r 0.2 (half an ulp of r, u / 4, times 1 + q < 0.78), series 0.09 (float; double
/// 0.04), the last fma of q 0.25 (|q| < 0.293), what it multiplies 0.11, and 0.5 for the sum. Above 1 it is 0.95, and a
/// subnormal result has at most half of this plus half an ulp.
template <number_type T>
[[nodiscard]] inline T exp(const T& x) {
  constexpr bool wide = std::same_as<scalar_of<T>, double>;
  // e^low < 2^-1075 (float: 2^-150) is rounded to 0, and e^high is above the largest number.
  const auto [n, r] = detail::reduce_by_ln2(clip(x, T(wide ? -746 : -104), T(wide ? 710 : 89)));
  return detail::scaled(n, detail::expm1_reduced(r));
}

/// 2^x: exact for whole x; infinity from 128 (double: 1024) on, 0 from -150 (double: -1075) down, NaN for NaN.
/// Error below 1.3 ulp: as that of exp, with r = (x - n) ln 2, |x - n| <= 1/2 exact, in place of the reduction: half an
/// ulp of r as there, and at most 0.1 because ln 2 is rounded (0.02 in float).
template <number_type T>
[[nodiscard]] inline T pow2(const T& x) {
  constexpr bool wide = std::same_as<scalar_of<T>, double>;
  const T magic = T(rounding_constant<scalar_of<T>>);
  const T within = clip(x, T(wide ? -1076 : -151), T(wide ? 1025 : 129));
  const T n = (within + magic) - magic;
  return detail::scaled(n, detail::expm1_reduced((within - n) * T(0x1.62e42fefa39efp-1)));
}

/// The natural logarithm: -inf for 0 and -0, NaN below and for NaN, inf for inf; 0 for 1.
/// Error below 1.1 ulp, that of log_of_parts: x = 2^n (1 + f) with f in [-1/4, 1/2] exact, subnormal x after they were
/// multiplied by a power of 2.
template <number_type T>
[[nodiscard]] inline T log(const T& x) {
  using range = std::numeric_limits<scalar_of<T>>;
  constexpr double up = mantissa_bits<scalar_of<T>> + 1;
  const auto subnormal = x < T(range::min());
  const T normal = select(subnormal, x * power_of_two(T(up)), x);
  const T fraction = fraction_of(normal);
  const auto large = fraction > T(1.5);
  const T n = exponent_of(normal) + select(subnormal, select(large, T(1 - up), T(-up)), select(large, T(1), T(0)));
  const T y = detail::log_of_parts(n, select(large, fraction * T(0.5), fraction) - T(1));
  const T of_ends = select(x == T(0), T(-range::infinity()), T(range::quiet_NaN()));
  return select(x > T(0), select(x == T(range::infinity()), x, y), of_ends);
}

/// log(1 + e^x) = max(x, 0) + log(1 + e), e = e^-|x|: about x for large x and about e^x for very negative x, subnormal
/// and 0 where that is. NaN stays NaN.
/// Error below 3 ulp. e is good to 1.65 u of itself (1.15 at 0.707), and log(1 + e) to at most that times
/// e / ((1 + e) log(1 + e)) <= 1, which makes at most 1.65 ulp, plus 1.1 of log_of_parts: 2.75 for x < 0. For x >= 0,
/// where y >= ln 2 has an ulp >= u, they make 1.65 / 2 + 1.1 u, and the sum 0.5 ulp: 2.5. f below is exact, as e > 1/2.
template <number_type T>
[[nodiscard]] inline T softplus(const T& x) {
  const T e = exp(-abs(x));
  const auto large = e > T(0.5);  // 1 + e = 2 (1 + f), f in (-1/4, 0]
  const T f = select(large, fma(e, T(0.5), T(-0.5)), e);
  return max(x, T(0)) + detail::log_of_parts(select(large, T(1), T(0)), f);
}

/// 1 / (1 + e^-x), and 0 where that is not above 2^-63, as activate(activation::sigmoid, x). 0 for NaN.
/// Error below 4 ulp: of e = e^-|x| at most 1.65 u of itself (1.15 at 0.707), of 1 + e and of the quotient u each, and
/// an ulp is worth at least u of a number.
template <number_type T>
[[nodiscard]] inline T sigmoid(const T& x) {
  return detail::flush_tiny(detail::sigmoid(x));
}

/// The hyperbolic tangent, and 0 where it is not above 2^-63 in magnitude, as activate(activation::tanh, x). 0 for NaN.
/// Error below 4 ulp. With e = expm1(2 |x|), of e + 2 and of the quotient u each; of e 1.4 u up to 0.414 (its fma, and
/// what that multiplies) and 3.7 u just above, as 2 (1 + q) - 1 cancels, times 2 / (2 + e): 5.1 u of 0.17, whose ulp is
/// worth 1.46 u, and less than 3.65 u where an ulp is worth u.
template <number_type T>
[[nodiscard]] inline T tanh(const T& x) {
  return detail::flush_tiny(detail::tanh(x));
}

}  // namespace locus
