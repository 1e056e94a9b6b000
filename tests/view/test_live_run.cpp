#include "sim/view/live_run.hpp"

#include <catch2/catch.hpp>

#include <cmath>

#include "sim/core/bits.hpp"
#include "sim/core/errors.hpp"
#include "sim/engine/field_values.hpp"
#include "tests/project_file.hpp"

namespace test_view_live_run {

namespace {

using namespace locus;
using locus::testing::project_file;

document xor_netlist(const std::vector<std::string>& overrides = {"stimuli.epochs=20"}) {
  return document::from_file(project_file("netlists/xor.toml"), overrides);
}

run_result plain_run(const document& netlist) {
  const loaded_netlist loaded(netlist.again({}));
  const data_set data = load_data(loaded.netlist.data);
  return experiment(loaded.netlist, data).run();
}

void finish(live_run& run) {
  {
    const live_run::visit here(run);
    run.run(std::nullopt);
  }
  for (int k = 0; k < 3000; ++k) {
    {
      const live_run::visit here(run);
      if (run.done()) return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  FAIL("it comes to no end");
}

}  // namespace

TEST_CASE("live run: stepped, paused and looked at, it is the run that nobody held", "[view]") {
  const run_result plain = plain_run(xor_netlist());
  live_run run(xor_netlist());
  {
    live_run::visit here(run);
    CHECK(run.sim().now() == 1);
    CHECK_FALSE(run.running());
    run.step(here, 7);
    CHECK(run.sim().now() == 8);
    run.step_to(here, live_run::goal::weight);
    CHECK(run.ring().weights_changed());
    run.run(10'000);
  }
  for (int k = 0; k < 20; ++k) {
    const live_run::visit here(run);
    if (k == 10) run.pause();
    CHECK(run.ring().extent().last == run.sim().now());
  }
  finish(run);
  const live_run::visit here(run);
  CHECK(run.ended().empty());
  CHECK(weights_sha256(run.sim()) == plain.weights_sha256);
  CHECK(run.sim().counters() == plain.total);
  REQUIRE(run.epochs().size() == plain.epochs.size());
  CHECK(run.epochs().back().train.loss == plain.epochs.back().train.loss);
  CHECK(run.epochs().back().test.has_value() == plain.epochs.back().test.has_value());
}

TEST_CASE("live run: a parameter set to what it is changes nothing; another value is that of the rest", "[view]") {
  const run_result plain = plain_run(xor_netlist());
  live_run run(xor_netlist());
  {
    live_run::visit here(run);
    run.step(here, 30);
    CHECK(run.set_parameter(here, "hidden1.value", {"gamma", 1.0, {}}));
    CHECK_THROWS_AS(run.set_parameter(here, "hidden1.value", {"gamme", 1.0, {}}), usage_error);
    CHECK_THROWS_AS(run.set_parameter(here, "hidden1.value", {"gamma", -1.0, {}}), usage_error);
    CHECK_THROWS_AS(run.set_parameter(here, "nobody", {"gamma", 1.0, {}}), usage_error);
  }
  finish(run);
  const live_run::visit here(run);
  CHECK(weights_sha256(run.sim()) == plain.weights_sha256);
  CHECK(run.epochs().size() == plain.epochs.size());
}

TEST_CASE("live run: what is clamped stays so until it is released", "[view]") {
  live_run run(xor_netlist());
  live_run::visit here(run);
  const circuit& c = run.net();
  const std::size_t input = c.find_population("input.value").value();
  const output_id x{input, c.populations[input].model->find_field("x").value()};
  const std::vector<double> held(std::size_t{c.populations[input].size} * c.lanes, 0.375);
  run.clamp(input, held);
  for (int k = 0; k < 40; ++k) {
    run.step(here, 1);
    CHECK(same_bits(field_values(run.sim(), x), held));
  }
  run.release(input);
  run.step(here, 40);
  CHECK_FALSE(same_bits(field_values(run.sim(), x), held));
}

TEST_CASE("tick ring: holds the last ticks to the bit, and no more than it may", "[view]") {
  const loaded_netlist loaded(xor_netlist());
  const data_set data = load_data(loaded.netlist.data);
  struct recorder : tick_observer {
    tick_ring ring;
    std::vector<std::vector<double>> fields, weights;
    output_id field;
    std::size_t projection;
    recorder(const circuit& c, std::size_t bytes)
        : ring(c, bytes),
          field{c.find_population("hidden1.value").value(), 0},
          projection(c.find_projection("output.forward").value()) {}
    void on_tick(tick_t tick, const simulator& s) override {
      ring.take(tick, s);
      fields.push_back(field_values(s, field));
      weights.push_back(s.weights(projection));
    }
    void on_quiet(tick_t, tick_t last, const simulator&) override {
      ring.hold(last);
      while (static_cast<tick_t>(fields.size()) < last) {
        fields.push_back(fields.back());
        weights.push_back(weights.back());
      }
    }
  };
  for (const std::size_t bytes : {std::size_t{20'000}, std::size_t{64} << 20u}) {
    experiment_options options;
    options.max_updates = 60;
    options.evaluate = false;
    experiment x(loaded.netlist, data, options);
    recorder r(x.net(), bytes);
    x.sim().observe(&r);
    static_cast<void>(x.run());
    const window held = r.ring.extent();
    CHECK(held.last == x.sim().now());
    CHECK((held.first > 0) == (bytes == 20'000));
    const ring_variable& field = *r.ring.find(x.net().name_of(r.field));
    const ring_variable& theta = *r.ring.find("output.forward.theta");
    bool weights_known = false;
    for (tick_t t = held.first; t < held.last; ++t) {
      CHECK(same_bits(r.ring.row(field, 0, t), r.fields[static_cast<std::size_t>(t)]));
      if (r.ring.weights_since(theta, t)) {
        weights_known = true;
        CHECK(same_bits(r.ring.row(theta, 0, t), r.weights[static_cast<std::size_t>(t)]));
      } else {
        CHECK_FALSE(weights_known);
      }
    }
    CHECK(weights_known);
    CHECK(std::isnan(r.ring.row(field, 0, held.last)[0]));
    CHECK(std::isnan(r.ring.row(field, 0, held.first - 1)[0]));
    CHECK(r.ring.find("hidden1.value") == nullptr);
    CHECK(r.ring.find("") == nullptr);
  }
}

}  // namespace test_view_live_run
