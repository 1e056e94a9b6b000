#include "sim/data/order.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <numeric>
#include <optional>
#include <vector>

namespace test_data_order {

namespace {

using locus::presentation_order;

std::vector<std::uint32_t> file_order(std::uint32_t samples) {
  std::vector<std::uint32_t> order(samples);
  std::iota(order.begin(), order.end(), 0u);
  return order;
}

TEST_CASE("presentation_order: file order without a seed", "[data]") {
  CHECK(presentation_order(5, std::nullopt, 0) == file_order(5));
  CHECK(presentation_order(5, std::nullopt, 7) == file_order(5));
  CHECK(presentation_order(0, 1, 0).empty());
}

TEST_CASE("presentation_order: a permutation that differs from epoch to epoch and seed to seed", "[data]") {
  const auto first = presentation_order(1437, 1, 0);
  CHECK(first != file_order(1437));
  CHECK(first == presentation_order(1437, 1, 0));
  CHECK(first != presentation_order(1437, 1, 1));
  CHECK(first != presentation_order(1437, 2, 0));
  for (std::uint32_t epoch = 0; epoch < 3; ++epoch) {
    auto order = presentation_order(1437, 1, epoch);
    std::sort(order.begin(), order.end());
    CHECK(order == file_order(1437));
  }
}

}  // namespace

}  // namespace test_data_order
