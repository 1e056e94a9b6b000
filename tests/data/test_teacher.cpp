#include <catch2/catch.hpp>

#include <cmath>

#include "sim/data/data_set.hpp"
#include "tests/engine/engine_testing.hpp"

namespace test_data_teacher {

using namespace locus;

namespace {

data_set teacher_data(const std::string& keys) {
  const description d = testing::netlist_of(
      "[circuit]\ntemplate = 'predictive-coding'\nlayers = [3, 2]\n[stimuli]\ndata = " + keys + "\n");
  return load_data(d.data);
}

}  // namespace

TEST_CASE("teacher data: normal inputs, and targets that are linear in them for a linear teacher", "[data]") {
  const data_set data = teacher_data("{ teacher = [3, 4, 2], samples = 3000, test_samples = 10, seed = 7 }");
  REQUIRE(data.train.count() == 3000);
  REQUIRE(data.test.count() == 10);
  double mean = 0, square = 0;
  std::vector<double> x(3), y(2);
  for (std::uint32_t n = 0; n < 3000; ++n) {
    x = data.train.input_of(n);
    for (const double each : x) {
      mean += each / 9000;
      square += each * each / 9000;
    }
  }
  CHECK(std::abs(mean) < 5 / std::sqrt(9000.0));
  CHECK(std::abs(square - 1) < 5 * std::sqrt(2 / 9000.0));
  // Three samples give the linear map; a fourth is predicted by it.
  double a[3][3], t[3];
  for (std::uint32_t n = 0; n < 3; ++n) {
    x = data.train.input_of(n);
    y = data.train.target_of(n);
    for (int j = 0; j < 3; ++j) a[n][j] = x[static_cast<std::size_t>(j)];
    t[n] = y[1];
  }
  const auto det = [](const double m[3][3]) {
    return m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
           m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
  };
  x = data.test.input_of(0);
  y = data.test.target_of(0);
  double predicted = 0;
  for (int k = 0; k < 3; ++k) {
    double replaced[3][3];
    for (int n = 0; n < 3; ++n) {
      for (int j = 0; j < 3; ++j) replaced[n][j] = j == k ? t[n] : a[n][j];
    }
    predicted += det(replaced) / det(a) * x[static_cast<std::size_t>(k)];
  }
  CHECK(predicted == Approx(y[1]).epsilon(1e-10));
}

TEST_CASE("teacher data: other seeds are other data, more samples change none", "[data]") {
  const data_set few = teacher_data("{ teacher = [3, 2], samples = 5 }");
  const data_set more = teacher_data("{ teacher = [3, 2], samples = 50 }");
  const data_set other = teacher_data("{ teacher = [3, 2], samples = 5, seed = 2 }");
  for (std::uint32_t n = 0; n < 5; ++n) {
    CHECK(few.train.input.at(n, 2) == more.train.input.at(n, 2));
    CHECK(few.train.target.at(n, 1) == more.train.target.at(n, 1));
    CHECK(few.train.input.at(n, 2) != other.train.input.at(n, 2));
  }
  CHECK_THROWS_WITH(teacher_data("{ teacher = [3] }"), Catch::Contains("expected at least two sizes"));
}

}  // namespace test_data_teacher
