#include "sim/trace/chunk_packer.hpp"

#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "sim/trace/byte_shuffle.hpp"

namespace locus {

static_assert(std::endian::native == std::endian::little, "numbers are written as they lie in memory");

namespace {

constexpr std::uint32_t without_deflate = 2;  // mask of the second filter

constexpr std::size_t head = 4;  ///< bytes of a chunk that are stored as they are; ISA-L takes them for a dictionary

/// What a zlib stream (RFC 1950) begins with: its header, and a block (RFC 1951) that stores `head` bytes.
constexpr std::array<std::uint8_t, 7> zlib_start = {0x78, 0x01, 0x00, head, 0x00, 0xff - head, 0xff};

/// Packs into a zlib stream; 0 if that does not take less than `room` bytes.
///
/// ISA-L (2.30, and still 2.32) hashes a part of the stream's own *address* in place of the third byte when it begins
/// without any history ("write_first_byte" in igzip_icf_body_h1_gr_bt.asm), and so packs the same numbers in two ways
/// on two stacks. With a dictionary it does not. The dictionary is the beginning of the chunk itself, which is stored
/// before the rest, so that whoever unpacks has it too.
std::size_t deflate(std::span<std::byte> from, std::vector<std::byte>& to, std::size_t room,
                    std::vector<std::byte>& work) {
  constexpr std::size_t check = 4;  // Adler-32 at the end
  if (from.size() <= head || room <= zlib_start.size() + head + check) return 0;
  auto* const bytes = reinterpret_cast<std::uint8_t*>(from.data());
  auto* const out = reinterpret_cast<std::uint8_t*>(to.data());
  std::uint8_t* const packed = std::copy_n(bytes, head, std::copy(zlib_start.begin(), zlib_start.end(), out));
  isal_zstream stream;
  isal_deflate_init(&stream);
  stream.level = 1;
  stream.level_buf = reinterpret_cast<std::uint8_t*>(work.data());
  stream.level_buf_size = static_cast<std::uint32_t>(work.size());
  stream.end_of_stream = 1;
  if (isal_deflate_set_dict(&stream, bytes, head) != COMP_OK) return 0;
  stream.next_in = bytes + head;
  stream.avail_in = static_cast<std::uint32_t>(from.size() - head);
  stream.next_out = packed;
  stream.avail_out = static_cast<std::uint32_t>(room - static_cast<std::size_t>(packed - out) - check);
  if (isal_deflate(&stream) != COMP_OK || stream.internal_state.state != ZSTATE_END) return 0;
  const std::uint32_t sum = isal_adler32(1, bytes, from.size());
  for (std::size_t k = 0; k < check; ++k) *stream.next_out++ = static_cast<std::uint8_t>(sum >> (24 - 8 * k));
  return static_cast<std::size_t>(stream.next_out - out);
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
