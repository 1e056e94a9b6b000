#include "sim/trace/byte_shuffle.hpp"

#include <array>
#include <cstdint>
#include <cstring>

namespace locus {

namespace {

constexpr std::size_t vector_bytes = 16;
using vector = std::uint8_t __attribute__((vector_size(vector_bytes)));

/// a0 b0 a1 b1 ... of the lower halves, and of the upper ones.
vector interleave_lower(vector a, vector b) {
  return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
vector interleave_upper(vector a, vector b) {
  return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

/// Interleaves the first half of some vectors with the second one, which rotates the bits of each byte's place by one.
template <std::size_t count>
void interleave(std::array<vector, count>& all) {
  std::array<vector, count> next;
  for (std::size_t k = 0; k < count / 2; ++k) {
    next[2 * k] = interleave_lower(all[k], all[k + count / 2]);
    next[2 * k + 1] = interleave_upper(all[k], all[k + count / 2]);
  }
  all = next;
}

/// Sixteen numbers a turn, in as many vectors of sixteen bytes as a number has bytes: from (number, byte) to (byte,
/// number) in four rotations.
template <std::size_t bytes>
void shuffle_numbers(const std::uint8_t* from, std::size_t count, std::uint8_t* to) {
  std::size_t i = 0;
  for (; i + vector_bytes <= count; i += vector_bytes) {
    std::array<vector, bytes> now;
    for (std::size_t k = 0; k < bytes; ++k) std::memcpy(&now[k], from + i * bytes + k * vector_bytes, vector_bytes);
    for (std::size_t bit = 1; bit < vector_bytes; bit *= 2) interleave(now);
    for (std::size_t k = 0; k < bytes; ++k) std::memcpy(to + k * count + i, &now[k], vector_bytes);
  }
  for (; i < count; ++i) {
    for (std::size_t k = 0; k < bytes; ++k) to[k * count + i] = from[i * bytes + k];
  }
}

/// The rotations that remain: as many as a number's bytes have bits in their places.
template <std::size_t bytes>
void unshuffle_numbers(const std::uint8_t* from, std::size_t count, std::uint8_t* to) {
  std::size_t i = 0;
  for (; i + vector_bytes <= count; i += vector_bytes) {
    std::array<vector, bytes> now;
    for (std::size_t k = 0; k < bytes; ++k) std::memcpy(&now[k], from + k * count + i, vector_bytes);
    for (std::size_t bit = 1; bit < bytes; bit *= 2) interleave(now);
    for (std::size_t k = 0; k < bytes; ++k) std::memcpy(to + i * bytes + k * vector_bytes, &now[k], vector_bytes);
  }
  for (; i < count; ++i) {
    for (std::size_t k = 0; k < bytes; ++k) to[i * bytes + k] = from[k * count + i];
  }
}

}  // namespace

void shuffle_bytes(std::span<const std::byte> from, std::size_t bytes, std::byte* to) {
  const auto* source = reinterpret_cast<const std::uint8_t*>(from.data());
  auto* target = reinterpret_cast<std::uint8_t*>(to);
  if (bytes == sizeof(double)) shuffle_numbers<sizeof(double)>(source, from.size() / bytes, target);
  else shuffle_numbers<sizeof(float)>(source, from.size() / bytes, target);
}

void unshuffle_bytes(std::span<const std::byte> from, std::size_t bytes, std::byte* to) {
  const auto* source = reinterpret_cast<const std::uint8_t*>(from.data());
  auto* target = reinterpret_cast<std::uint8_t*>(to);
  if (bytes == sizeof(double)) unshuffle_numbers<sizeof(double)>(source, from.size() / bytes, target);
  else unshuffle_numbers<sizeof(float)>(source, from.size() / bytes, target);
}

}  // namespace locus
