#include "sim/trace/chunk_unpacker.hpp"

#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "sim/trace/byte_shuffle.hpp"

namespace locus {
namespace {

constexpr std::size_t largest_chunk = std::size_t{16} << 20u;  // bytes; traces have far smaller ones

/// A block of numbers with three sides: frames, neurons, lanes.
using sides = std::array<hsize_t, 3>;

sides of_three(const std::vector<hsize_t>& list) {
  sides s = {1, 1, 1};
  std::copy(list.begin(), list.end(), s.begin());
  return s;
}

/// The shape of the chunks, if they hold numbers of `bytes` that went through the filters shuffle and deflate.
std::optional<sides> shape_of_chunks(const hdf5::object& dataset, std::size_t rank, std::size_t bytes) {
  const hdf5::handle type(H5Dget_type(dataset.id.get()));
  if (!type || H5Tequal(type.get(), bytes == sizeof(float) ? H5T_IEEE_F32LE : H5T_IEEE_F64LE) <= 0) return std::nullopt;
  const hdf5::handle how(H5Dget_create_plist(dataset.id.get()));
  std::vector<hsize_t> shape(rank);
  if (!how || H5Pget_layout(how.get()) != H5D_CHUNKED ||
      H5Pget_chunk(how.get(), static_cast<int>(rank), shape.data()) != static_cast<int>(rank))
    return std::nullopt;
  const auto filter = [&](unsigned which) {
    unsigned flags = 0;
    std::size_t values = 0;
    return H5Pget_filter2(how.get(), which, &flags, &values, nullptr, 0, nullptr, nullptr);
  };
  if (H5Pget_nfilters(how.get()) != 2 || filter(0) != H5Z_FILTER_SHUFFLE || filter(1) != H5Z_FILTER_DEFLATE)
    return std::nullopt;
  std::size_t size = bytes;
  for (const hsize_t n : shape) {
    if (n == 0 || n > largest_chunk / size) return std::nullopt;
    size *= n;
  }
  return of_three(shape);
}

bool inflate(std::vector<std::byte>& packed, std::vector<std::byte>& to) {
  inflate_state state;
  isal_inflate_init(&state);
  state.crc_flag = ISAL_ZLIB;  // with its header and its sum, which is checked
  state.next_in = reinterpret_cast<std::uint8_t*>(packed.data());
  state.avail_in = static_cast<std::uint32_t>(packed.size());
  state.next_out = reinterpret_cast<std::uint8_t*>(to.data());
  state.avail_out = static_cast<std::uint32_t>(to.size());
  return isal_inflate(&state) == ISAL_DECOMP_OK && state.block_state == ISAL_BLOCK_FINISH && state.avail_out == 0;
}

/// Reads one chunk after the other.
class chunks {
 public:
  chunks(const hdf5::object& dataset, std::size_t bytes, std::size_t size)
      : dataset_(dataset), bytes_(bytes), shuffled_(size), plain_(size) {}

  /// The chunk that begins there; null if it cannot be had.
  const std::byte* read(const sides& corner) {
    constexpr std::uint32_t not_shuffled = 1, not_deflated = 2;
    hsize_t stored = 0;
    if (H5Dget_chunk_storage_size(dataset_.id.get(), corner.data(), &stored) < 0 || stored == 0 ||
        stored > shuffled_.size() + 1024)
      return nullptr;
    packed_.resize(stored);
    std::uint32_t filters = 0;
    if (H5Dread_chunk(dataset_.id.get(), H5P_DEFAULT, corner.data(), &filters, packed_.data()) < 0) return nullptr;
    if ((filters & not_shuffled) != 0) return nullptr;
    if ((filters & not_deflated) == 0 ? !inflate(packed_, shuffled_) : packed_.size() != shuffled_.size())
      return nullptr;
    unshuffle_bytes((filters & not_deflated) == 0 ? shuffled_ : packed_, bytes_, plain_.data());
    return plain_.data();
  }

 private:
  const hdf5::object& dataset_;
  std::size_t bytes_;
  std::vector<std::byte> packed_, shuffled_, plain_;
};

}  // namespace

template <class Number>
bool unpack_frames(const hdf5::object& dataset, hsize_t first, hsize_t count, std::vector<Number>& to) {
  const std::vector<hsize_t> size = hdf5::size_of(dataset);
  if (size.size() < 2 || size.size() > 3) return false;
  const auto found = shape_of_chunks(dataset, size.size(), sizeof(Number));
  if (!found) return false;
  const sides all = of_three(size), chunk = *found;
  to.resize(count * all[1] * all[2]);
  chunks each(dataset, sizeof(Number), chunk[0] * chunk[1] * chunk[2] * sizeof(Number));
  for (hsize_t f = first / chunk[0] * chunk[0]; f < first + count; f += chunk[0]) {
    const hsize_t begin = std::max(f, first), end = std::min(f + chunk[0], first + count);
    for (hsize_t n = 0; n < all[1]; n += chunk[1]) {
      for (hsize_t l = 0; l < all[2]; l += chunk[2]) {
        const std::byte* numbers = each.read({f, n, l});
        if (numbers == nullptr) return false;
        const hsize_t across = std::min(chunk[1], all[1] - n), along = std::min(chunk[2], all[2] - l);
        const bool rows = chunk[2] == all[2];  // of all lanes: one after the other in both
        for (hsize_t row = begin; row < end; ++row) {
          const std::byte* from = numbers + (row - f) * chunk[1] * chunk[2] * sizeof(Number);
          Number* target = to.data() + ((row - first) * all[1] + n) * all[2] + l;
          if (rows) {
            std::memcpy(target, from, across * along * sizeof(Number));
            continue;
          }
          for (hsize_t k = 0; k < across; ++k)
            std::memcpy(target + k * all[2], from + k * chunk[2] * sizeof(Number), along * sizeof(Number));
        }
      }
    }
  }
  return true;
}

template bool unpack_frames(const hdf5::object&, hsize_t, hsize_t, std::vector<float>&);
template bool unpack_frames(const hdf5::object&, hsize_t, hsize_t, std::vector<double>&);

}  // namespace locus
