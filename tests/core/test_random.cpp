#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "sim/core/random.hpp"

namespace test_core_random {

using namespace locus;

TEST_CASE("random: golden values do not change from version to version", "[core]") {
  // SplitMix64's first output from state 0, as published with its reference implementation.
  CHECK(mix_bits(0) == 0xe220a8397b1dcdafU);
  // FNV-1a's published 64-bit values of "" and "a".
  CHECK(hash_name("") == 0xcbf29ce484222325U);
  CHECK(hash_name("a") == 0xaf63dc4c8601ec8cU);
  const random_stream s(1, "weights", "hidden1.forward");
  CHECK(s.bits(0, 0) == 0x9708fa01a7ff7f1eU);
  CHECK(s.bits(3, 4) == 0xdbc0d24eba134ee8U);
  CHECK(s.uniform(0, 0) == 0x1.2e11f4034ffefp-1);
  CHECK(s.uniform(31, 63) == 0x1.a1670d9ef8efp-1);
  CHECK(s.below(10, 5) == 5U);
  CHECK(random_stream(1, "shuffle", "data").permutation(8, 0) == std::vector<std::uint32_t>{6, 5, 0, 1, 4, 3, 2, 7});
}

TEST_CASE("random: a draw depends on its key only, not on the order of the draws", "[core]") {
  const random_stream s(7, "weights", "p");
  std::array<double, 100> forward{}, backward{};
  for (std::size_t i = 0; i < 100; ++i) forward[i] = s.uniform(i, 2 * i);
  for (std::size_t i = 100; i-- > 0;) backward[i] = s.uniform(i, 2 * i);
  CHECK(forward == backward);
  CHECK(random_stream(7, "weights", "p").bits(3, 4) == s.bits(3, 4));
  const std::set<std::uint64_t> different{s.bits(3, 4),
                                          s.bits(4, 3),
                                          s.bits(3, 5),
                                          random_stream(8, "weights", "p").bits(3, 4),
                                          random_stream(7, "noise", "p").bits(3, 4),
                                          random_stream(7, "weights", "q").bits(3, 4)};
  CHECK(different.size() == 6);
}

// Chi-square with 255 degrees of freedom: mean 255, standard deviation sqrt(510) = 22.6. The seeds are fixed, so the
// test cannot fail by chance once it passes; 4.5 standard deviations leave room for a new golden seed.
TEST_CASE("random: uniform draws fill 256 bins evenly along either counter", "[core]") {
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    for (const bool second : {false, true}) {
      const random_stream s(seed, "test", "uniform");
      std::array<double, 256> bins{};
      constexpr std::uint64_t n = 256 * 400;
      for (std::uint64_t i = 0; i < n; ++i) {
        const double u = second ? s.uniform(0, i) : s.uniform(i);
        CHECK_FALSE((u < 0 || u >= 1 || u * 0x1p53 != std::floor(u * 0x1p53)));
        ++bins[static_cast<std::size_t>(u * 256)];
      }
      double chi_square = 0;
      for (const double count : bins) chi_square += (count - 400) * (count - 400) / 400;
      CHECK(std::fabs(chi_square - 255) < 4.5 * 22.6);
    }
  }
}

// The correlation of n = 10^5 pairs has standard deviation 1/sqrt(n) = 0.0032; 5 of those are allowed.
TEST_CASE("random: neighbouring draws, streams and seeds are uncorrelated", "[core]") {
  const auto correlation = [](auto&& x, auto&& y) {
    double sum = 0;
    for (std::uint64_t i = 0; i < 100000; ++i) sum += (x(i) - 0.5) * (y(i) - 0.5);
    return 12 * sum / 100000;
  };
  const random_stream s(1, "weights", "a"), other_name(1, "weights", "b"), other_seed(2, "weights", "a");
  const auto here = [&](std::uint64_t i) { return s.uniform(i); };
  CHECK(std::fabs(correlation(here, [&](std::uint64_t i) { return s.uniform(i + 1); })) < 0.016);
  CHECK(std::fabs(correlation(here, [&](std::uint64_t i) { return s.uniform(i, 1); })) < 0.016);
  CHECK(std::fabs(correlation(here, [&](std::uint64_t i) { return other_name.uniform(i); })) < 0.016);
  CHECK(std::fabs(correlation(here, [&](std::uint64_t i) { return other_seed.uniform(i); })) < 0.016);
}

TEST_CASE("random: below(n) reaches all of 0..n-1 and nothing else", "[core]") {
  const random_stream s(3, "test", "below");
  for (const std::uint64_t n : {1U, 2U, 3U, 7U, 100U}) {
    std::set<std::uint64_t> seen;
    for (std::uint64_t i = 0; i < 3000; ++i) seen.insert(s.below(n, i));
    CHECK(seen.size() == n);
    CHECK(*seen.rbegin() == n - 1);
  }
}

TEST_CASE("random: permutations hold every number once, and differ", "[core]") {
  const random_stream s(4, "shuffle", "data");
  for (const std::uint32_t n : {0U, 1U, 2U, 17U, 1000U}) {
    std::vector<std::uint32_t> order = s.permutation(n, 5);
    CHECK(order == s.permutation(n, 5));
    if (n > 2) CHECK(order != s.permutation(n, 6));
    std::sort(order.begin(), order.end());
    for (std::uint32_t i = 0; i < n; ++i) CHECK(order[i] == i);
  }
}

// Each of the 24 orders of 4 items: chi-square with 23 degrees of freedom, standard deviation 6.8.
TEST_CASE("random: permutations are drawn evenly", "[core]") {
  const random_stream s(5, "shuffle", "data");
  std::array<double, 256> counts{};
  for (std::uint64_t which = 0; which < 24 * 500; ++which) {
    const std::vector<std::uint32_t> p = s.permutation(4, which);
    ++counts[p[0] * 64 + p[1] * 16 + p[2] * 4 + p[3]];
  }
  double chi_square = 0;
  std::size_t orders = 0;
  for (const double count : counts) {
    if (count == 0) continue;
    ++orders;
    chi_square += (count - 500) * (count - 500) / 500;
  }
  CHECK(orders == 24);
  CHECK(std::fabs(chi_square - 23) < 4.5 * 6.8);
}

}  // namespace test_core_random
