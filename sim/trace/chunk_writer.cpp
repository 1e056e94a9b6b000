#include "sim/trace/chunk_writer.hpp"

#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace locus {

static_assert(std::endian::native == std::endian::little, "numbers are written as they lie in memory");

namespace {

constexpr std::uint32_t without_deflate = 2;  // mask of the second filter

/// Exchanges, in two words of eight bytes, the upper `bits` of each group of 2 `bits` of `a` with the lower ones of
/// `b`.
void exchange(std::uint64_t& a, std::uint64_t& b, unsigned bits, std::uint64_t lower) {
  const std::uint64_t difference = ((a >> bits) ^ b) & lower;
  b ^= difference;
  a ^= difference << bits;
}

/// Transposes eight words as a matrix of 8 x 8 bytes.
void transpose(std::array<std::uint64_t, 8>& w) {
  for (std::size_t i : {0u, 1u, 2u, 3u}) exchange(w[i], w[i + 4], 32, 0x00000000ffffffff);
  for (std::size_t i : {0u, 1u, 4u, 5u}) exchange(w[i], w[i + 2], 16, 0x0000ffff0000ffff);
  for (std::size_t i : {0u, 2u, 4u, 6u}) exchange(w[i], w[i + 1], 8, 0x00ff00ff00ff00ff);
}

/// HDF5's filter: all numbers' first bytes, then all second ones, ...
template <std::size_t bytes>
void shuffle_numbers(const std::byte* from, std::size_t count, std::byte* to) {
  std::size_t i = 0;
  if constexpr (bytes == 8) {
    std::array<std::uint64_t, 8> words;
    for (; i + 8 <= count; i += 8) {
      std::memcpy(words.data(), from + i * bytes, sizeof(words));
      transpose(words);
      for (std::size_t b = 0; b < bytes; ++b) std::memcpy(to + b * count + i, &words[b], sizeof(words[b]));
    }
  }
  for (; i < count; ++i) {
    for (std::size_t b = 0; b < bytes; ++b) to[b * count + i] = from[i * bytes + b];
  }
}

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

void chunk_writer::write(const hdf5::object& dataset, std::size_t first, std::size_t frames, std::size_t bytes,
                         const std::vector<std::uint64_t>& shape, const std::vector<std::uint64_t>& chunk,
                         const std::byte* values) {
  const std::size_t neurons = shape.empty() ? 1 : shape[0];
  const std::size_t lanes = shape.size() < 2 ? 1 : shape[1];
  const std::size_t tall = chunk[0];
  const std::size_t wide = chunk.size() < 2 ? 1 : chunk[1];
  const std::size_t deep = chunk.size() < 3 ? 1 : chunk[2];
  plain_.assign(tall * wide * deep * bytes, std::byte{0});
  for (std::size_t f = 0; f < frames; f += tall) {
    for (std::size_t n = 0; n < neurons; n += wide) {
      for (std::size_t l = 0; l < lanes; l += deep) {
        const std::size_t rows = std::min(tall, frames - f);
        const std::size_t across = std::min(wide, neurons - n);
        const std::size_t along = std::min(deep, lanes - l);
        if (rows * across * along != tall * wide * deep) std::fill(plain_.begin(), plain_.end(), std::byte{0});
        for (std::size_t r = 0; r < rows; ++r) {
          const std::byte* row = values + (((f + r) * neurons + n) * lanes + l) * bytes;
          std::byte* to = plain_.data() + r * wide * deep * bytes;
          if (along == lanes && deep == lanes) {
            std::memcpy(to, row, across * lanes * bytes);
            continue;
          }
          for (std::size_t k = 0; k < across; ++k) {
            std::memcpy(to + k * deep * bytes, row + k * lanes * bytes, along * bytes);
          }
        }
        std::vector<hsize_t> at = {first + f, n, l};
        at.resize(chunk.size());
        write_chunk(dataset, at, bytes);
      }
    }
  }
}

void chunk_writer::shuffle(std::size_t bytes) {
  shuffled_.resize(plain_.size());
  const std::size_t count = plain_.size() / bytes;
  if (bytes == sizeof(double)) shuffle_numbers<sizeof(double)>(plain_.data(), count, shuffled_.data());
  else shuffle_numbers<sizeof(float)>(plain_.data(), count, shuffled_.data());
}

void chunk_writer::write_chunk(const hdf5::object& dataset, const std::vector<hsize_t>& at, std::size_t bytes) {
  shuffle(bytes);
  packed_.resize(shuffled_.size());
  work_.resize(ISAL_DEF_LVL1_DEFAULT);
  const std::size_t size = deflate(shuffled_, packed_, packed_.size(), work_);
  if (size != 0) hdf5::write_chunk(dataset, at, 0, {packed_.data(), size});
  else hdf5::write_chunk(dataset, at, without_deflate, shuffled_);
}

}  // namespace locus
