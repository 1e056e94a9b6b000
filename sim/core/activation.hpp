#pragma once
/// Activation functions and their derivatives, over any number type. The same bits in scalar and
/// vector form, on every machine: only correctly rounded operations, in one order.

#include "sim/core/enum_names.hpp"
#include "sim/core/number.hpp"

namespace locus {

/// f in the equations.
enum class activation { sigmoid, tanh, relu, identity };

template <>
struct enum_names<activation> {
  static constexpr std::pair<std::string_view, activation> all[] = {{"sigmoid", activation::sigmoid},
                                                                    {"tanh", activation::tanh},
                                                                    {"relu", activation::relu},
                                                                    {"identity", activation::identity}};
};

namespace detail {

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

/// x = n ln 2 + r with integer n and |r| <= ln(2)/2 (Cody and Waite 1980; ln 2 in two parts whose
/// first has trailing zeros enough that n * high is exact for |n| < 1024 (double), 512 (float)).
template <class T>
struct reduced {
  T n, r;
};
template <class T>
[[nodiscard]] inline reduced<T> reduce_by_ln2(const T& x) {
  using P = scalar_of<T>;
  constexpr bool wide = std::same_as<P, double>;
  constexpr double high = wide ? 0x1.62e42fefa3800p-1 : 0x1.62e400p-1;
  constexpr double low = wide ? 0x1.ef35793c76730p-45 : 0x1.7f7d1cp-20;
  const T magic = T(rounding_constant<P>);
  const T n = fma(x, T(1.4426950408889634), magic) - magic;
  return {n, fma(n, T(-low), fma(n, T(-high), x))};
}

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

}  // namespace detail

/// f(x).
template <class T>
[[nodiscard]] inline T activate(activation f, const T& x) {
  switch (f) {
    case activation::sigmoid: return detail::flush_tiny(detail::sigmoid(x));
    case activation::tanh: return detail::flush_tiny(detail::tanh(x));
    case activation::relu: return detail::flush_tiny(select(x > T(0), x, T(0)));
    case activation::identity: break;
  }
  return detail::flush_tiny(x);
}

/// f'(x), given x and y = f(x). relu'(0) = 0.
template <class T>
[[nodiscard]] inline T slope(activation f, const T& x, const T& y) {
  switch (f) {
    case activation::sigmoid: return y * (T(1) - y);
    case activation::tanh: return fma(-y, y, T(1));
    case activation::relu: return select(x > T(0), T(1), T(0));
    case activation::identity: break;
  }
  return T(1);
}

}  // namespace locus
