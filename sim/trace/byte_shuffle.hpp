#pragma once
/// HDF5's filter "shuffle": numbers that are alike have upper bytes that are equal, which compress well side by side.

#include <cstddef>
#include <span>

namespace locus {

/// Writes all numbers' first bytes, then all second ones, ... `bytes` is 4 or 8, the size of a number. Requires: `to`
/// has room for `from`, and does not overlap it.
void shuffle_bytes(std::span<const std::byte> from, std::size_t bytes, std::byte* to);

/// The way back.
void unshuffle_bytes(std::span<const std::byte> from, std::size_t bytes, std::byte* to);

}  // namespace locus
