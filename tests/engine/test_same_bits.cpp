#include <catch2/catch.hpp>

#include "sim/core/errors.hpp"
#include "sim/engine/models.hpp"
#include "tests/engine/engine_testing.hpp"

namespace test_engine_same_bits {

using namespace locus;
using namespace locus::testing;

namespace {

/// Six presentations; false if the circuit diverged.
bool run(rig& r, const short_form& form, std::uint64_t which) { return teach_jittered(r, form, which, 0, 6); }

template <class F>
void each_form(std::uint64_t first, std::uint64_t count, F&& f) {
  for (std::uint64_t which = first; which < first + count; ++which) {
    const short_form form = random_form(which);
    INFO("circuit " << which << "\n" << form.text());
    f(form, which);
  }
}

}  // namespace

TEST_CASE("engine: the same bits and counts with and without activity tracking", "[engine]") {
  std::uint64_t quiet = 0;
  each_form(0, 150, [&](const short_form& form, std::uint64_t which) {
    rig tracked(form.read(), data_for(form, which));
    rig plain(form.read(), data_for(form, which), {.track_activity = false, .target = {}});
    recorder a, b;
    tracked.sim->observe(&a);
    plain.sim->observe(&b);
    const bool finished = run(tracked, form, which);
    REQUIRE(run(plain, form, which) == finished);
    if (!finished) return;
    REQUIRE(first_difference(a, b) == -1);
    REQUIRE(tracked.sim->counters() == plain.sim->counters());
    REQUIRE(b.quiet == 0);
    quiet += a.quiet;
  });
  CHECK(quiet > 100);
}

TEST_CASE("engine: feedback weights that mirror the forward ones are taken over, until somebody changes either") {
  short_form form;
  form.layers = {20, 18, 17, 2};
  form.lanes = 3;
  form.predict = "8";
  for (const char* precision : {"f32", "f64"}) {
    form.precision = precision;
    for (const std::size_t threads : {1u, 2u}) {
      rig tracked(form.read(), data_for(form, 1), {.target = {}, .threads = threads});
      rig plain(form.read(), data_for(form, 1), {.track_activity = false, .target = {}});
      const auto both = [&](auto&& act) {
        act(tracked);
        act(plain);
        REQUIRE(same_state(*tracked.sim, *plain.sim));
        REQUIRE(tracked.sim->counters() == plain.sim->counters());
      };
      const auto teach = [&](rig& r) { REQUIRE(run(r, form, 1)); };
      const auto turned = [](rig& r) {
        const auto forward = r.sim->weights(r.projection("hidden2.forward"));
        auto back = r.sim->weights(r.projection("hidden1.feedback"));
        for (std::size_t post = 0; post < 17; ++post) {
          for (std::size_t pre = 0; pre < 18; ++pre) back[pre * 17 + post] = forward[post * 18 + pre];
        }
        return back;
      };
      both(teach);
      CHECK(tracked.sim->weights(tracked.projection("hidden1.feedback")) == turned(tracked));
      for (const char* name : {"hidden1.feedback", "hidden2.forward"}) {
        both([&](rig& r) {
          auto values = r.sim->weights(r.projection(name));
          (std::string(name) == "hidden2.forward" ? values.front() : values.back()) += 0.25;
          r.sim->set_weights(r.projection(name), values);
        });
        both(teach);
        CHECK(tracked.sim->weights(tracked.projection("hidden1.feedback")) != turned(tracked));
      }
      both([&](rig& r) { r.sim->set_weights(r.projection("hidden1.feedback"), turned(r)); });
      both(teach);
      CHECK(tracked.sim->weights(tracked.projection("hidden1.feedback")) == turned(tracked));
    }
  }
}

TEST_CASE("engine: the same bits and counts whether or not somebody observes", "[engine]") {
  each_form(200, 50, [&](const short_form& form, std::uint64_t which) {
    rig watched(form.read(), data_for(form, which));
    rig alone(form.read(), data_for(form, which));
    recorder eyes;
    watched.sim->observe(&eyes);
    if (!run(watched, form, which)) return;
    (void)run(alone, form, which);
    REQUIRE(same_state(*watched.sim, *alone.sim));
    REQUIRE(watched.sim->counters() == alone.sim->counters());
  });
}

TEST_CASE("engine: the same bits on every instruction set", "[engine]") {
  const std::vector<simd_target> targets = available_targets();
  REQUIRE(targets.front() == simd_target::scalar);
  each_form(300, 60, [&](const short_form& form, std::uint64_t which) {
    rig scalar(form.read(), data_for(form, which), {.track_activity = true, .target = simd_target::scalar});
    recorder expected;
    scalar.sim->observe(&expected);
    const bool finished = run(scalar, form, which);
    for (const simd_target target : targets) {
      INFO(name_of(target));
      rig vector(form.read(), data_for(form, which), {.track_activity = true, .target = target});
      recorder found;
      vector.sim->observe(&found);
      REQUIRE(run(vector, form, which) == finished);
      if (!finished) continue;
      REQUIRE(first_difference(expected, found) == -1);
      REQUIRE(scalar.sim->counters() == vector.sim->counters());
    }
  });
}

TEST_CASE("engine: a short form and its long form, read again, give the same bits", "[engine]") {
  each_form(400, 50, [&](const short_form& form, std::uint64_t which) {
    rig shorter(form.read(), data_for(form, which));
    rig longer(netlist_of(long_form(form.read())), data_for(form, which));
    recorder a, b;
    shorter.sim->observe(&a);
    longer.sim->observe(&b);
    if (!run(shorter, form, which)) return;
    (void)run(longer, form, which);
    REQUIRE(first_difference(a, b) == -1);
    REQUIRE(shorter.sim->counters() == longer.sim->counters());
  });
}

TEST_CASE("engine: without learning each lane equals the run of its sample alone", "[engine]") {
  each_form(500, 40, [&](short_form form, std::uint64_t which) {
    form.lanes = 5;
    form.rule = which % 2 == 0 ? "none" : "fa-z-il";
    form.alpha = 0;  // phi neurons spike, but weights stay
    form.feedback = form.rule == "none" ? "" : form.feedback;
    form.update_at.reset();
    INFO(form.text());
    rig batch(form.read(), data_for(form, which));
    if (!run(batch, form, which)) return;
    for (unsigned lane = 0; lane < form.lanes; ++lane) {
      short_form one = form;
      one.lanes = 1;
      rig alone(one.read(), data_for(form, which));
      const auto depth = static_cast<std::int64_t>(form.layers.size()) - 1;
      const bool controlled = form.rule != "fa-z-il";
      const presentation_times low{1, controlled ? std::max<std::int64_t>(depth, 4) : 1, 0};
      const presentation_times high{2 * depth + 8, low.teach + depth + 2, depth + 3};
      for (std::uint64_t n = 0; n < 6; ++n) {
        const presentation p = draw_presentation(which, n, 30, form.lanes, low, high);
        alone.world.teach(std::vector{p.samples[lane]}, p.times);
      }
      for (std::size_t p = 0; p < batch.net.populations.size(); ++p) {
        for (std::size_t f = 0; f < batch.net.populations[p].model->fields.size(); ++f) {
          for (std::size_t i = 0; i < batch.net.populations[p].size; ++i) {
            REQUIRE(batch.sim->value({p, f}, i, lane) == alone.sim->value({p, f}, i, 0));
          }
        }
      }
    }
  });
}

TEST_CASE("engine: two runs in one process, one after another or in turns, give the same bits", "[engine]") {
  const short_form form = random_form(2);
  rig first(form.read(), data_for(form, 1));
  (void)run(first, form, 1);
  rig second(form.read(), data_for(form, 1)), third(form.read(), data_for(form, 1));
  for (std::uint64_t n = 0; n < 6; ++n) {
    const auto depth = static_cast<std::int64_t>(form.layers.size()) - 1;
    const bool controlled = form.rule != "fa-z-il";
    const presentation_times low{1, controlled ? std::max<std::int64_t>(depth, 4) : 1, 0};
    const presentation p =
        draw_presentation(1, n, 30, form.lanes, low, {2 * depth + 8, low.teach + depth + 2, depth + 3});
    second.world.teach(p.samples, p.times);
    third.world.teach(p.samples, p.times);
  }
  CHECK(same_state(*first.sim, *second.sim));
  CHECK(same_state(*first.sim, *third.sim));
}

TEST_CASE("engine: the same bits and counts whatever the clock shows at the start", "[engine]") {
  each_form(800, 30, [&](const short_form& form, std::uint64_t which) {
    description d = form.read();
    for (projection_description& p : d.projections) {
      if (p.name == "output.forward" && form.start == "settle") p.delay = static_cast<std::uint32_t>(which % 4);
    }
    rig zero(d, data_for(form, which));
    const bool finished = run(zero, form, which);
    for (const tick_t first : {tick_t{1}, tick_t{1'000'003}, tick_t{-7}}) {
      simulator_options options;
      options.first_tick = first;
      rig later(d, data_for(form, which), options);
      REQUIRE(later.sim->now() == first);
      REQUIRE(run(later, form, which) == finished);
      if (!finished) continue;
      REQUIRE(later.sim->now() == zero.sim->now() + first);
      REQUIRE(same_state(*zero.sim, *later.sim));
      REQUIRE(zero.sim->counters() == later.sim->counters());
    }
  });
}

namespace {

/// Large enough that sweeps, deliveries and learning are all shared out.
short_form large_form(const std::string& precision, unsigned lanes) {
  short_form form;
  form.layers = {200, 150, 100, 10};
  form.precision = precision;
  form.lanes = lanes;
  form.rule = "fa-z-il";
  form.predict = "4";
  form.teach = "3";
  return form;
}

}  // namespace

TEST_CASE("engine: the same bits and counts on any number of threads", "[engine][threads]") {
  for (const char* precision : {"f32", "f64"}) {
    for (const bool sparse : {false, true}) {
      const unsigned lanes = sparse ? 12 : 5;
      short_form form = large_form(precision, lanes);
      if (sparse) form.feedback_weights = "fixed-random";
      description netlist = form.read();
      for (projection_description& p : netlist.projections) {
        if (sparse && p.name.ends_with("forward")) p.connect = fixed_indegree{.degree = 60, .seed = 3};
      }
      const data_set data = drawn_data(200, 10, 30, 7);
      rig one(netlist, data);
      recorder expected;
      one.sim->observe(&expected);
      run(one, form, 1);
      for (const std::size_t threads : {2u, 3u, 4u}) {
        INFO(precision << (sparse ? ", sparse, " : ", dense, ") << threads << " threads");
        simulator_options options;
        options.threads = threads;
        rig many(netlist, data, options);
        recorder found;
        many.sim->observe(&found);
        run(many, form, 1);
        CHECK(first_difference(expected, found) == -1);
        CHECK(many.sim->counters() == one.sim->counters());
      }
    }
  }
}

TEST_CASE("engine: sums from few active sources are the same bits source by source", "[engine]") {
  for (const char* precision : {"f32", "f64"}) {
    for (const simd_target target : available_targets()) {
      INFO(precision << ", " << name_of(target));
      short_form form = large_form(precision, 3);
      form.rule = "none";
      form.feedback_weights = "fixed-random";
      form.activation = "relu";
      form.encode = "rate";
      description netlist = form.read();
      for (projection_description& p : netlist.projections) {
        if (p.name.ends_with("forward")) p.connect = fixed_indegree{.degree = 60, .seed = 3};
      }
      data_set data = drawn_data(200, 10, 30, 7);
      std::vector<double> inputs(30 * 200);  // three of 200 are not 0
      for (std::size_t row = 0; row < 30; ++row) {
        for (std::size_t k = 0; k < 3; ++k)
          inputs[row * 200 + (row * 37 + k * 71) % 200] = 0.5 + static_cast<double>(k);
      }
      data.train.input = number_table(200, inputs);
      simulator_options options;
      options.target = target;
      rig tracked(netlist, data, options);
      options.track_activity = false;
      rig plain(netlist, data, options);
      const std::uint64_t before = tracked.sim->memory();
      recorder a, b;
      tracked.sim->observe(&a);
      plain.sim->observe(&b);
      run(tracked, form, 1);
      run(plain, form, 1);
      CHECK(first_difference(a, b) == -1);
      CHECK(tracked.sim->counters() == plain.sim->counters());
      CHECK(tracked.sim->memory() > before);  // the list by source was made and used
    }
  }
}

}  // namespace test_engine_same_bits
