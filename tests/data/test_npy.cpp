#include <catch2/catch.hpp>

#include <cstdint>
#include <limits>
#include <vector>

#include "sim/core/errors.hpp"
#include "sim/data/data_set.hpp"
#include "sim/data/number_array.hpp"
#include "tests/data/npy_files.hpp"
#include "tests/data/scratch_directory.hpp"

namespace test_data_npy {

namespace {

using namespace locus;
using Catch::Message;
using test::bytes_in_order;
using test::npy_dictionary;
using test::npy_file;
using test::scratch_directory;

/// What a file of that content holds.
number_array read(const std::string& content) {
  const scratch_directory directory;
  return read_npy(directory.write("x.npy", content));
}

/// What reading says of it, after the name of the file.
std::string complaint(const std::string& content) {
  const scratch_directory directory;
  const std::string file = directory.write("x.npy", content);
  try {
    (void)read_npy(file);
  } catch (const run_error& error) {
    const std::string text = error.what();
    REQUIRE(text.starts_with(file + ": "));
    return text.substr(file.size() + 2);
  }
  return "(read)";
}

/// The numbers -3, 2, 1, 0 (3 if unsigned) of a type in both byte orders, and what they are read as.
template <class T>
void check_type(const std::string& name, bool whole) {
  const T first = std::numeric_limits<T>::is_signed ? static_cast<T>(-3) : T(3);
  const std::vector<T> numbers{first, T(2), T(1), T(0)};
  for (const bool big : {false, true}) {
    const std::string order = sizeof(T) == 1 ? "|" : big ? ">" : "<";
    const number_array a = read(npy_file(npy_dictionary(order + name, "(4,)"), bytes_in_order(numbers, big)));
    INFO(order << name);
    CHECK(a.shape == std::vector<std::uint64_t>{4});
    CHECK(a.whole == whole);
    REQUIRE(a.size() == 4);
    for (std::size_t i = 0; i < 4; ++i) CHECK(a.at(i) == static_cast<double>(numbers[i]));
  }
}

TEST_CASE("npy: floats and integers of every width, in both byte orders", "[data]") {
  check_type<float>("f4", false);
  check_type<double>("f8", false);
  check_type<std::int8_t>("i1", true);
  check_type<std::int16_t>("i2", true);
  check_type<std::int32_t>("i4", true);
  check_type<std::int64_t>("i8", true);
  check_type<std::uint8_t>("u1", true);
  check_type<std::uint16_t>("u2", true);
  check_type<std::uint32_t>("u4", true);
  check_type<std::uint64_t>("u8", true);
}

TEST_CASE("npy: bytes stay bytes", "[data]") {
  const number_array a = read(npy_file(npy_dictionary("|u1", "(2, 2)"), std::string("\x00\x7f\x80\xff", 4)));
  CHECK(a.numbers.empty());
  CHECK(a.bytes == std::vector<std::uint8_t>{0, 127, 128, 255});
}

TEST_CASE("npy: C and Fortran order, one to three dimensions", "[data]") {
  // Element [i][j][k] is 100 i + 10 j + k.
  std::vector<double> rows, columns;
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 3; ++j)
      for (int k = 0; k < 4; ++k) rows.push_back(100 * i + 10 * j + k);
  for (int k = 0; k < 4; ++k)
    for (int j = 0; j < 3; ++j)
      for (int i = 0; i < 2; ++i) columns.push_back(100 * i + 10 * j + k);
  const number_array c = read(npy_file(npy_dictionary("<f8", "(2, 3, 4)"), bytes_in_order(rows, false)));
  const number_array f = read(npy_file(npy_dictionary("<f8", "(2, 3, 4)", true), bytes_in_order(columns, false)));
  CHECK(c.numbers == rows);
  CHECK(f.numbers == rows);
  CHECK(f.shape == std::vector<std::uint64_t>{2, 3, 4});
  const number_array two = read(npy_file(npy_dictionary("<f8", "(3, 2)", true),
                                         bytes_in_order(std::vector<double>{0, 10, 20, 1, 11, 21}, false)));
  CHECK(two.numbers == std::vector<double>{0, 1, 10, 11, 20, 21});
  CHECK(read(npy_file(npy_dictionary("<f8", "(2,)", true), bytes_in_order(std::vector<double>{1, 2}, false))).numbers ==
        std::vector<double>{1, 2});
}

TEST_CASE("npy: more elements than a block, in Fortran order", "[data]") {
  constexpr std::uint32_t rows = 1000, columns = 151;  // 151000 elements; a block has 65536
  std::vector<float> numbers;
  for (std::uint32_t k = 0; k < columns; ++k)
    for (std::uint32_t i = 0; i < rows; ++i) numbers.push_back(static_cast<float>(i * columns + k));
  const number_array a = read(npy_file(npy_dictionary("<f4", "(1000, 151)", true), bytes_in_order(numbers, false)));
  REQUIRE(a.size() == numbers.size());
  bool right = true;
  for (std::size_t i = 0; i < a.size(); ++i) right = right && a.at(i) == static_cast<double>(i);
  CHECK(right);
}

TEST_CASE("npy: format 2.0, keys in any order, few spaces", "[data]") {
  const std::string data = bytes_in_order(std::vector<double>{5}, false);
  CHECK(read(npy_file(npy_dictionary("<f8", "(1,)"), data, 2)).at(0) == 5);
  CHECK(read(npy_file("{'shape':(1,1),'descr':'<f8','fortran_order':False}", data)).shape.size() == 2);
  CHECK(complaint(npy_file(npy_dictionary("<f8", "(1,)"), data, 3)) == "format 3.0: must be 1.0 or 2.0");
}

TEST_CASE("npy: what is wrong with a file is said in one sentence", "[data]") {
  const std::string two = bytes_in_order(std::vector<double>{1, 2}, false);
  const auto with = [&](const std::string& dictionary) { return complaint(npy_file(dictionary, two)); };
  const std::string wanted = "must be f4, f8, or integers i1 to i8, u1 to u8";
  CHECK(complaint("") == "truncated in its header");
  CHECK(complaint("x0,y0\n1,2\n3,4\n") == "no NumPy file: must begin as numpy.save writes it (.npy)");
  CHECK(complaint("\x93NUMPY\x01") == "truncated in its header");
  CHECK(complaint(npy_file(npy_dictionary("<f8", "(2,)"), two).substr(0, 40)) == "truncated in its header");
  CHECK(with(npy_dictionary("<f8", "(3,)")) == "truncated after 16 bytes of data: 3 f8 must have 24");
  CHECK(with(npy_dictionary("<f8", "(1,)")) == "more than 8 bytes of data: must end there");
  CHECK(with(npy_dictionary("<f8", "(4294967296, 4294967296, 4294967296)")).starts_with("truncated after 16 bytes"));
  CHECK(with(npy_dictionary("|O", "(2,)")) == "its elements are Python objects: " + wanted);
  CHECK(with(npy_dictionary("<c8", "(2,)")) == "its elements are \"<c8\": " + wanted);
  CHECK(with(npy_dictionary("|b1", "(16,)")) == "its elements are \"|b1\": " + wanted);
  CHECK(with(npy_dictionary("f8", "(2,)")) == "its elements are \"f8\": " + wanted);
  CHECK(with(npy_dictionary("", "(2,)")) == "its elements are \"\": " + wanted);
  CHECK(with("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (2,)}") ==
        "its elements are records: " + wanted);
  CHECK(with(npy_dictionary("<f8", "()")) == "0 dimensions: must have 1 to 3");
  CHECK(with(npy_dictionary("<f8", "(1, 1, 1, 2)")) == "4 dimensions: must have 1 to 3");
  const std::string damaged = "damaged header: must name descr, fortran_order and shape, as numpy.save writes it";
  for (const char* dictionary :
       {"", "{", "{}", "nonsense", "{'descr': '<f8', 'shape': (2,)}", "{'descr': '<f8', 'fortran_order': False}",
        "{'descr': '<f8', 'fortran_order': 0, 'shape': (2,)}", "{'descr': '<f8', 'fortran_order': False, 'shape': 2}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (-2,)}", "{'descr': '<f8", "{'x': '<f8'}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (2,)} x",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,)}"}) {
    INFO(dictionary);
    CHECK(with(dictionary) == damaged);
  }
}

TEST_CASE("npy: numbers that are none, or that doubles cannot hold, are named with their place", "[data]") {
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK(complaint(npy_file(npy_dictionary("<f8", "(2, 2)"),
                           bytes_in_order(std::vector<double>{0, 1, 2, -infinity}, false))) ==
        "[1][1] is -inf: must be finite");
  const std::vector<float> in_columns{0, 1, 2, std::numeric_limits<float>::quiet_NaN(), 4, 5};
  CHECK(complaint(npy_file(npy_dictionary("<f4", "(2, 3)", true), bytes_in_order(in_columns, false))) ==
        "[1][1] is nan: must be finite");
  const std::vector<std::int64_t> large{1, (std::int64_t{1} << 53) + 1};
  CHECK(complaint(npy_file(npy_dictionary("<i8", "(2,)"), bytes_in_order(large, false))) ==
        "[1] is 9007199254740992: must be below 2^53 in magnitude, as far as doubles are exact");
}

TEST_CASE("npy: files that are not there, and folders", "[data]") {
  const scratch_directory directory;
  CHECK_THROWS_MATCHES(read_npy(directory.path("none.npy")), run_error,
                       Message(directory.path("none.npy") + ": cannot be read as a file"));
  CHECK_THROWS_MATCHES(read_npy(directory.path()), run_error, Message(directory.path() + ": cannot be read as a file"));
}

// ---- as data ----

data_description named(const std::string& inputs, const std::string& targets) {
  data_description d;
  d.source = "arrays";
  d.inputs.file = inputs;
  d.targets.file = targets;
  return d;
}

TEST_CASE("npy: inputs and targets from two files", "[data]") {
  const scratch_directory directory;
  const std::string x = "npy:" + directory.write("x.npy", npy_file(npy_dictionary("|u1", "(2, 3)"), "abcdef"));
  const auto labels = [&](const std::string& descr, const std::string& bytes) {
    return "npy:" + directory.write("y.npy", npy_file(npy_dictionary(descr, "(2,)"), bytes));
  };
  const data_set classes = load_data(named(x, labels("<i8", bytes_in_order(std::vector<std::int64_t>{2, 0}, false))));
  CHECK(classes.name == x);
  CHECK(classes.train.input_of(1) == std::vector<double>{'d', 'e', 'f'});
  CHECK(classes.train.target_of(0) == std::vector<double>{0, 0, 1});
  const data_set numbers = load_data(named(x, labels("<f8", bytes_in_order(std::vector<double>{2, 0}, false))));
  CHECK(numbers.train.target_of(0) == std::vector<double>{2});  // one number a sample
  CHECK_THROWS_MATCHES(load_data(named(x, labels("<i8", bytes_in_order(std::vector<std::int64_t>{2, -1}, false)))),
                       run_error,
                       Message("targets (npy:" + directory.path("y.npy") +
                               ") has the class -1 at [1]: must be a whole number from 0 to "
                               "65535"));
  CHECK_THROWS_MATCHES(load_data(named(x, labels("<i8", bytes_in_order(std::vector<std::int64_t>{2, 65536}, false)))),
                       run_error,
                       Message("targets (npy:" + directory.path("y.npy") +
                               ") has the class 65536 at [1]: must be a whole number from 0 "
                               "to 65535"));
  const std::string three =
      "npy:" + directory.write("three.npy", npy_file(npy_dictionary("|u1", "(3,)"), std::string(3, '\0')));
  CHECK_THROWS_MATCHES(load_data(named(x, three)), run_error,
                       Message("targets (" + three + ") has 3 samples and inputs (" + x + ") 2: must be as many"));
}

TEST_CASE("npy: three dimensions are samples, frames and features", "[data]") {
  const scratch_directory directory;
  const std::string x = "npy:" + directory.write("x.npy", npy_file(npy_dictionary("|u1", "(2, 2, 2)"), "abcdefgh"));
  const std::string y = "npy:" + directory.write("y.npy", npy_file(npy_dictionary("|u1", "(2, 3, 1)"), "ABCDEF"));
  const data_set data = load_data(named(x, y));
  CHECK(data.train.count() == 2);
  CHECK(data.train.input_frames == 2);
  CHECK(data.train.target_frames == 3);
  CHECK(data.train.input_of(1) == std::vector<double>{'e', 'f', 'g', 'h'});
  CHECK(data.train.target_of(1) == std::vector<double>{'D', 'E', 'F'});
}

}  // namespace

}  // namespace test_data_npy
