#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

#include "sim/core/bits.hpp"
#include "sim/core/errors.hpp"
#include "sim/experiment/comparison.hpp"
#include "tests/engine/engine_testing.hpp"

namespace test_experiment_comparison {

using namespace locus;
using namespace locus::testing;

namespace {

short_form small(double alpha) {
  short_form form;
  form.layers = {5, 17, 3};
  form.alpha = alpha;
  return form;
}

void teach(rig& r, std::uint64_t n) {
  const presentation p = draw_presentation(1, n, 10, r.net.lanes, {6, 4, 0}, {6, 4, 0});
  r.world.teach(p.samples, p.times);
}

}  // namespace

TEST_CASE("comparison: distances in units in the last place", "[experiment]") {
  constexpr double smallest = std::numeric_limits<double>::denorm_min();
  CHECK(ulp_distance(1.0, 1.0) == 0);
  CHECK(ulp_distance(1.0, std::nextafter(1.0, 2.0)) == 1);
  CHECK(ulp_distance(1.0, std::nextafter(1.0, 0.0)) == 1);
  CHECK(ulp_distance(1.0, 2.0) == std::uint64_t{1} << 52);
  CHECK(ulp_distance(1.0F, 2.0F) == std::uint64_t{1} << 23);
  CHECK(ulp_distance(0.0, -0.0) == 0);
  CHECK(ulp_distance(smallest, -smallest) == 2);
  CHECK(ulp_distance(0.0, smallest) == 1);
  CHECK(ulp_distance(1.0, -1.0) == 2 * ulp_distance(0.0, 1.0));
  CHECK(ulp_distance(1.0F, -1.0F) == 2 * ulp_distance(0.0F, 1.0F));
  CHECK(ulp_distance(3.0, 5.0) == ulp_distance(5.0, 3.0));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(ulp_distance(nan, nan) == 0);
  CHECK(ulp_distance(nan, 1.0) == UINT64_MAX);
}

TEST_CASE("comparison: a circuit is identical to itself", "[experiment]") {
  const data_set data = drawn_data(5, 3, 10, 1);
  rig a(small(0.1).read(), data), b(small(0.1).read(), data);
  comparer c(*a.sim, *b.sim, "itself");
  for (std::uint64_t n = 0; n < 5; ++n) {
    teach(a, n);
    teach(b, n);
    c.after_update(n + 1);
  }
  const weight_comparison w = c.finish();
  CHECK(w.rule == "itself");
  CHECK(w.updates == 5);
  CHECK(w.bit_identical);
  CHECK(w.max_abs == 0);
  CHECK(w.max_rel == 0);
  CHECK(w.max_ulp == 0);
  CHECK(w.largest.empty());
  CHECK_FALSE(w.first_difference.has_value());
}

TEST_CASE("comparison: the first weight that differs is named with its update", "[experiment]") {
  const data_set data = drawn_data(5, 3, 10, 1);
  rig a(small(0.1).read(), data), b(small(0.1).read(), data);
  comparer c(*a.sim, *b.sim, "other");
  teach(a, 0);
  teach(b, 0);
  c.after_update(1);
  CHECK_FALSE(c.finish().first_difference.has_value());
  const std::size_t p = a.projection("output.forward");
  std::vector<double> weights = a.sim->weights(p);
  weights[2 * 17 + 5] = 3;
  weights[1 * 17 + 16] = std::nextafter(weights[1 * 17 + 16], 10.0);
  b.sim->set_weights(p, weights);
  const double was = a.sim->weights(p)[1 * 17 + 16];
  c.after_update(2);
  c.after_update(3);  // the first difference stays
  const weight_comparison w = c.finish();
  CHECK_FALSE(w.bit_identical);
  CHECK(w.updates == 3);
  REQUIRE(w.first_difference.has_value());
  CHECK(w.first_difference->rfind("update 2, output.forward.theta[1][16]: ", 0) == 0);
  CHECK(w.largest == "output.forward.theta[2][5]");
  CHECK(w.max_abs == std::fabs(3 - a.sim->weights(p)[2 * 17 + 5]));
  CHECK(w.max_ulp >= ulp_distance(3.0, a.sim->weights(p)[2 * 17 + 5]));
  CHECK(was != weights[1 * 17 + 16]);
}

TEST_CASE("comparison: another alpha differs from the first update on", "[experiment]") {
  const data_set data = drawn_data(5, 3, 10, 1);
  rig a(small(0.1).read(), data), b(small(0.2).read(), data);
  comparer c(*a.sim, *b.sim, "alpha");
  teach(a, 0);
  teach(b, 0);
  c.after_update(1);
  REQUIRE(c.finish().first_difference.has_value());
  CHECK(c.finish().first_difference->rfind("update 1, hidden1.forward.theta[", 0) == 0);
}

TEST_CASE("comparison: a sparse projection's weights are named by their neurons", "[experiment]") {
  const data_set data = drawn_data(5, 3, 10, 1);
  description d = small(0.1).read();
  for (projection_description& p : d.projections) {
    if (p.name == "hidden1.forward") p.connect = listed_pairs{{{2, 4}, {16, 0}, {16, 3}}};
  }
  rig a(d, data), b(d, data);
  comparer c(*a.sim, *b.sim, "sparse");
  const std::size_t p = a.projection("hidden1.forward");
  std::vector<double> weights = a.sim->weights(p);
  weights[2] += 1;  // the third in the order of (post, pre)
  b.sim->set_weights(p, weights);
  CHECK(c.finish().largest == "hidden1.forward.theta[16][3]");
}

TEST_CASE("comparison: what learns in one circuit only is told", "[experiment]") {
  const data_set data = drawn_data(5, 3, 10, 1);
  rig a(small(0.1).read(), data), b(small(0.1).read(), data);
  CHECK(common_learning(a.net, b.net).alone.empty());
  short_form form = small(0.1);
  form.bias = !form.bias;
  rig other(form.read(), data);
  const bool here = form.bias;  // which of the two has a bias
  const auto alone = [](const char* where) {
    return std::vector<std::string>{fmt::format("hidden1.bias (learns {} only)", where),
                                    fmt::format("output.bias (learns {} only)", where)};
  };
  CHECK(common_learning(other.net, a.net).alone == alone(here ? "here" : "there"));
  CHECK(comparer(*a.sim, *other.sim, "x").finish().alone == alone(here ? "there" : "here"));
  // Feedback that uses the forward weights is compared with them.
  form = small(0.1);
  form.rule = "bp";
  rig tied(form.read(), data);
  CHECK(common_learning(a.net, tied.net).alone.empty());
}

TEST_CASE("comparison: circuits of different precision or shape, or without a common projection, are refused",
          "[experiment]") {
  const data_set data = drawn_data(5, 3, 10, 1);
  rig a(small(0.1).read(), data);
  short_form form = small(0.1);
  form.precision = "f32";
  rig single(form.read(), data);
  CHECK_THROWS_AS(comparer(*a.sim, *single.sim, "x"), usage_error);
  form = small(0.1);
  form.layers = {5, 16, 3};
  rig narrower(form.read(), data);
  CHECK_THROWS_AS(comparer(*a.sim, *narrower.sim, "x"), usage_error);
  // As many weights between other neurons.
  description d = small(0.1).read(), e = d;
  for (projection_description& p : d.projections)
    if (p.name == "hidden1.forward") p.connect = listed_pairs{{{2, 4}, {16, 0}, {16, 3}}};
  for (projection_description& p : e.projections)
    if (p.name == "hidden1.forward") p.connect = listed_pairs{{{2, 4}, {16, 0}, {16, 2}}};
  rig some(d, data), others(e, data);
  CHECK_THROWS_WITH(comparer(*some.sim, *others.sim, "x"),
                    Catch::Contains("\"hidden1.forward\" joins 5 -> 17, sparse here and 5 -> 17, sparse there with "
                                    "other pairs: the two circuits cannot be compared"));
  form = small(0.1);
  form.rule = "none";
  rig still(form.read(), data);
  CHECK_THROWS_AS(comparer(*a.sim, *still.sim, "x"), usage_error);
}

}  // namespace test_experiment_comparison
