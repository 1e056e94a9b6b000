#include <catch2/catch.hpp>

#include <algorithm>
#include <vector>

#include "sim/data/data_set.hpp"

namespace test_data_digits {

namespace {

using locus::data_description;
using locus::data_set;
using locus::load_data;
using locus::samples;

data_set digits(const std::string& split, std::uint64_t seed = 1) {
  data_description description;
  description.split = split;
  description.split_seed = seed;
  description.at = {"net.toml", 5, 2};
  return load_data(description);
}

/// Requires: the target is one-hot.
std::uint32_t label(const samples& part, std::uint32_t i) {
  const std::vector<double> target = part.target_of(i);
  REQUIRE(std::count(target.begin(), target.end(), 1.0) == 1);
  REQUIRE(std::count(target.begin(), target.end(), 0.0) == 9);
  return static_cast<std::uint32_t>(std::find(target.begin(), target.end(), 1.0) - target.begin());
}

/// Pixels in 0..16, then the label.
std::vector<double> image(const samples& part, std::uint32_t i) {
  std::vector<double> pixels = part.input_of(i);
  for (double& pixel : pixels) pixel *= 16;
  pixels.push_back(label(part, i));
  return pixels;
}

std::vector<std::vector<double>> images(const data_set& data) {
  std::vector<std::vector<double>> all;
  for (std::uint32_t i = 0; i < data.train.count(); ++i) all.push_back(image(data.train, i));
  for (std::uint32_t i = 0; i < data.test.count(); ++i) all.push_back(image(data.test, i));
  return all;
}

TEST_CASE("digits: sizes", "[data]") {
  for (const char* split : {"shuffled", "file-order"}) {
    const data_set data = digits(split);
    CHECK(data.name == "digits");
    CHECK(data.train.count() == 1437);
    CHECK(data.test.count() == 360);
    CHECK(data.train.inputs() == 64);
    CHECK(data.test.inputs() == 64);
    CHECK(data.train.targets() == 10);
    CHECK(data.test.targets() == 10);
  }
}

// The numbers expected here are those of sklearn.datasets.load_digits().
TEST_CASE("digits: the same images as scikit-learn's", "[data]") {
  const std::vector<std::vector<double>> all = images(digits("file-order"));
  REQUIRE(all.size() == 1797);
  std::vector<int> histogram(10);
  std::vector<double> pixel_sums(64);
  double sum = 0, training_sum = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    ++histogram[static_cast<std::size_t>(all[i][64])];
    for (std::size_t k = 0; k < 64; ++k) {
      pixel_sums[k] += all[i][k];
      sum += all[i][k];
      if (i < 1437) training_sum += all[i][k];
    }
  }
  CHECK(histogram == std::vector<int>{178, 182, 177, 183, 181, 182, 181, 179, 174, 180});
  CHECK(sum == 561718);
  CHECK(training_sum == 449372);
  CHECK(pixel_sums[10] == 18657);
  CHECK(pixel_sums[27] == 15852);
  CHECK(pixel_sums[60] == 21221);
  CHECK(all[0] == std::vector<double>{0, 0,  5, 13, 9,  1, 0,  0, 0,  0,  13, 15, 10, 15, 5, 0,  0,  3, 15, 2, 0,  11,
                                      8, 0,  0, 4,  12, 0, 0,  8, 8,  0,  0,  5,  8,  0,  0, 9,  8,  0, 0,  4, 11, 0,
                                      1, 12, 7, 0,  0,  2, 14, 5, 10, 12, 0,  0,  0,  0,  6, 13, 10, 0, 0,  0, 0});
  CHECK(all[1000][3] == 14);
  CHECK(all[1000][64] == 1);
  CHECK(all[1437][2] == 16);
  CHECK(all[1437][64] == 2);
  CHECK(all[1796][16 + 2] == 15);
  CHECK(all[1796][64] == 8);
}

TEST_CASE("digits: a pixel is a sixteenth of its integer, exactly", "[data]") {
  const data_set data = digits("file-order");
  CHECK(data.train.input.at(0, 3) == 13.0 / 16);
  CHECK(data.train.input.at(0, 0) == 0);
}

TEST_CASE("digits: a split is a partition of all images", "[data]") {
  std::vector<std::vector<double>> shuffled = images(digits("shuffled"));
  std::vector<std::vector<double>> in_order = images(digits("file-order"));
  CHECK(shuffled != in_order);
  std::sort(shuffled.begin(), shuffled.end());
  std::sort(in_order.begin(), in_order.end());
  CHECK(shuffled == in_order);
}

TEST_CASE("digits: the split depends on the seed alone", "[data]") {
  CHECK(images(digits("shuffled", 3)) == images(digits("shuffled", 3)));
  CHECK(images(digits("shuffled", 3)) != images(digits("shuffled", 4)));
  CHECK(images(digits("file-order", 3)) == images(digits("file-order", 4)));
}

TEST_CASE("digits: an unknown split is an error", "[data]") {
  CHECK_THROWS_MATCHES(digits("random"), locus::usage_error,
                       Catch::Message("net.toml:5:2: split = \"random\": must be shuffled or file-order"));
}

}  // namespace

}  // namespace test_data_digits
