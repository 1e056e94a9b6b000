#include <catch2/catch.hpp>

#include "sim/core/errors.hpp"
#include "tests/engine/follower.hpp"
#include "tests/reference/backpropagation.hpp"

namespace test_engine_against_reference {

using namespace locus;
using namespace locus::testing;

namespace {

/// What the circuits of a test did.
struct tally {
  activity total;
  tick_t quiet = 0;
  std::size_t diverged = 0;
};

/// Runs eight presentations; P, T and Q jitter around the bounds.
template <class P>
std::string run_beside_reference(const short_form& form, std::uint64_t which, tally& all) {
  rig r(form.read(), drawn_data(form.layers.front(), form.layers.back(), 30, which));
  follower<P> beside(r, form, settings_of(form));
  const auto depth = static_cast<std::int64_t>(form.layers.size()) - 1;
  const bool controlled = form.rule != "fa-z-il";
  const presentation_times low{1, controlled ? std::max<std::int64_t>(depth, 4) : 0, 0};
  const presentation_times high{2 * depth + 8, low.teach + depth + 2, depth + 3};
  for (std::uint64_t n = 0; n < 8 && beside.difference.empty(); ++n) {
    try {
      beside.teach(draw_presentation(which, n, 30, form.lanes, low, high));
    } catch (const nonfinite_error&) {
      ++all.diverged;  // identity and relu circuits may; until then the bits have been compared
      break;
    }
  }
  all.total.spikes += r.sim->counters().spikes;
  all.total.weight_changes += r.sim->counters().weight_changes;
  all.quiet += beside.quiet;
  return beside.difference;
}

}  // namespace

TEST_CASE("engine: every tick of random circuits has the reference's bits", "[engine]") {
  tally all;
  for (std::uint64_t which = 0; which < 400; ++which) {
    const short_form form = random_form(which);
    INFO("circuit " << which << "\n" << form.text());
    const std::string difference = form.precision == "f32" ? run_beside_reference<float>(form, which, all)
                                                           : run_beside_reference<double>(form, which, all);
    REQUIRE(difference == "");
  }
  CAPTURE(all.diverged);
  CHECK(all.total.spikes > 10000);  // the circuits did something, and some came to rest
  CHECK(all.total.weight_changes > 1000);
  CHECK(all.quiet > 1000);
  CHECK(all.diverged < 40);
}

TEST_CASE("engine: input and teacher in the same tick, and a held teacher, follow the reference", "[engine]") {
  for (const bool off : {true, false}) {
    short_form form;
    form.layers = {5, 18, 3};
    form.teacher_off = off;
    form.lanes = 3;
    rig r(form.read(), drawn_data(5, 3, 10, 1));
    follower<double> beside(r, form, settings_of(form));
    for (std::uint64_t n = 0; n < 10; ++n) beside.teach(draw_presentation(1, n, 10, 3, {0, 0, 0}, {3, 2, 2}));
    CHECK(beside.difference == "");
    CHECK(beside.ticks > 20);
  }
}

// After L + 1 ticks of a circuit with at most 20 sources a sum, values of order 1 and errors of order 1, the two
// arithmetics have drifted apart by some 100 roundings of 1.1e-16: 1e-12 is two orders above. Later differences grow
// with the dynamics, and phi's comparisons with 0 are not meant for inexact sums.
TEST_CASE("engine: over L + 1 ticks values follow textbook arithmetic to 1e-12", "[engine]") {
  for (std::uint64_t which = 0; which < 60; ++which) {
    short_form form = random_form(1000 + which);
    form.precision = "f64";
    form.rule = "z-il";
    form.feedback.clear();
    form.update_at.reset();
    form.start = "forward";
    INFO("circuit " << which << "\n" << form.text());
    rig r(form.read(), drawn_data(form.layers.front(), form.layers.back(), 30, which));
    follower<double, dense::textbook> beside(r, form, settings_of(form));
    beside.only_measure = true;
    const auto depth = static_cast<std::int64_t>(form.layers.size()) - 1;
    beside.teach(draw_presentation(which, 0, 30, form.lanes, {1, depth, 0}, {1, depth, 0}));
    CHECK(beside.ticks == depth + 1);
    CHECK(beside.largest <= 1e-12);
  }
}

TEST_CASE("engine: the circuit of backpropagation has the textbook's weights, bit for bit", "[engine]") {
  for (std::uint64_t which = 0; which < 40; ++which) {
    short_form form = random_form(2000 + which);
    form.rule = "bp";
    form.feedback.clear();
    form.feedback_weights = which % 2 == 0 ? "tied" : "learned";
    form.start = "settle";
    form.update_at.reset();
    form.teacher_off = true;
    form.gamma = 1;
    INFO("circuit " << which << "\n" << form.text());
    const auto depth = static_cast<std::int64_t>(form.layers.size()) - 1;
    form.predict = fmt::format("{}", depth + 1);
    form.teach = fmt::format("{}", depth);
    form.rest = "1";
    rig r(form.read(), drawn_data(form.layers.front(), form.layers.back(), 30, which));
    const auto compare = [&]<class P>(P) {
      const dense::settings s = settings_of(form);
      dense::backpropagation<P> textbook{s.sizes, s.activations, s.lanes, s.alpha, s.bias, {}, {}, {}, {}, {}};
      take_forward_weights<P>(r, s.sizes.size() - 1, s.bias, textbook);
      for (std::uint64_t n = 0; n < 20; ++n) {
        const presentation p =
            draw_presentation(which, n, 30, form.lanes, {depth + 1, depth, 1}, {depth + 5, depth + 3, 4});
        r.world.teach(p.samples, p.times);
        std::vector<P> input, target;
        for (std::uint32_t j = 0; j < form.layers.front(); ++j) {
          for (const auto sample : p.samples) input.push_back(static_cast<P>(r.data.train.input.at(sample, j)));
        }
        for (std::uint32_t j = 0; j < form.layers.back(); ++j) {
          for (const auto sample : p.samples) target.push_back(static_cast<P>(r.data.train.target.at(sample, j)));
        }
        textbook.run(input, target);
        textbook.update();
      }
      dense::backpropagation<P> engine = textbook;
      take_forward_weights<P>(r, s.sizes.size() - 1, s.bias, engine);
      CHECK(engine.theta == textbook.theta);
      if (form.bias) CHECK(engine.theta_bias == textbook.theta_bias);
    };
    if (form.precision == "f32") compare(0.0F);
    else compare(0.0);
  }
}

}  // namespace test_engine_against_reference
