#include "tools/bench/reference/roofs.hpp"

#include "sim/engine/simd.hpp"

namespace locus::bench {
namespace {

/// Independent sums: more than latency times throughput of a multiply-add, and no more than registers.
constexpr std::size_t sums = 12;
constexpr std::uint64_t unrolled = 16;

template <class N>
scalar_of<N> multiply_add(std::uint64_t n) {
  const N factor(0.5);
  const N addend(0.5);
  N parts[sums];
  for (std::size_t i = 0; i < sums; ++i) parts[i] = N(static_cast<double>(i));
  for (; n > 0; --n) {
    for (std::uint64_t k = 0; k < unrolled; ++k) {
      for (std::size_t i = 0; i < sums; ++i) parts[i] = fma(parts[i], factor, addend);
    }
  }
  N total = parts[0];
  for (std::size_t i = 1; i < sums; ++i) total = total + parts[i];
  return sum(total);
}

constexpr std::size_t lines = 8;    // vectors in flight
constexpr std::size_t streams = 4;  // places of an array that are read side by side: keeps prefetchers busy

template <class N>
scalar_of<N> read(const scalar_of<N>* numbers, std::size_t n) {
  constexpr std::size_t each = lines / streams;
  static_assert(read_block % (lines * N::width) == 0);
  N total[lines];
  for (N& t : total) t = N(0);
  for (std::size_t at = 0; at < n / streams; at += each * N::width) {
    for (std::size_t i = 0; i < lines; ++i) {
      total[i] = total[i] + N::load(numbers + i / each * (n / streams) + at + i % each * N::width);
    }
  }
  for (std::size_t i = 1; i < lines; ++i) total[0] = total[0] + total[i];
  return sum(total[0]);
}

template <class N>
void update(scalar_of<N>* numbers, std::size_t n) {
  const N half(0.5);
  for (std::size_t at = 0; at < n; at += lines * N::width) {
    for (std::size_t i = 0; i < lines; ++i) {
      scalar_of<N>* const to = numbers + at + i * N::width;
      fma(N::load(to), half, half).store(to);
    }
  }
}

template <class N>
roof_kernels<scalar_of<N>> kernels() {
  return {sums * unrolled * N::width, &multiply_add<N>, &read<N>, &update<N>};
}

}  // namespace

template <>
roof_kernels<float> make_roof_kernels<simd_target::LOCUS_TARGET, float>() {
  return kernels<simd::number<float>>();
}
template <>
roof_kernels<double> make_roof_kernels<simd_target::LOCUS_TARGET, double>() {
  return kernels<simd::number<double>>();
}

}  // namespace locus::bench
