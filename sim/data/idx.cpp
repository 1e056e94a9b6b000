#include <fmt/format.h>
#include <fmt/ranges.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "sim/data/sources.hpp"

namespace locus {

namespace {

/// zlib reads gzipped and plain files alike.
struct gz_closer {
  void operator()(gzFile_s* file) const noexcept { gzclose(file); }
};
using gz_handle = std::unique_ptr<gzFile_s, gz_closer>;

/// Up to `wanted` bytes, fewer at the end of the file. Memory grows with what is read, whatever a header claims.
std::vector<std::uint8_t> read_bytes(gzFile_s* file, const std::string& path, std::uint64_t wanted) {
  constexpr std::uint64_t step = 1u << 20u;
  std::vector<std::uint8_t> bytes;
  bytes.reserve(std::min(wanted, 64 * step));
  while (bytes.size() < wanted) {
    const std::size_t before = bytes.size();
    const auto part = static_cast<unsigned>(std::min(wanted - before, step));
    bytes.resize(before + part);
    const int got = gzread(file, bytes.data() + before, part);
    if (got < 0) {
      int code = 0;
      throw run_error(fmt::format("{}: cannot be read: {}", path, gzerror(file, &code)));
    }
    bytes.resize(before + static_cast<std::size_t>(got));
    if (got == 0) break;
  }
  return bytes;
}

std::uint32_t big_endian(const std::vector<std::uint8_t>& bytes, std::size_t at) {
  return std::uint32_t{bytes[at]} << 24u | std::uint32_t{bytes[at + 1]} << 16u | std::uint32_t{bytes[at + 2]} << 8u |
         std::uint32_t{bytes[at + 3]};
}

/// The content of one file: `count` rows of `width` bytes.
struct idx_array {
  std::string path;
  std::uint32_t count = 0;
  std::uint32_t width = 1;
  std::vector<std::uint8_t> bytes;
};

/// An array without its bytes. Requires: dimensions is 1 or 3.
idx_array read_header(gzFile_s* file, const std::string& path, std::uint32_t dimensions) {
  const std::size_t size = 4 + 4 * std::size_t{dimensions};
  const std::vector<std::uint8_t> header = read_bytes(file, path, size);
  if (header.size() < size) {
    throw run_error(fmt::format("{}: truncated after {} bytes: the header must have {}", path, header.size(), size));
  }
  const std::uint32_t magic = big_endian(header, 0);
  if (magic != (0x800u | dimensions)) {
    throw run_error(fmt::format("{}: magic number {:#010x}: must be {:#010x} (bytes in {} dimension{})", path, magic,
                                0x800u | dimensions, dimensions, dimensions == 1 ? "" : "s"));
  }
  idx_array array{path, big_endian(header, 4), 1, {}};
  if (dimensions == 3) {
    const std::uint64_t width = std::uint64_t{big_endian(header, 8)} * big_endian(header, 12);
    if (width == 0 || width > std::numeric_limits<std::uint32_t>::max()) {
      throw run_error(fmt::format("{}: images of {} x {} pixels: must have 1 to 2^32 - 1 pixels", path,
                                  big_endian(header, 8), big_endian(header, 12)));
    }
    array.width = static_cast<std::uint32_t>(width);
  }
  return array;
}

idx_array read_array(const std::string& path, std::uint32_t dimensions) {
  const gz_handle file(gzopen(path.c_str(), "rb"));
  if (!file) throw run_error(path + ": cannot be opened");
  idx_array array = read_header(file.get(), path, dimensions);
  const std::uint64_t size = std::uint64_t{array.count} * array.width;
  array.bytes = read_bytes(file.get(), path, size);
  if (array.bytes.size() < size) {
    throw run_error(fmt::format("{}: truncated after {} bytes of data: must have {}", path, array.bytes.size(), size));
  }
  if (!read_bytes(file.get(), path, 1).empty()) {  // at the end of a gzipped file, zlib compares the checksum
    throw run_error(fmt::format("{}: more than {} bytes of data: must end there", path, size));
  }
  int code = Z_OK;
  const char* const message = gzerror(file.get(), &code);
  if (code != Z_OK) throw run_error(fmt::format("{}: damaged at its end: {}", path, message));
  return array;
}

/// The file's names: part is "train" or "t10k", what is "images" or "labels".
std::array<std::string, 4> accepted_names(const char* part, const char* what, std::uint32_t dimensions) {
  const std::string plain = fmt::format("{}-{}-idx{}-ubyte", part, what, dimensions);
  const std::string dotted = fmt::format("{}-{}.idx{}-ubyte", part, what, dimensions);
  return {plain, plain + ".gz", dotted, dotted + ".gz"};
}

/// The first of the names that exists, or nothing.
std::optional<std::string> find_file(const std::string& directory, const std::array<std::string, 4>& names) {
  for (const std::string& name : names) {
    const std::filesystem::path path = std::filesystem::path(directory) / name;
    std::error_code ignored;
    if (std::filesystem::is_regular_file(path, ignored)) return path.string();
  }
  return std::nullopt;
}

/// Images and labels of one part.
struct idx_part {
  idx_array images;
  idx_array labels;
};

/// Whether one of the part's two files is there.
bool part_exists(const std::string& directory, const char* part) {
  return find_file(directory, accepted_names(part, "images", 3)) ||
         find_file(directory, accepted_names(part, "labels", 1));
}

std::string required_file(const std::string& directory, const std::array<std::string, 4>& names) {
  if (std::optional<std::string> path = find_file(directory, names)) return *path;
  throw run_error(fmt::format("idx:{0}: {1} is missing: the directory \"{0}\" must hold one of {2}", directory,
                              names[0], fmt::join(names, ", ")));
}

idx_part read_part(const std::string& directory, const char* part) {
  const std::string images = required_file(directory, accepted_names(part, "images", 3));
  const std::string labels = required_file(directory, accepted_names(part, "labels", 1));
  idx_part read{read_array(images, 3), read_array(labels, 1)};
  if (read.images.count != read.labels.count) {
    throw run_error(fmt::format("{}: {} labels for the {} images of {}: must be as many", read.labels.path,
                                read.labels.count, read.images.count, read.images.path));
  }
  return read;
}

/// 10, or more if a label is above 9.
std::uint32_t label_width(const idx_part& part) {
  const auto& labels = part.labels.bytes;
  return labels.empty() ? 10 : std::max(10u, *std::max_element(labels.begin(), labels.end()) + 1u);
}

samples to_samples(idx_part part, std::uint32_t width) {
  return {number_table(part.images.width, std::move(part.images.bytes), 255), one_hot(part.labels.bytes, width)};
}

}  // namespace

data_set load_idx(const std::string& directory) {
  idx_part train = read_part(directory, "train");
  idx_part test;
  test.images.width = train.images.width;
  if (part_exists(directory, "t10k")) test = read_part(directory, "t10k");
  if (test.images.width != train.images.width) {
    throw run_error(fmt::format("{}: images of {} pixels: must have {}, as {}", test.images.path, test.images.width,
                                train.images.width, train.images.path));
  }
  const std::uint32_t width = std::max(label_width(train), label_width(test));
  return {to_samples(std::move(train), width), to_samples(std::move(test), width), "idx:" + directory,
          fmt::format("IDX files of the directory \"{}\"", directory)};
}

}  // namespace locus
