#pragma once
/// Writes blocks of frames as compressed chunks. HDF5's own way would do the same with several copies, and with a
/// compressor that is slower by a factor of three to ten.

#include <cstddef>
#include <span>
#include <vector>

#include "sim/core/hdf5.hpp"

namespace locus {

/// Applies the filters shuffle and deflate (as zlib's level 1) by itself. One a thread: it keeps its buffers.
class chunk_writer {
 public:
  /// Appends `frames` rows of numbers of `bytes` bytes each to `dataset`; `shape` is that of a row (at most two
  /// dimensions), `chunk` that of a chunk, frames first. Requires: the dataset has been extended from `first`, a
  /// multiple of the chunk's frames.
  void write(const hdf5::object& dataset, std::size_t first, std::size_t frames, std::size_t bytes,
             const std::vector<std::uint64_t>& shape, const std::vector<std::uint64_t>& chunk, const std::byte* values);

 private:
  void write_chunk(const hdf5::object& dataset, const std::vector<hsize_t>& at, std::size_t bytes,
                   std::span<const std::byte> plain);

  std::vector<std::byte> plain_;     ///< a chunk that does not lie in one piece
  std::vector<std::byte> shuffled_;  ///< its numbers' first bytes, then their second ones, ...
  std::vector<std::byte> packed_;
  std::vector<std::byte> work_;
};

}  // namespace locus
