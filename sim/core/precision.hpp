#pragma once
/// The numbers that a circuit computes in.

#include <cstddef>
#include <utility>

#include "sim/core/enum_names.hpp"

namespace locus {

enum class precision { f64, f32 };

template <>
struct enum_names<precision> {
  static constexpr std::pair<std::string_view, precision> all[] = {{"f64", precision::f64}, {"f32", precision::f32}};
};

/// Calls f(P()) with P the type of such numbers: double or float.
template <class F>
decltype(auto) with_numbers(precision p, F&& f) {
  if (p == precision::f32) return std::forward<F>(f)(float());
  return std::forward<F>(f)(double());
}

/// Bytes of a number.
[[nodiscard]] inline std::size_t size_of(precision p) {
  return with_numbers(p, [](auto number) { return sizeof(number); });
}

}  // namespace locus
