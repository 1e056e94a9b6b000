#include <catch2/catch.hpp>

#include <cmath>

#include "sim/experiment/experiment.hpp"
#include "tests/engine/engine_testing.hpp"

namespace test_experiment_update_angles {

using namespace locus;
using namespace locus::testing;

TEST_CASE("angles: exact at the ends and between, whatever the lengths", "[experiment]") {
  CHECK(angle_between({1, 2, 3}, {2, 4, 6}) == Approx(0).margin(1e-14));
  CHECK(angle_between({1, 2, 3}, {-3, -6, -9}) == Approx(180));
  CHECK(angle_between({1, 0}, {0, 1e-9}) == Approx(90));
  CHECK(angle_between({1, 0}, {1, 1e-12}) == Approx(1e-12 * 180 / 3.14159265358979).epsilon(1e-9));
  CHECK(std::isnan(angle_between({0, 0}, {1, 0})));
}

TEST_CASE("angles: the same rule has none, half the rate has none, and random feedback has some", "[experiment]") {
  short_form form;
  form.rule = "bp";
  form.alpha = 0.05;
  const description bp = form.read();
  const auto angle_of = [&](const short_form& f) {
    const description d = f.read();
    experiment_options options;
    options.against = &bp;
    options.measure_angles = true;
    options.evaluate = false;
    const data_set data = drawn_data(4, 2, 30, 5);
    experiment e(d, data, options);
    const run_result result = e.run();
    CHECK_FALSE(result.against.has_value());
    CHECK(e.angle_names() == std::vector<std::string>{"hidden1.forward", "output.forward"});
    return result.epochs.back().angle.value();
  };
  CHECK(angle_of(form).all == 0);
  CHECK(angle_of(form).ratios == std::vector<double>{1, 1});
  short_form slower = form;
  slower.alpha = 0.025;
  // The change of a weight w is known to half an ulp of w: some 1e-16 of changes of 1e-3.
  CHECK(angle_of(slower).all < 1e-9);
  for (const double ratio : angle_of(slower).ratios) CHECK(ratio == Approx(0.5).epsilon(1e-9));
  short_form random = form;
  random.feedback_weights = "fixed-random";
  const angle_sample some = angle_of(random);
  CHECK(some.layers[0] > 10);
  CHECK(some.layers[1] == 0);
  CHECK(some.all > 0);
  CHECK(some.all < some.layers[0]);
}

}  // namespace test_experiment_update_angles
