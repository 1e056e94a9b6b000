/// Angles between the updates of two circuits that start from the same weights.

#include <catch2/catch.hpp>
#include <cmath>

#include "sim/audit/angles.hpp"
#include "sim/audit/report.hpp"
#include "tests/audit/audit_testing.hpp"

namespace test_audit_angles {

using namespace locus;
using namespace locus::testing;

namespace {

const layer_angle& layer_of(const angle_result& r, const std::string& name) {
  for (const layer_angle& l : r.layers) {
    if (l.projection == name) return l;
  }
  FAIL("no layer " << name);
  return r.all;
}

angle_result against_bp(const short_form& form, std::uint64_t updates = 5) {
  const audit_subject subject = subject_of(form.text());
  return measure_angles(subject.netlist, subject.twin.value(),
                        drawn_data(form.layers.front(), form.layers.back(), 40, 5), {updates, {}});
}

}  // namespace

TEST_CASE("gamma below 1: no angle, and updates shorter by its powers", "[audit]") {
  short_form form = burst_form({4, 3, 3, 2});
  form.rule = "z-il";
  form.gamma = 0.5;
  form.start = "forward";
  const angle_result r = against_bp(form);
  INFO(table_of(r));
  double expected = 1;
  for (const char* name : {"output.forward", "hidden2.forward", "hidden1.forward"}) {
    const layer_angle& l = layer_of(r, name);
    CHECK(l.updates == 5);
    // A change of some 1e-3 in weights of about 1 is known to some 1e-13 of it.
    CHECK(l.largest < 1e-6);
    CHECK(std::abs(l.ratio - expected) < 1e-9);
    expected /= 2;
  }
  CHECK(r.all.mean > 0.01);  // longer here, shorter there: as one vector they do not point the same way
}

TEST_CASE("fixed random feedback: an angle in the hidden layer, none in the output layer", "[audit]") {
  short_form form = burst_form({6, 5, 3});
  form.feedback_weights = "fixed-random";
  for (const unsigned lanes : {1u, 4u}) {
    form.lanes = lanes;
    const angle_result r = against_bp(form);
    INFO(table_of(r));
    CHECK(r.lanes == lanes);
    CHECK(layer_of(r, "output.forward").largest == 0);
    CHECK(layer_of(r, "output.forward").ratio == 1);
    const layer_angle& hidden = layer_of(r, "hidden1.forward");
    CHECK(hidden.mean > 1);
    CHECK(hidden.mean <= hidden.largest);
    CHECK(hidden.largest < 180);
  }
}

TEST_CASE("a circuit has no angle to itself; another rate changes the ratio alone", "[audit]") {
  short_form form = burst_form();
  const description d = form.read();
  form.alpha *= 2;
  const description faster = form.read();
  const data_set data = drawn_data(4, 2, 40, 5);
  const angle_result same = measure_angles(d, d, data, {3, {}});
  CHECK(same.all.largest == 0);
  CHECK(same.all.ratio == 1);
  CHECK(same.alone.empty());
  CHECK(same.kept_own.empty());
  const angle_result half = measure_angles(d, faster, data, {3, {}});
  CHECK(half.all.largest < 1e-6);
  CHECK(half.all.ratio == Approx(0.5).epsilon(1e-9));
}

TEST_CASE("other sizes are refused, and what only one of the two has is told", "[audit]") {
  const data_set data = drawn_data(4, 2, 40, 5);
  const description d = burst_form().read();
  CHECK_THROWS_WITH(measure_angles(d, burst_form({4, 5, 2}).read(), data),
                    Catch::Contains("hidden1.forward") && Catch::Contains("4 -> 3") && Catch::Contains("4 -> 5"));
  description other = d;
  projection_of(other, "hidden1.feedback").name = "hidden1.back";
  const angle_result part = measure_angles(d, other, data, {2, {}});
  const std::vector<std::string> sentences = angles_measured(part);
  std::string text;
  for (const std::string& each : sentences) text += each + "\n";
  INFO(text);
  CHECK(text.find("not compared: hidden1.feedback (learns here only), hidden1.back (learns there only)") !=
        std::string::npos);
  CHECK(text.find("kept weights of their own: hidden1.back (not here)") != std::string::npos);
}

TEST_CASE("angles are a table of the report", "[audit]") {
  audit_subject subject = subject_of(burst_form().text());
  subject.angled = subject.twin;
  locus::audit_options options = without_purity();
  options.updates = 2;
  options.seeds = 1;
  options.disturbances = 20;
  const audit_report r = audit(subject, drawn_data(4, 2, 40, 5), options);
  INFO(details_of(r));
  REQUIRE(r.angles);
  CHECK(r.angles->all.largest == 0);
  CHECK(details_of(r).find("mean angle") != std::string::npos);
}

}  // namespace test_audit_angles
