#include <catch2/catch.hpp>

#include <zlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <vector>

#include "sim/data/data_set.hpp"
#include "tests/data/scratch_directory.hpp"

namespace test_data_idx {

namespace {

using Catch::Message;
using locus::data_set;
using locus::run_error;
using locus::test::scratch_directory;

std::string big_endian(std::uint32_t number) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift & 0xffu);
  return bytes;
}

std::string images_2x3(const std::vector<int>& pixels) {
  std::string bytes =
      big_endian(0x803) + big_endian(static_cast<std::uint32_t>(pixels.size() / 6)) + big_endian(2) + big_endian(3);
  for (const int pixel : pixels) bytes += static_cast<char>(pixel);
  return bytes;
}

std::string labels(const std::vector<int>& numbers) {
  std::string bytes = big_endian(0x801) + big_endian(static_cast<std::uint32_t>(numbers.size()));
  for (const int number : numbers) bytes += static_cast<char>(number);
  return bytes;
}

void write_gz(const std::string& path, const std::string& content) {
  gzFile file = gzopen(path.c_str(), "wb");
  REQUIRE(file != nullptr);
  REQUIRE(gzwrite(file, content.data(), static_cast<unsigned>(content.size())) == static_cast<int>(content.size()));
  REQUIRE(gzclose(file) == Z_OK);
}

std::string content_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

data_set load(const scratch_directory& directory) {
  locus::data_description description;
  description.source = "idx:" + directory.path();
  return locus::load_data(description);
}

const std::vector<int> two_images = {0, 1, 2, 3, 4, 5, 255, 254, 128, 127, 51, 0};
const std::vector<int> one_image = {9, 8, 7, 6, 5, 4};

void write_training(const scratch_directory& directory) {
  directory.write("train-images-idx3-ubyte", images_2x3(two_images));
  directory.write("train-labels-idx1-ubyte", labels({3, 0}));
}

void check_training(const data_set& data) {
  REQUIRE(data.train.count() == 2);
  REQUIRE(data.train.inputs() == 6);
  REQUIRE(data.train.targets() == 10);
  for (std::uint32_t i = 0; i < 2; ++i) {
    const std::vector<double> input = data.train.input_of(i);
    for (std::uint32_t j = 0; j < 6; ++j) CHECK(input[j] == two_images[i * 6 + j] / 255.0);
  }
  CHECK(data.train.target_of(0) == std::vector<double>{0, 0, 0, 1, 0, 0, 0, 0, 0, 0});
  CHECK(data.train.target_of(1) == std::vector<double>{1, 0, 0, 0, 0, 0, 0, 0, 0, 0});
}

TEST_CASE("idx: plain files, and no test files", "[data]") {
  const scratch_directory directory;
  write_training(directory);
  const data_set data = load(directory);
  check_training(data);
  CHECK(data.name == "idx:" + directory.path());
  CHECK(data.test.count() == 0);
  CHECK(data.test.inputs() == 6);
  CHECK(data.test.targets() == 10);
}

/// Sets an environment variable as long as it lives.
class variable {
 public:
  variable(const char* name, const std::string& value) : name_(name) {
    if (const char* const old = std::getenv(name)) old_ = old;
    setenv(name, value.c_str(), 1);
  }
  ~variable() {
    if (old_) setenv(name_, old_->c_str(), 1);
    else unsetenv(name_);
  }
  variable(const variable&) = delete;
  variable& operator=(const variable&) = delete;

 private:
  const char* name_;
  std::optional<std::string> old_;
};

TEST_CASE("fetched sets: read from their folder, and the fetch is named if they are not there", "[data]") {
  const scratch_directory directory;
  std::filesystem::create_directory(directory.path("mnist"));
  directory.write("mnist/train-images-idx3-ubyte", images_2x3(two_images));
  directory.write("mnist/train-labels-idx1-ubyte", labels({3, 0}));
  const variable folder("LOCUS_DATA", directory.path());
  locus::data_description description;
  description.source = "mnist";
  const data_set data = locus::load_data(description);
  CHECK(data.name == "mnist");
  check_training(data);
  description.source = "fashion-mnist";
  CHECK_THROWS_MATCHES(locus::load_data(description), run_error,
                       Message("data = \"fashion-mnist\": " + directory.path("fashion-mnist") +
                               " does not exist: fetch the set with tools/data fetch fashion-mnist, or say with "
                               "--data DIR (or in $LOCUS_DATA) which folder holds it"));
}

TEST_CASE("the data folder: LOCUS_DATA, then XDG_DATA_HOME, then the home directory", "[data]") {
  const variable own("LOCUS_DATA", "/a"), share("XDG_DATA_HOME", "/b"), home("HOME", "/c");
  CHECK(locus::data_folder() == "/a");
  {
    const variable none("LOCUS_DATA", "");
    CHECK(locus::data_folder() == "/b/locus");
    const variable neither("XDG_DATA_HOME", "");
    CHECK(locus::data_folder() == "/c/.local/share/locus");
  }
}

TEST_CASE("idx: gzipped files, and the dotted spelling", "[data]") {
  const scratch_directory directory;
  write_gz(directory.path("train-images-idx3-ubyte.gz"), images_2x3(two_images));
  directory.write("train-labels.idx1-ubyte", labels({3, 0}));
  write_gz(directory.path("t10k-images.idx3-ubyte.gz"), images_2x3(one_image));
  directory.write("t10k-labels-idx1-ubyte", labels({9}));
  const data_set data = load(directory);
  check_training(data);
  REQUIRE(data.test.count() == 1);
  CHECK(data.test.input.at(0, 0) == 9 / 255.0);
  CHECK(data.test.target.at(0, 9) == 1);
}

TEST_CASE("idx: a label above 9 in either part widens the targets of both", "[data]") {
  const scratch_directory directory;
  write_training(directory);
  directory.write("t10k-images-idx3-ubyte", images_2x3(one_image));
  directory.write("t10k-labels-idx1-ubyte", labels({255}));
  const data_set data = load(directory);
  CHECK(data.train.targets() == 256);
  CHECK(data.test.targets() == 256);
  CHECK(data.train.target.at(0, 3) == 1);
  CHECK(data.test.target.at(0, 255) == 1);
}

TEST_CASE("idx: a missing file is named with its directory and the accepted names", "[data]") {
  const scratch_directory directory;
  const std::string at = directory.path();
  SECTION("images") {
    CHECK_THROWS_MATCHES(load(directory), run_error,
                         Message("idx:" + at + ": train-images-idx3-ubyte is missing: the directory \"" + at +
                                 "\" must hold one of train-images-idx3-ubyte, train-images-idx3-ubyte.gz, "
                                 "train-images.idx3-ubyte, train-images.idx3-ubyte.gz"));
  }
  SECTION("labels") {
    directory.write("train-images-idx3-ubyte", images_2x3(two_images));
    CHECK_THROWS_WITH(load(directory), Catch::Contains("train-labels-idx1-ubyte is missing"));
  }
  SECTION("one of the two test files") {
    write_training(directory);
    directory.write("t10k-labels-idx1-ubyte", labels({1}));
    CHECK_THROWS_WITH(load(directory), Catch::Contains("t10k-images-idx3-ubyte is missing"));
  }
}

TEST_CASE("idx: damaged files are errors", "[data]") {
  const scratch_directory directory;
  write_training(directory);
  const std::string images = directory.path("train-images-idx3-ubyte");
  const std::string name = "train-images-idx3-ubyte";
  const auto check = [&](const std::string& message) {
    CHECK_THROWS_MATCHES(load(directory), run_error, Message(images + message));
  };
  SECTION("labels in place of images") {
    directory.write(name, labels({1, 2, 3, 4, 5, 6, 7, 8}));
    check(": magic number 0x00000801: must be 0x00000803 (bytes in 3 dimensions)");
  }
  SECTION("short header") {
    directory.write(name, big_endian(0x803));
    check(": truncated after 4 bytes: the header must have 16");
  }
  SECTION("short data") {
    const std::string whole = content_of(images);
    directory.write(name, whole.substr(0, whole.size() - 1));
    check(": truncated after 11 bytes of data: must have 12");
  }
  SECTION("a header that claims too much") {
    directory.write(name, big_endian(0x803) + big_endian(0xffffffff) + big_endian(0xffff) + big_endian(0xffff) + "abc");
    check(": truncated after 3 bytes of data: must have 18446181123756261375");
  }
  SECTION("more data than the header says") {
    directory.write(name, content_of(images) + "x");
    check(": more than 12 bytes of data: must end there");
  }
  SECTION("no pixels") {
    directory.write(name, big_endian(0x803) + big_endian(2) + big_endian(0) + big_endian(28));
    check(": images of 0 x 28 pixels: must have 1 to 2^32 - 1 pixels");
  }
  SECTION("too many pixels") {
    directory.write(name, big_endian(0x803) + big_endian(2) + big_endian(65536) + big_endian(65536));
    check(": images of 65536 x 65536 pixels: must have 1 to 2^32 - 1 pixels");
  }
  SECTION("unequal counts") {
    const std::string other = directory.write("train-labels-idx1-ubyte", labels({1, 2, 3}));
    CHECK_THROWS_MATCHES(load(directory), run_error,
                         Message(other + ": 3 labels for the 2 images of " + images + ": must be as many"));
  }
  SECTION("no samples") {
    directory.write(name, images_2x3({}));
    directory.write("train-labels-idx1-ubyte", labels({}));
    CHECK_THROWS_MATCHES(load(directory), run_error,
                         Message("idx:" + directory.path() + ": 0 training samples: must be at least 1"));
  }
  SECTION("test images of another size") {
    const std::string test = directory.write("t10k-images-idx3-ubyte",
                                             big_endian(0x803) + big_endian(1) + big_endian(1) + big_endian(1) + "a");
    directory.write("t10k-labels-idx1-ubyte", labels({1}));
    CHECK_THROWS_MATCHES(load(directory), run_error, Message(test + ": images of 1 pixels: must have 6, as " + images));
  }
}

TEST_CASE("idx: damaged gzipped files are errors", "[data]") {
  const scratch_directory directory;
  write_training(directory);
  std::filesystem::remove(directory.path("train-images-idx3-ubyte"));
  const std::string path = directory.path("train-images-idx3-ubyte.gz");
  std::vector<int> pixels;
  for (int i = 0; i < 12; ++i) pixels.push_back(i * i * 7 % 256);
  write_gz(path, images_2x3(pixels));
  const std::string whole = content_of(path);
  REQUIRE(load(directory).train.count() == 2);
  SECTION("cut in its data") {
    directory.write("train-images-idx3-ubyte.gz", whole.substr(0, whole.size() - 14));
    CHECK_THROWS_WITH(load(directory), Catch::StartsWith(path + ": truncated after "));
  }
  SECTION("cut in its checksum") {
    directory.write("train-images-idx3-ubyte.gz", whole.substr(0, whole.size() - 5));
    CHECK_THROWS_AS(load(directory), run_error);
  }
  SECTION("wrong checksum") {
    std::string flipped = whole;
    flipped[whole.size() - 8] = static_cast<char>(flipped[whole.size() - 8] ^ 1);
    directory.write("train-images-idx3-ubyte.gz", flipped);
    CHECK_THROWS_AS(load(directory), run_error);
  }
}

}  // namespace

}  // namespace test_data_idx
