#include "sim/trace/chunk_unpacker.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <random>

#include "sim/core/hdf5_reading.hpp"
#include "sim/trace/byte_shuffle.hpp"
#include "tests/data/scratch_directory.hpp"

namespace test_trace_chunk_unpacker {

namespace {

using namespace locus;
using locus::test::scratch_directory;

struct stored_as {
  std::vector<hsize_t> size, chunk;
  bool shuffle = true;
  bool noise = false;  ///< nothing to compress
};

/// A dataset of random numbers, written by HDF5 itself.
template <class Number>
void write(const std::string& file, const stored_as& how) {
  const hdf5::session exclusive;
  const auto rank = static_cast<int>(how.size.size());
  hsize_t count = 1;
  for (const hsize_t n : how.size) count *= n;
  std::mt19937 random(3);
  std::vector<Number> numbers(count);
  for (Number& x : numbers) {
    const auto drawn = random();
    x = static_cast<Number>(how.noise ? drawn : drawn % 5) / 7;
  }
  const hid_t type = sizeof(Number) == sizeof(float) ? H5T_IEEE_F32LE : H5T_IEEE_F64LE;
  const hid_t native = sizeof(Number) == sizeof(float) ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE;
  const hdf5::handle out(H5Fcreate(file.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
  std::vector<hsize_t> most = how.size;
  most[0] = H5S_UNLIMITED;
  const hdf5::handle space(H5Screate_simple(rank, how.size.data(), most.data())),
      filters(H5Pcreate(H5P_DATASET_CREATE));
  H5Pset_chunk(filters.get(), rank, how.chunk.data());
  if (how.shuffle) H5Pset_shuffle(filters.get());
  H5Pset_deflate(filters.get(), 1);
  const hdf5::handle x(H5Dcreate2(out.get(), "x", type, space.get(), H5P_DEFAULT, filters.get(), H5P_DEFAULT));
  REQUIRE(H5Dwrite(x.get(), native, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers.data()) >= 0);
}

template <class Number>
void check_parts(const std::string& file, const stored_as& how) {
  write<Number>(file, how);
  const hdf5::session exclusive;
  const hdf5::object opened = hdf5::open_file(file), x = hdf5::open_checked(opened, "x", H5T_FLOAT, 0);
  for (const auto& [first, frames] :
       std::vector<std::pair<hsize_t, hsize_t>>{{0, 37}, {0, 1}, {15, 3}, {16, 16}, {36, 1}}) {
    std::vector<Number> got;
    REQUIRE(unpack_frames(x, first, frames, got));
    std::vector<hsize_t> start(how.size.size(), 0), count = how.size;
    start[0] = first;
    count[0] = frames;
    const std::vector<double> expected = hdf5::read_numbers(x, start, count);
    CHECK(std::equal(got.begin(), got.end(), expected.begin(), expected.end()));
  }
}

}  // namespace

TEST_CASE("byte shuffle: there and back") {
  std::mt19937 random(1);
  for (const std::size_t bytes : {sizeof(float), sizeof(double)}) {
    for (const std::size_t count : {0u, 1u, 15u, 16u, 17u, 32u, 100u}) {
      std::vector<std::byte> plain(count * bytes), shuffled(plain.size()), back(plain.size());
      for (std::byte& b : plain) b = static_cast<std::byte>(random());
      shuffle_bytes(plain, bytes, shuffled.data());
      unshuffle_bytes(shuffled, bytes, back.data());
      CHECK((back == plain));
    }
  }
}

TEST_CASE("chunk unpacker: reads what HDF5 reads") {
  const scratch_directory folder;
  const std::string file = folder.path("x.h5");
  for (const bool noise : {false, true}) {
    check_parts<double>(file, {{37, 50}, {16, 24}, true, noise});
    check_parts<float>(file, {{37, 50}, {16, 50}, true, noise});
    check_parts<float>(file, {{37, 10, 5}, {8, 4, 3}, true, noise});
    check_parts<double>(file, {{37, 10, 5}, {64, 4, 5}, true, noise});
  }
}

TEST_CASE("chunk unpacker: leaves alone what is stored otherwise, or damaged") {
  const scratch_directory folder;
  const std::string file = folder.path("x.h5");
  std::vector<float> single;
  std::vector<double> numbers;
  const auto readable = [&] {
    const hdf5::session exclusive;
    const hdf5::object opened = hdf5::open_file(file), x = hdf5::open_checked(opened, "x", H5T_FLOAT, 0);
    return std::pair(unpack_frames(x, 0, 8, single), unpack_frames(x, 0, 8, numbers));
  };
  write<float>(file, {{16, 20}, {8, 20}});
  CHECK(readable() == std::pair(true, false));
  write<double>(file, {{16, 20}, {8, 20}});
  CHECK(readable() == std::pair(false, true));
  write<double>(file, {{16, 20}, {8, 20}, false});
  CHECK(readable() == std::pair(false, false));
  write<double>(file, {{320}, {8}});
  CHECK(readable() == std::pair(false, false));
  // A chunk that ends early, one that is no stream, and one whose sum is wrong.
  for (const int damage : {0, 1, 2}) {
    write<double>(file, {{16, 20}, {8, 20}});
    {
      const hdf5::session exclusive;
      const hdf5::handle out(H5Fopen(file.c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
      const hdf5::handle x(H5Dopen2(out.get(), "x", H5P_DEFAULT));
      const std::array<hsize_t, 2> corner = {0, 0};
      hsize_t size = 0;
      REQUIRE(H5Dget_chunk_storage_size(x.get(), corner.data(), &size) >= 0);
      std::vector<unsigned char> chunk(size);
      std::uint32_t filters = 0;
      REQUIRE(H5Dread_chunk(x.get(), H5P_DEFAULT, corner.data(), &filters, chunk.data()) >= 0);
      if (damage == 0) chunk.resize(size / 2);
      if (damage == 1) chunk[0] = 0xff;
      if (damage == 2) chunk.back() ^= 1;
      REQUIRE(H5Dwrite_chunk(x.get(), H5P_DEFAULT, filters, corner.data(), chunk.size(), chunk.data()) >= 0);
    }
    CHECK(readable() == std::pair(false, false));
  }
}

}  // namespace test_trace_chunk_unpacker
