#pragma once
/// Packs blocks of frames into chunks. HDF5's own way would do the same with several copies, and with a compressor that
/// is slower by a factor of three to ten.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "sim/core/hdf5.hpp"

namespace locus {

/// A chunk as the file holds it.
struct packed_chunk {
  std::vector<hsize_t> at;           ///< place of its first number; frames count from the first that was packed
  std::uint32_t skipped = 0;         ///< mask of the filters that were not applied
  std::span<const std::byte> bytes;  ///< gone when the receiver returns
};

/// Applies the filters shuffle and deflate (as zlib's level 1) by itself: needs no session, and gives the same bytes
/// whichever packer does it. One a thread: it keeps its buffers.
class chunk_packer {
 public:
  using receiver = std::function<void(const packed_chunk&)>;

  /// Packs `frames` rows of numbers of `bytes` bytes each; `shape` is that of a row (at most two dimensions), `chunk`
  /// that of a chunk, frames first.
  void pack(std::size_t frames, std::size_t bytes, const std::vector<std::uint64_t>& shape,
            const std::vector<std::uint64_t>& chunk, const std::byte* values, const receiver& to);

 private:
  void pack_chunk(std::vector<hsize_t> at, std::size_t bytes, std::span<const std::byte> plain, const receiver& to);

  std::vector<std::byte> plain_;     ///< a chunk that does not lie in one piece
  std::vector<std::byte> shuffled_;  ///< its numbers' first bytes, then their second ones, ...
  std::vector<std::byte> packed_;
  std::vector<std::byte> work_;
};

}  // namespace locus
