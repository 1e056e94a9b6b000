#include <catch2/catch.hpp>

#include <cmath>
#include <set>

#include "sim/core/noise.hpp"

namespace test_core_noise {

using namespace locus;

TEST_CASE("noise: the normal quantile has the values of tables and is odd", "[core]") {
  // Abramowitz and Stegun, table 26.5, and the digits that Wichura 1988 gives for checking.
  CHECK(normal_quantile(0.5) == 0);
  CHECK(normal_quantile(0.25) == Approx(-0.6744897501960817).epsilon(1e-15));
  CHECK(normal_quantile(0.001) == Approx(-3.090232306167814).epsilon(1e-15));
  CHECK(normal_quantile(1e-20) == Approx(-9.262340089798408).epsilon(1e-15));
  CHECK(normal_quantile(0.975) == Approx(1.959963984540054).epsilon(1e-15));
  for (int k = 1; k < 512; ++k) {
    const double p = k / 1024.0;  // 1 - p is exact
    CHECK(normal_quantile(p) == -normal_quantile(1 - p));
    // The distribution function of the quantile is p; erfc is good to an ulp or two, and the quantile's relative error
    // of 1e-15 becomes at most q phi(q) / p < 10 times as much.
    CHECK(0.5 * std::erfc(-normal_quantile(p) / std::sqrt(2.0)) == Approx(p).epsilon(1e-14));
  }
}

TEST_CASE("noise: draws have the moments of their distribution and are keyed by all that they depend on", "[core]") {
  constexpr std::uint64_t n = 40000;
  const noise_stream normal(1, "a.xi", port_source::normal), uniform(1, "a.xi", port_source::uniform);
  double mean = 0, square = 0, fourth = 0, flat = 0;
  for (std::uint64_t k = 0; k < n; ++k) {
    const double x = normal.draw(3, 1, k), u = uniform.draw(3, 1, k);
    mean += x / n;
    square += x * x / n;
    fourth += x * x * x * x / n;
    flat += u / n;
    REQUIRE((u >= 0 && u < 1));
  }
  // Five standard errors: of x 1, of x^2 sqrt(2), of x^4 sqrt(96), of u sqrt(1/12), each over sqrt(n) = 200.
  CHECK(std::abs(mean) < 5 * 1.0 / 200);
  CHECK(std::abs(square - 1) < 5 * std::sqrt(2.0) / 200);
  CHECK(std::abs(fourth - 3) < 5 * std::sqrt(96.0) / 200);
  CHECK(std::abs(flat - 0.5) < 5 * std::sqrt(1.0 / 12) / 200);
  const std::set<double> different = {normal.draw(3, 1, 7),
                                      normal.draw(4, 1, 7),
                                      normal.draw(3, 2, 7),
                                      normal.draw(3, 1, 8),
                                      noise_stream(2, "a.xi", port_source::normal).draw(3, 1, 7),
                                      noise_stream(1, "b.xi", port_source::normal).draw(3, 1, 7)};
  CHECK(different.size() == 6);
  CHECK(normal.draw(3, 1, 7) == noise_stream(1, "a.xi", port_source::normal).draw(3, 1, 7));
}

}  // namespace test_core_noise
