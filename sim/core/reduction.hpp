#pragma once
/// What exponential and logarithm are made of, over any number type: reduction of their arguments by powers of 2, and
/// series on what is left. Only correctly rounded operations, in one order.

#include "sim/core/number.hpp"

namespace locus::detail {

/// expm1(r) for |r| <= ln(2)/2, by its Taylor series: the first omitted term is below 5e-18 (double,
/// degree 13) and 6e-9 (float, degree 7) of the result's leading term.
template <class T>
[[nodiscard]] inline T expm1_reduced(const T& r) {
  if constexpr (std::same_as<scalar_of<T>, double>) {
    T q = T(1.0 / 6227020800.0);
    q = fma(q, r, T(1.0 / 479001600.0));
    q = fma(q, r, T(1.0 / 39916800.0));
    q = fma(q, r, T(1.0 / 3628800.0));
    q = fma(q, r, T(1.0 / 362880.0));
    q = fma(q, r, T(1.0 / 40320.0));
    q = fma(q, r, T(1.0 / 5040.0));
    q = fma(q, r, T(1.0 / 720.0));
    q = fma(q, r, T(1.0 / 120.0));
    q = fma(q, r, T(1.0 / 24.0));
    q = fma(q, r, T(1.0 / 6.0));
    q = fma(q, r, T(0.5));
    return fma(q, r * r, r);
  } else {
    T q = T(1.0 / 5040.0);
    q = fma(q, r, T(1.0 / 720.0));
    q = fma(q, r, T(1.0 / 120.0));
    q = fma(q, r, T(1.0 / 24.0));
    q = fma(q, r, T(1.0 / 6.0));
    q = fma(q, r, T(0.5));
    return fma(q, r * r, r);
  }
}

/// ln 2 in two parts (Cody and Waite 1980). The first has trailing zeros enough that n * first is exact for whole n,
/// |n| < 2048 (double), 512 (float).
template <class P>
inline constexpr double ln2_high = std::same_as<P, double> ? 0x1.62e42fefa3800p-1 : 0x1.62e400p-1;
template <class P>
inline constexpr double ln2_low = std::same_as<P, double> ? 0x1.ef35793c76730p-45 : 0x1.7f7d1cp-20;

/// x = n ln 2 + r with whole n and |r| <= ln(2)/2, but for rounding; for |x| < 800 (double), 300 (float). n ln 2 is
/// taken from x exactly up to its low part, so that the error of r is half an ulp of r.
template <class T>
struct reduced {
  T n, r;
};
template <class T>
[[nodiscard]] inline reduced<T> reduce_by_ln2(const T& x) {
  using P = scalar_of<T>;
  const T magic = T(rounding_constant<P>);
  const T n = fma(x, T(1.4426950408889634), magic) - magic;
  return {n, fma(n, T(-ln2_low<P>), fma(n, T(-ln2_high<P>), x))};
}

/// The series of log(1 + f) = 2 artanh(s), s = f / (2 + f): with z = s^2, 2 z / 3 + 2 z^2 / 5 + ... For z <= 0.04, the
/// first omitted term is below 1.4e-18 (double, 11 terms) and 6.4e-10 (float, 5 terms).
template <class T>
[[nodiscard]] inline T artanh_series(const T& z) {
  if constexpr (std::same_as<scalar_of<T>, double>) {
    T q = T(2.0 / 23);
    q = fma(q, z, T(2.0 / 21));
    q = fma(q, z, T(2.0 / 19));
    q = fma(q, z, T(2.0 / 17));
    q = fma(q, z, T(2.0 / 15));
    q = fma(q, z, T(2.0 / 13));
    q = fma(q, z, T(2.0 / 11));
    q = fma(q, z, T(2.0 / 9));
    q = fma(q, z, T(2.0 / 7));
    q = fma(q, z, T(2.0 / 5));
    q = fma(q, z, T(2.0 / 3));
    return q * z;
  } else {
    T q = T(2.0 / 11);
    q = fma(q, z, T(2.0 / 9));
    q = fma(q, z, T(2.0 / 7));
    q = fma(q, z, T(2.0 / 5));
    q = fma(q, z, T(2.0 / 3));
    return q * z;
  }
}

/// n ln 2 + log(1 + f) for whole n, |n| < 2048 (double), 512 (float), and f in [-1/4, 1/2].
///
/// log(1 + f) = f - t with t = f^2 / 2 - s (f^2 / 2 + series) >= 0, as in fdlibm (Sun Microsystems 1993). The large
/// parts n ln2_high + f are added exactly, as h + l (Dekker 1971; n is 0 or |n ln2_high| > |f|).
/// Error: below 1.1 ulp. With u = 2^-24 (float) or 2^-53, s is good to 2 u of itself (2 + f and the quotient), the
/// series to 7.3 u of itself; at f = 1/2, where t = 0.095 is largest, that makes at most 0.16 u of t before its own
/// rounding, 0.06 u, and 0.06 u when l is added. The smallest result there, -ln 2 + log(3/2) = -0.288, has an ulp of u
/// / 2: 0.57 ulp, and the last rounding's 0.5. Smaller f lose less: t and its errors fall like f^2.
template <class T>
[[nodiscard]] inline T log_of_parts(const T& n, const T& f) {
  using P = scalar_of<T>;
  const T s = f / (T(2) + f);
  const T half_f = f * T(0.5);
  const T t = fma(half_f, f, -(s * fma(half_f, f, artanh_series(s * s))));
  const T whole = n * T(ln2_high<P>);
  const T h = whole + f;
  const T l = (whole - h) + f;
  return h + (l - fma(n, T(-ln2_low<P>), t));
}

}  // namespace locus::detail
