#pragma once
/// The operations of rules over any number type.

#include <type_traits>

#include "sim/core/activation.hpp"
#include "sim/core/functions.hpp"
#include "sim/core/number.hpp"
#include "sim/rules/graph.hpp"

namespace locus::rules {

/// Calls f(std::integral_constant<operation, op>) for an operation from numbers to a number; false if it is another.
template <class F>
bool with_number_operation(operation op, F&& f) {
  switch (op) {
#define LOCUS_CASE(name) \
  case operation::name: f(std::integral_constant<operation, operation::name>()); return true
    LOCUS_CASE(add);
    LOCUS_CASE(subtract);
    LOCUS_CASE(multiply);
    LOCUS_CASE(divide);
    LOCUS_CASE(negate);
    LOCUS_CASE(fused_multiply_add);
    LOCUS_CASE(absolute);
    LOCUS_CASE(minimum);
    LOCUS_CASE(maximum);
    LOCUS_CASE(floor);
    LOCUS_CASE(square_root);
    LOCUS_CASE(exponential);
    LOCUS_CASE(logarithm);
    LOCUS_CASE(power_of_two);
    LOCUS_CASE(sigmoid);
    LOCUS_CASE(tanh);
    LOCUS_CASE(relu);
    LOCUS_CASE(softplus);
    default: return false;
  }
}

/// The same for comparisons.
template <class F>
bool with_comparison(operation op, F&& f) {
  switch (op) {
    LOCUS_CASE(equal);
    LOCUS_CASE(less);
    LOCUS_CASE(less_equal);
    LOCUS_CASE(greater);
    LOCUS_CASE(greater_equal);
#undef LOCUS_CASE
    default: return false;
  }
}

/// One operation on numbers, or one comparison. What it does not need is ignored.
template <operation op, class T>
[[nodiscard, gnu::always_inline]] inline auto apply(const T& a, [[maybe_unused]] const T& b,
                                                    [[maybe_unused]] const T& c) {
  // clang-format off
  if constexpr (op == operation::add) return a + b;
  else if constexpr (op == operation::subtract) return a - b;
  else if constexpr (op == operation::multiply) return a * b;
  else if constexpr (op == operation::divide) return a / b;
  else if constexpr (op == operation::negate) return -a;
  else if constexpr (op == operation::fused_multiply_add) return fma(a, b, c);
  else if constexpr (op == operation::absolute) return abs(a);
  else if constexpr (op == operation::minimum) return min(a, b);
  else if constexpr (op == operation::maximum) return max(a, b);
  else if constexpr (op == operation::floor) return floor(a);
  else if constexpr (op == operation::square_root) return sqrt(a);
  else if constexpr (op == operation::exponential) return locus::exp(a);
  else if constexpr (op == operation::logarithm) return locus::log(a);
  else if constexpr (op == operation::power_of_two) return locus::pow2(a);
  else if constexpr (op == operation::sigmoid) return locus::sigmoid(a);
  else if constexpr (op == operation::tanh) return locus::tanh(a);
  else if constexpr (op == operation::relu) return locus::relu(a);
  else if constexpr (op == operation::softplus) return locus::softplus(a);
  else if constexpr (op == operation::equal) return a == b;
  else if constexpr (op == operation::less) return a < b;
  else if constexpr (op == operation::less_equal) return a <= b;
  else if constexpr (op == operation::greater) return a > b;
  else return a >= b;
  // clang-format on
}

}  // namespace locus::rules
