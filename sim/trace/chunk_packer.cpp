#include "sim/trace/chunk_packer.hpp"

#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "sim/trace/byte_shuffle.hpp"

namespace locus {

static_assert(std::endian::native == std::endian::little, "numbers are written as they lie in memory");

namespace {

constexpr std::uint32_t without_deflate = 2;  // mask of the second filter

/// Packs into a zlib stream; 0 if that takes more than `room` bytes.
std::size_t deflate(std::vector<std::byte>& from, std::vector<std::byte>& to, std::size_t room,
                    std::vector<std::byte>& work) {
  isal_zstream stream;
  isal_deflate_stateless_init(&stream);
  stream.level = 1;
  stream.level_buf = reinterpret_cast<std::uint8_t*>(work.data());
  stream.level_buf_size = static_cast<std::uint32_t>(work.size());
  stream.gzip_flag = IGZIP_ZLIB;
  stream.end_of_stream = 1;
  stream.next_in = reinterpret_cast<std::uint8_t*>(from.data());
  stream.avail_in = static_cast<std::uint32_t>(from.size());
  stream.next_out = reinterpret_cast<std::uint8_t*>(to.data());
  stream.avail_out = static_cast<std::uint32_t>(room);
  return isal_deflate_stateless(&stream) == COMP_OK ? stream.total_out : 0;
}

}  // namespace

void chunk_packer::pack(std::size_t frames, std::size_t bytes, const std::vector<std::uint64_t>& shape,
                        const std::vector<std::uint64_t>& chunk, const std::byte* values, const receiver& to) {
  const std::size_t neurons = shape.empty() ? 1 : shape[0];
  const std::size_t lanes = shape.size() < 2 ? 1 : shape[1];
  const std::size_t tall = chunk[0];
  const std::size_t wide = chunk.size() < 2 ? 1 : chunk[1];
  const std::size_t deep = chunk.size() < 3 ? 1 : chunk[2];
  const std::size_t chunk_bytes = tall * wide * deep * bytes;
  const bool of_whole_frames = wide == neurons && deep == lanes;
  plain_.resize(of_whole_frames && frames % tall == 0 ? 0 : chunk_bytes);
  for (std::size_t f = 0; f < frames; f += tall) {
    for (std::size_t n = 0; n < neurons; n += wide) {
      for (std::size_t l = 0; l < lanes; l += deep) {
        std::vector<hsize_t> at = {f, n, l};
        at.resize(chunk.size());
        const std::size_t rows = std::min(tall, frames - f);
        const std::byte* corner = values + ((f * neurons + n) * lanes + l) * bytes;
        if (of_whole_frames && rows == tall) {
          pack_chunk(std::move(at), bytes, {corner, chunk_bytes}, to);
          continue;
        }
        const std::size_t across = std::min(wide, neurons - n);
        const std::size_t along = std::min(deep, lanes - l);
        if (rows * across * along != tall * wide * deep) std::fill(plain_.begin(), plain_.end(), std::byte{0});
        for (std::size_t r = 0; r < rows; ++r) {
          const std::byte* row = corner + r * neurons * lanes * bytes;
          std::byte* target = plain_.data() + r * wide * deep * bytes;
          if (along == lanes && deep == lanes) {
            std::memcpy(target, row, across * lanes * bytes);
            continue;
          }
          for (std::size_t k = 0; k < across; ++k) {
            std::memcpy(target + k * deep * bytes, row + k * lanes * bytes, along * bytes);
          }
        }
        pack_chunk(std::move(at), bytes, plain_, to);
      }
    }
  }
}

void chunk_packer::pack_chunk(std::vector<hsize_t> at, std::size_t bytes, std::span<const std::byte> plain,
                              const receiver& to) {
  shuffled_.resize(plain.size());
  shuffle_bytes(plain, bytes, shuffled_.data());
  packed_.resize(plain.size());
  work_.resize(ISAL_DEF_LVL1_EXTRA_LARGE);
  const std::size_t size = deflate(shuffled_, packed_, packed_.size(), work_);
  if (size != 0) to({std::move(at), 0, {packed_.data(), size}});
  else to({std::move(at), without_deflate, shuffled_});
}

}  // namespace locus
