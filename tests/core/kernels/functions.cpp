/// Functions of numbers on one instruction set. Compiled once per target.

#include "tests/core/kernels/functions.hpp"

#include "sim/engine/simd.hpp"

namespace locus::testing {
namespace {

template <applied what, class N>
void sweep_one(const scalar_of<N>* x, const scalar_of<N>* y, scalar_of<N>* result, std::size_t count) {
  for (std::size_t i = 0; i < count; i += N::width) apply(what, N::load(x + i), N::load(y + i)).store(result + i);
}

template <class N, int... each>
void sweep_any(applied what, const scalar_of<N>* x, const scalar_of<N>* y, scalar_of<N>* result, std::size_t count,
               std::integer_sequence<int, each...>) {
  ((static_cast<int>(what) == each ? sweep_one<static_cast<applied>(each), N>(x, y, result, count) : void()), ...);
}

template <class N>
void sweep_all(applied what, const scalar_of<N>* x, const scalar_of<N>* y, scalar_of<N>* result, std::size_t count) {
  sweep_any<N>(what, x, y, result, count, std::make_integer_sequence<int, static_cast<int>(applied::end)>());
}

}  // namespace

template <>
sweep<float> compiled_sweep<simd_target::LOCUS_TARGET, float>() {
  return &sweep_all<simd::number<float>>;
}
template <>
sweep<double> compiled_sweep<simd_target::LOCUS_TARGET, double>() {
  return &sweep_all<simd::number<double>>;
}

}  // namespace locus::testing
