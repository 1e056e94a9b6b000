/// When weights change within a presentation.

#include <catch2/catch.hpp>

#include "sim/audit/locking.hpp"
#include "tests/audit/audit_testing.hpp"

namespace test_audit_locking {

using namespace locus;
using namespace locus::testing;

namespace {

locking_result locked(const description& d, std::size_t presentations = 3) {
  const circuit c = build_circuit(d);
  const std::uint32_t inputs = c.populations[c.find_population("input.value").value()].size,
                      targets = c.populations[c.find_population("output.value").value()].size;
  const std::vector<presentation_times> times(presentations, draw_times(d.timeline, 0));
  return measure_locking(c, write_script(c, d, drawn_data(inputs, targets, 40, 5), times));
}

const locking& of(const locking_result& r, const std::string& name) {
  for (const locking& l : r.projections) {
    if (l.projection == name) return l;
  }
  FAIL("no projection " << name);
  return r.all;
}

std::string text_of(const locking_result& r) {
  std::string text;
  for (const std::string& each : locking_measured(r)) text += each + "\n";
  return text;
}

}  // namespace

TEST_CASE("locking: each layer of Z-IL learns a tick after the one above it", "[audit]") {
  short_form form = burst_form({4, 3, 3, 2});
  form.rule = "z-il";
  const locking_result r = locked(form.read());
  INFO(text_of(r));
  CHECK(r.presentations == 3);
  tick_t after = 0;
  for (const char* name : {"output.forward", "hidden2.forward", "hidden1.forward"}) {
    const locking& l = of(r, name);
    CHECK(l.presentations == 3);
    CHECK(l.changes == 3);
    CHECK(l.first_after_teacher == tick_bounds{after, after});
    CHECK(l.first == tick_bounds{8 + after, 8 + after});
    CHECK(l.span == tick_bounds{0, 0});
    ++after;
  }
  CHECK(r.all.first == tick_bounds{8, 8});
  CHECK(r.all.span == tick_bounds{2, 2});
  CHECK(r.all.last_after_teacher == tick_bounds{2, 2});
}

TEST_CASE("locking: the waiting grows with the time that the teacher lets pass", "[audit]") {
  short_form form = burst_form();
  for (const char* predict : {"8", "11"}) {
    form.predict = predict;
    const locking_result r = locked(form.read());
    INFO(text_of(r));
    CHECK(r.all.first.least == std::stol(predict) + r.all.first_after_teacher.least);
  }
}

TEST_CASE("locking: inference learning changes all weights at once, when it is told to", "[audit]") {
  short_form form = burst_form();
  form.rule = "il";
  form.update_at = 5;
  form.teach = "8";
  const locking_result r = locked(form.read());
  INFO(text_of(r));
  CHECK(r.all.first_after_teacher == tick_bounds{5, 5});
  CHECK(r.all.span == tick_bounds{0, 0});
  CHECK(text_of(r).find("weights first change 13 ticks after a presentation's first tick (5 ticks after the teacher's "
                        "onset) and never again in it") != std::string::npos);
}

TEST_CASE("locking: what does not change is said to", "[audit]") {
  short_form form = burst_form();
  form.alpha = 0;
  const locking_result r = locked(form.read());
  CHECK(r.all.presentations == 0);
  CHECK(text_of(r).find("weights do not change in 3 presentations") != std::string::npos);
}

}  // namespace test_audit_locking
