#include "tools/reproduce/linear_regression.hpp"

#include <catch2/catch.hpp>

namespace test_tools_linear_regression {

namespace {

using locus::linear_regression;
using locus::number_table;
using locus::samples;

TEST_CASE("linear_regression: loss and least loss of a case that can be done by hand", "[data]") {
  // x = +-e1, +-e2 with <x x^T> = I / 2; y = (2 x1, x2), so that <y y^T> = diag(2, 1/2).
  const samples data{number_table(2, std::vector<double>{1, 0, -1, 0, 0, 1, 0, -1}),
                     number_table(2, std::vector<double>{2, 0, -2, 0, 0, 1, 0, -1})};
  const linear_regression best(data);
  CHECK(best.least_loss(0) == Approx(1.25).epsilon(1e-14));
  CHECK(best.least_loss(1) == Approx(0.25).epsilon(1e-14));
  CHECK(best.least_loss(2) == Approx(0).margin(1e-14));
  CHECK(best.least_loss(7) == Approx(0).margin(1e-14));
  CHECK(best.loss({1, 0}, {2, 0}) == Approx(0.25).epsilon(1e-14));
  CHECK(best.loss({0, 1}, {0, 3}) == Approx(2).epsilon(1e-14));  // (<4 x1^2> + <(x2 - 3 x2)^2>) / 2 = (2 + 2) / 2
}

TEST_CASE("linear_regression: an input that is never on takes nothing away", "[data]") {
  const samples data{number_table(2, std::vector<double>{1, 0, -1, 0}), number_table(1, std::vector<double>{3, -3})};
  CHECK(linear_regression(data).least_loss(1) == Approx(0).margin(1e-14));
}

}  // namespace

}  // namespace test_tools_linear_regression
