#pragma once
/// Counter-based random numbers: every draw is a pure function of its key, so that adding a neuron
/// or asking in another order changes nobody else's numbers, and no generator state exists.

#include <cstdint>
#include <numeric>
#include <string_view>
#include <vector>

namespace locus {

/// A bijective mix of 64 bits (the finaliser of SplitMix64; Steele, Lea and Flood 2014).
[[nodiscard]] constexpr std::uint64_t mix_bits(std::uint64_t z) noexcept {
  z += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

/// FNV-1a, 64 bits.
[[nodiscard]] constexpr std::uint64_t hash_name(std::string_view name) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : name) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3u;
  }
  return hash;
}

/// The numbers of a stream's counters (a, b) with one a.
class random_row {
 public:
  explicit constexpr random_row(std::uint64_t key) noexcept : key_(key) {}

  [[nodiscard]] constexpr std::uint64_t bits(std::uint64_t b) const noexcept { return mix_bits(key_ ^ b); }

  /// Uniform in [0, 1), a multiple of 2^-53.
  [[nodiscard]] constexpr double uniform(std::uint64_t b) const noexcept {
    return static_cast<double>(bits(b) >> 11) * 0x1p-53;
  }

  /// Uniform in 0..n-1 (n > 0); the bias is below n * 2^-64.
  [[nodiscard]] constexpr std::uint64_t below(std::uint64_t n, std::uint64_t b) const noexcept {
    __extension__ using wide = unsigned __int128;
    return static_cast<std::uint64_t>((static_cast<wide>(bits(b)) * n) >> 64);
  }

 private:
  std::uint64_t key_;
};

/// The draws of one (seed, purpose, name). Copyable, stateless, thread-safe.
class random_stream {
 public:
  constexpr random_stream(std::uint64_t seed, std::string_view purpose, std::string_view name) noexcept
      : key_(mix_bits(mix_bits(mix_bits(seed) ^ hash_name(purpose)) ^ hash_name(name))) {}

  [[nodiscard]] constexpr random_row row(std::uint64_t a) const noexcept { return random_row(mix_bits(key_ ^ a)); }

  /// 64 random bits for the counter (a, b); a and b are for example postsynaptic and presynaptic index.
  [[nodiscard]] constexpr std::uint64_t bits(std::uint64_t a, std::uint64_t b = 0) const noexcept {
    return row(a).bits(b);
  }

  [[nodiscard]] constexpr double uniform(std::uint64_t a, std::uint64_t b = 0) const noexcept {
    return row(a).uniform(b);
  }

  [[nodiscard]] constexpr std::uint64_t below(std::uint64_t n, std::uint64_t a, std::uint64_t b = 0) const noexcept {
    return row(a).below(n, b);
  }

  /// A permutation of 0..n-1 (Fisher-Yates), the `which`-th of this stream.
  [[nodiscard]] std::vector<std::uint32_t> permutation(std::uint32_t n, std::uint64_t which = 0) const {
    std::vector<std::uint32_t> order(n);
    std::iota(order.begin(), order.end(), 0u);
    for (std::uint32_t i = n; i > 1; --i) std::swap(order[i - 1], order[below(i, which, i)]);
    return order;
  }

 private:
  std::uint64_t key_;
};

}  // namespace locus
