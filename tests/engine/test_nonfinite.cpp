#include <catch2/catch.hpp>

#include <cmath>

#include "sim/core/archive.hpp"
#include "sim/core/atomic_file.hpp"
#include "sim/core/errors.hpp"
#include "tests/data/scratch_directory.hpp"
#include "tests/engine/engine_testing.hpp"

namespace test_engine_nonfinite {

using namespace locus;
using namespace locus::testing;

namespace {

short_form diverging(const std::string& on_nonfinite) {
  short_form form;
  form.layers = {4, 17, 6, 3};
  form.activation = "relu";
  form.alpha = 1e6;
  form.lanes = 2;
  form.on_nonfinite = on_nonfinite;
  return form;
}

void teach_much(rig& r) {
  for (std::uint64_t n = 0; n < 200; ++n) {
    const presentation p = draw_presentation(1, n, 10, 2, {8, 4, 0}, {8, 4, 0});
    r.world.teach(p.samples, p.times);
  }
}

}  // namespace

TEST_CASE("non-finite: a run that diverges stops and names where and when", "[engine]") {
  rig r(diverging("").read(), drawn_data(4, 3, 10, 1));
  std::string message;
  try {
    teach_much(r);
  } catch (const run_error& error) {
    message = error.what();
  }
  INFO(message);
  CHECK(message.find("tick " + std::to_string(r.sim->now())) != std::string::npos);
  CHECK((message.find("inf") != std::string::npos || message.find("nan") != std::string::npos));
  CHECK(message.find("on_nonfinite = \"record\"") != std::string::npos);
  const bool weight = message.find(".theta[") != std::string::npos;
  CHECK((weight || message.find(", lane ") != std::string::npos));
  // The place that is named holds a non-finite number.
  if (!weight) {
    const std::string place = message.substr(0, message.find('['));
    const std::size_t dot = place.rfind('.');
    const output_id field = r.output(place.substr(0, dot), place.substr(dot + 1));
    const auto neuron = std::stoul(message.substr(message.find('[') + 1));
    const auto lane = std::stoul(message.substr(message.find("lane ") + 5));
    CHECK_FALSE(std::isfinite(r.sim->value(field, neuron, lane)));
  }
}

TEST_CASE("non-finite: a simulator that broke off in a tick runs no other, and is neither read nor saved", "[engine]") {
  rig r(diverging("").read(), drawn_data(4, 3, 10, 1));
  CHECK_THROWS_AS(teach_much(r), nonfinite_error);
  const tick_t at = r.sim->now();
  const auto refused = [&](auto&& f) {
    std::string message;
    try {
      f();
    } catch (const run_error& error) {
      message = error.what();
    }
    INFO(message);
    CHECK(message.find("tick " + std::to_string(at) + " was broken off in its middle (") == 0);
  };
  refused([&] { r.sim->advance(at + 1); });
  refused([&] { (void)r.sim->weights(0); });
  const test::scratch_directory folder;
  refused([&] {
    const atomic_file place(folder.path("state.h5"));
    archive a = archive::writer(place);
    r.sim->serialize(a);
  });
  CHECK(r.sim->now() == at);
}

namespace {

/// Sees one tick too many.
class failing_observer : public tick_observer {
 public:
  void on_tick(tick_t tick, const simulator& s) override {
    (void)s.weights(0);  // what an observer sees can be read
    if (tick == 5) throw run_error("the disk is full");
  }
  void on_quiet(tick_t, tick_t, const simulator&) override {}
};

}  // namespace

TEST_CASE("non-finite: a tick that an observer broke off counts as such", "[engine]") {
  rig r(diverging("").read(), drawn_data(4, 3, 10, 1), {.track_activity = false, .target = {}});
  failing_observer observer;
  r.sim->observe(&observer);
  CHECK_THROWS_WITH(r.sim->advance(10), "the disk is full");
  r.sim->observe(nullptr);
  CHECK_THROWS_WITH(r.sim->advance(10),
                    "tick 5 was broken off in its middle (the disk is full): this state cannot be "
                    "saved or gone on from");
}

TEST_CASE("non-finite: with on_nonfinite = \"record\" the run goes on and reports the first one", "[engine]") {
  rig stops(diverging("stop").read(), drawn_data(4, 3, 10, 1));
  std::string message;
  try {
    teach_much(stops);
  } catch (const run_error& error) {
    message = error.what();
  }
  REQUIRE_FALSE(message.empty());
  rig goes_on(diverging("record").read(), drawn_data(4, 3, 10, 1));
  REQUIRE_NOTHROW(teach_much(goes_on));
  CHECK(goes_on.sim->now() == 200 * 12);
  REQUIRE(goes_on.sim->nonfinite().has_value());
  CHECK(message.substr(0, goes_on.sim->nonfinite()->size()) == *goes_on.sim->nonfinite());
}

TEST_CASE("non-finite: the same trajectory with and without tracking, before and after", "[engine]") {
  rig tracked(diverging("record").read(), drawn_data(4, 3, 10, 1));
  rig plain(diverging("record").read(), drawn_data(4, 3, 10, 1), {.track_activity = false, .target = {}});
  teach_much(tracked);
  teach_much(plain);
  CHECK(tracked.sim->nonfinite() == plain.sim->nonfinite());
  for (std::size_t p = 0; p < tracked.net.populations.size(); ++p) {
    for (std::size_t i = 0; i < tracked.net.populations[p].size; ++i) {
      const double a = tracked.sim->value({p, 0}, i, 0), b = plain.sim->value({p, 0}, i, 0);
      CHECK((a == b || (std::isnan(a) && std::isnan(b))));
    }
  }
}

TEST_CASE("non-finite: a finite run reports none", "[engine]") {
  short_form form = diverging("record");
  form.alpha = 0.01;
  rig r(form.read(), drawn_data(4, 3, 10, 1));
  teach_much(r);
  CHECK_FALSE(r.sim->nonfinite().has_value());
}

}  // namespace test_engine_nonfinite
