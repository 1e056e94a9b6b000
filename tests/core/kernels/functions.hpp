#pragma once
/// Everything that a rule may apply to numbers, swept over arrays by each instruction set.

#include <cstddef>
#include <utility>

#include "sim/core/activation.hpp"
#include "sim/engine/kernels.hpp"

namespace locus::testing {

/// What is applied to two numbers; most look at the first only. Masks give 1 or 0.
enum class applied {
  minimum,
  maximum,
  absolute,
  root,
  floored,
  exponent,
  fraction,
  equal,
  unequal,
  at_most,
  clipped,
  signed_one,
  exponential,
  logarithm,
  power,
  sigmoid,
  tanh,
  relu,
  softplus,
  softplus_activation,
  softplus_slope,
  clip_activation,
  clip_slope,
  end
};

template <class T>
[[nodiscard]] inline T apply(applied what, const T& x, const T& y) {
  switch (what) {
    case applied::minimum: return min(x, y);
    case applied::maximum: return max(x, y);
    case applied::absolute: return abs(x);
    case applied::root: return sqrt(x);
    case applied::floored: return floor(x);
    case applied::exponent: return exponent_of(x);
    case applied::fraction: return fraction_of(x);
    case applied::equal: return select(x == y, T(1), T(0));
    case applied::unequal: return select(x != y, T(1), T(0));
    case applied::at_most: return select(x <= y, T(1), T(0));
    case applied::clipped: return locus::clip(x, T(-1.5), y);
    case applied::signed_one: return locus::sign(x);
    case applied::exponential: return locus::exp(x);
    case applied::logarithm: return locus::log(x);
    case applied::power: return locus::pow2(x);
    case applied::sigmoid: return locus::sigmoid(x);
    case applied::tanh: return locus::tanh(x);
    case applied::relu: return locus::relu(x);
    case applied::softplus: return locus::softplus(x);
    case applied::softplus_activation: return activate(activation::softplus, x);
    case applied::softplus_slope: return slope(activation::softplus, x, y);
    case applied::clip_activation: return activate(activation::clip, x);
    case applied::clip_slope: return slope(activation::clip, x, y);
    case applied::end: break;
  }
  return T(0);
}

/// result[i] = apply(what, x[i], y[i]); count is a multiple of panel_width.
template <class P>
using sweep = void (*)(applied what, const P* x, const P* y, P* result, std::size_t count);

/// The sweep that is compiled for a target.
template <simd_target target, class P>
[[nodiscard]] sweep<P> compiled_sweep();

}  // namespace locus::testing
