#pragma once
/// Activation functions and their derivatives, over any number type. The same bits in scalar and
/// vector form, on every machine: only correctly rounded operations, in one order.

#include "sim/core/enum_names.hpp"
#include "sim/core/functions.hpp"

namespace locus {

/// f in the equations. clip is min(max(x, 0), 1).
enum class activation { sigmoid, tanh, relu, identity, softplus, clip };

template <>
struct enum_names<activation> {
  static constexpr std::pair<std::string_view, activation> all[] = {
      {"sigmoid", activation::sigmoid},   {"tanh", activation::tanh},         {"relu", activation::relu},
      {"identity", activation::identity}, {"softplus", activation::softplus}, {"clip", activation::clip}};
};

/// f(x), and 0 where that is not above 2^-63 in magnitude, or NaN.
template <class T>
[[nodiscard]] inline T activate(activation f, const T& x) {
  switch (f) {
    case activation::sigmoid: return sigmoid(x);
    case activation::tanh: return tanh(x);
    case activation::relu: return detail::flush_tiny(relu(x));
    case activation::softplus: return detail::flush_tiny(softplus(x));
    case activation::clip: return detail::flush_tiny(clip(x, T(0), T(1)));
    case activation::identity: break;
  }
  return detail::flush_tiny(x);
}

/// f'(x), given x and y = f(x). relu'(0) = 0, and clip'(0) = clip'(1) = 0. That of softplus is the sigmoid of x, to the
/// bit: 1 - exp(-y) would save a division, but inherit the error of y.
template <class T>
[[nodiscard]] inline T slope(activation f, const T& x, const T& y) {
  switch (f) {
    case activation::sigmoid: return y * (T(1) - y);
    case activation::tanh: return fma(-y, y, T(1));
    case activation::relu: return select(x > T(0), T(1), T(0));
    case activation::softplus: return sigmoid(x);
    case activation::clip: return select((x > T(0)) & (x < T(1)), T(1), T(0));
    case activation::identity: break;
  }
  return T(1);
}

}  // namespace locus
