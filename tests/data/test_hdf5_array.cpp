#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

#include "sim/core/errors.hpp"
#include "sim/core/hdf5.hpp"
#include "sim/data/number_array.hpp"
#include "tests/data/scratch_directory.hpp"

namespace test_data_hdf5_array {

namespace {

using namespace locus;
using Catch::Contains;
using test::scratch_directory;

/// A file with one dataset "a/x".
template <class T>
std::string file_of(const scratch_directory& directory, hid_t file_type, hid_t type, const std::vector<hsize_t>& size,
                    const std::vector<T>& numbers) {
  const hdf5::session exclusive;
  const std::string name = directory.path("f.h5");
  atomic_file place(name);
  hdf5::object file = hdf5::create_file(place);
  {
    const hdf5::object x = hdf5::create_dataset(file, "a/x", file_type, {.size = size, .chunk = {}});
    hdf5::write(x, type, numbers.data());
    hdf5::set_text(x, "units", "1");
  }
  hdf5::close(file);
  place.commit();
  return name;
}

TEST_CASE("hdf5: floats and integers in either byte order", "[data]") {
  const scratch_directory directory;
  const std::vector<double> numbers{0, -1, 2, 3, 4, 5};
  for (const hid_t type : {H5T_IEEE_F64LE, H5T_IEEE_F32BE, H5T_STD_I16LE, H5T_STD_I64BE}) {
    const number_array a = read_hdf5_array(file_of(directory, type, H5T_NATIVE_DOUBLE, {3, 2}, numbers), "a/x");
    CHECK(a.shape == std::vector<std::uint64_t>{3, 2});
    CHECK(a.numbers == numbers);
    CHECK(a.whole == (H5Tget_class(type) == H5T_INTEGER));
  }
}

TEST_CASE("hdf5: unsigned bytes stay bytes; three dimensions", "[data]") {
  const scratch_directory directory;
  const std::vector<std::uint8_t> bytes{0, 1, 2, 253, 254, 255};
  const number_array a = read_hdf5_array(file_of(directory, H5T_STD_U8LE, H5T_NATIVE_UINT8, {1, 2, 3}, bytes), "/a/x");
  CHECK(a.shape == std::vector<std::uint64_t>{1, 2, 3});
  CHECK(a.bytes == bytes);
}

TEST_CASE("hdf5: more than the reader tells at once", "[data]") {
  const scratch_directory directory;
  std::vector<double> numbers(3'000'000);  // 24 MB; 8 at a time
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<double>(i);
  const number_array a =
      read_hdf5_array(file_of(directory, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, {3000, 1000}, numbers), "a/x");
  CHECK(a.numbers == numbers);
}

TEST_CASE("hdf5: what is wrong is said with file and dataset", "[data]") {
  const scratch_directory directory;
  const std::string file = file_of<double>(directory, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, {2}, {1, NAN});
  CHECK_THROWS_WITH(read_hdf5_array(file, "a/y"), Contains(file) && Contains("there is no dataset \"a/y\""));
  CHECK_THROWS_WITH(read_hdf5_array(file, "a"), Contains("it is not a dataset"));
  CHECK_THROWS_WITH(read_hdf5_array(file, "a/x"), file + ":a/x: [1] is nan: must be finite");
  CHECK_THROWS_WITH(read_hdf5_array(directory.path("none.h5"), "x"), Contains("No such file or directory"));
  CHECK_THROWS_WITH(read_hdf5_array(directory.write("text.h5", "no HDF5"), "x"), Contains("not an HDF5 file"));
  const std::string four = file_of<double>(directory, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, {1, 1, 1, 2}, {1, 2});
  CHECK_THROWS_WITH(read_hdf5_array(four, "a/x"), Contains("4 dimensions: must have 1 to 3"));
  const std::string large =
      file_of<std::int64_t>(directory, H5T_STD_I64LE, H5T_NATIVE_INT64, {1}, {(std::int64_t{1} << 53)});
  CHECK_THROWS_WITH(read_hdf5_array(large, "a/x"), Contains("must be below 2^53 in magnitude"));
}

}  // namespace

}  // namespace test_data_hdf5_array
