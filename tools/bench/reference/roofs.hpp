#pragma once
/// What the machine can do at most: multiply-adds in registers, reading and updating arrays. Compiled once per
/// instruction set, as the engine's kernels are.

#include <cstddef>
#include <cstdint>

#include "sim/engine/kernels.hpp"

namespace locus::bench {

template <class P>
struct roof_kernels {
  /// Multiply-adds of one call of `multiply_add` with n = 1.
  std::size_t multiply_adds = 0;
  /// n rounds of independent fused multiply-adds that never leave the registers; returns their sum.
  P (*multiply_add)(std::uint64_t n) = nullptr;
  /// The sum of n numbers. Requires: n is a multiple of read_block.
  P (*read)(const P* numbers, std::size_t n) = nullptr;
  /// a <- a / 2 + 1 / 2 for n numbers, in place. Requires: n is a multiple of read_block.
  void (*update)(P* numbers, std::size_t n) = nullptr;
};

inline constexpr std::size_t read_block = 256;

/// Defined in roofs.cpp, once per target.
template <simd_target target, class P>
roof_kernels<P> make_roof_kernels();

/// Those of an available target.
template <class P>
[[nodiscard]] roof_kernels<P> roofs_for(simd_target target);

}  // namespace locus::bench
