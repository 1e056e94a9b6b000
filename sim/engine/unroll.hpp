#pragma once
/// Loops of known length that are unrolled for certain: an array that is indexed by a loop's variable otherwise stays
/// in memory.

#include <cstddef>
#include <type_traits>
#include <utility>

namespace locus::detail {

/// Calls f(constant<0>) ... f(constant<n-1>).
template <std::size_t n, class F>
[[gnu::always_inline]] inline void each_index(F&& f) {
  [&]<std::size_t... i>(std::index_sequence<i...>) __attribute__((always_inline)) {
    (f(std::integral_constant<std::size_t, i>{}), ...);
  }
  (std::make_index_sequence<n>{});
}

}  // namespace locus::detail
