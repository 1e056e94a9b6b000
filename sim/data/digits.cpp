#include <fmt/format.h>

#include <numeric>
#include <span>
#include <vector>

#include "sim/core/random.hpp"
#include "sim/data/sources.hpp"

namespace locus {

namespace {

constexpr std::uint32_t image_count = 1797;
constexpr std::uint32_t training_count = 1437;
constexpr std::uint32_t pixel_count = 64;

/// 64 pixels in base 17, the label, and the terminating zero.
constexpr char encoded_images[image_count][pixel_count + 2] = {
#include "sim/data/digits_data.inc"
};

constexpr std::uint8_t decoded(char c) { return static_cast<std::uint8_t>(c <= '9' ? c - '0' : c - 'a' + 10); }

/// Where each sample stands in the embedded list, training samples first.
std::vector<std::uint32_t> split_order(const data_description& description) {
  if (description.split == "shuffled") {
    return random_stream(description.split_seed, "split", "digits").permutation(image_count);
  }
  if (description.split != "file-order") {
    throw usage_error(description.at, fmt::format("split = \"{}\": must be shuffled or file-order", description.split));
  }
  std::vector<std::uint32_t> order(image_count);
  std::iota(order.begin(), order.end(), 0u);
  return order;
}

samples chosen_images(std::span<const std::uint32_t> chosen) {
  std::vector<std::uint8_t> pixels;
  std::vector<std::uint8_t> labels;
  pixels.reserve(chosen.size() * pixel_count);
  for (const std::uint32_t image : chosen) {
    for (std::uint32_t pixel = 0; pixel < pixel_count; ++pixel) pixels.push_back(decoded(encoded_images[image][pixel]));
    labels.push_back(decoded(encoded_images[image][pixel_count]));
  }
  return {number_table(pixel_count, std::move(pixels), 16), one_hot(labels, 10)};
}

}  // namespace

data_set load_digits(const data_description& description) {
  const std::vector<std::uint32_t> order = split_order(description);
  const std::span<const std::uint32_t> all(order);
  return {chosen_images(all.first(training_count)), chosen_images(all.subspan(training_count)), "digits",
          "E. Alpaydin, C. Kaynak (1998), Optical Recognition of Handwritten Digits (test part, as distributed with "
          "scikit-learn), UCI Machine Learning Repository, CC BY 4.0, https://doi.org/10.24432/C50P49"};
}

}  // namespace locus
