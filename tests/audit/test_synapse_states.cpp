/// What the audit says of synapses that keep more than their weight: how old what they learn from is, and when what
/// they keep changes.

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "models/templates/catalogue.hpp"
#include "sim/audit/locking.hpp"
#include "sim/audit/report.hpp"
#include "tests/audit/audit_testing.hpp"
#include "tests/project_file.hpp"

namespace test_audit_synapse_states {

using namespace locus;
using namespace locus::testing;

namespace {

description shipped(const std::string& name) {
  return read_netlist(document::from_file(project_file("netlists/" + name + ".toml")), all_templates());
}

/// The classes of plasticity that read sets alone give.
audit_report read_sets_of(const description& d, std::uint64_t presentations = 2) {
  locus::audit_options options = only_read_sets();
  options.presentations = presentations;
  return audit({"test.toml", d, std::nullopt, std::nullopt}, load_data(d.data), options);
}

tick_t age_of(const audit_report& r, const std::string& projection) {
  for (const plasticity_class& k : r.classes) {
    if (k.projection == projection) return k.age;
  }
  FAIL("no projection " << projection);
  return -1;
}

locking_result locked(const description& d) {
  const circuit c = build_circuit(d);
  const std::vector<presentation_times> times(2, draw_times(d.timeline, 0));
  return measure_locking(c, write_script(c, d, load_data(d.data), times));
}

const locking& of(const locking_result& r, const std::string& name) {
  for (const locking& l : r.projections) {
    if (name_of(l) == name) return l;
  }
  FAIL("nothing is called " << name);
  return r.all;
}

std::string text_of(const locking_result& r) {
  std::string text;
  for (const std::string& each : locking_measured(r)) text += each + "\n";
  return text;
}

}  // namespace

TEST_CASE("ages: a trace goes back to its first coincidence", "[audit]") {
  // The coincidence of the first presentation is at tick 2; rewards follow it after 0, 4 or 8 ticks, and again in each
  // later presentation, 40 ticks each. The trace has not decayed to 0 by then.
  const description d = shipped("eligibility");
  for (const std::uint64_t presentations : {2u, 4u}) {
    const audit_report r = read_sets_of(d, presentations);
    INFO(details_of(r));
    const auto later = static_cast<tick_t>(40 * (presentations - 1));
    CHECK(age_of(r, "credit.now") == later);
    CHECK(age_of(r, "credit.soon") == later + 4);
    CHECK(age_of(r, "credit.late") == later + 8);
    CHECK(details_of(r).find(fmt::format("the oldest message is {} ticks old, in {} ticks watched", later + 8,
                                         40 * presentations)) != std::string::npos);
  }
}

TEST_CASE("ages: what changed nothing is not old", "[audit]") {
  description d = shipped("eligibility");
  // What arrives late misses the action: no trace, and no change of the weight. The message alone is as old as its way.
  for (projection_description& p : d.projections) p.delay = 3;
  const audit_report late = read_sets_of(d);
  INFO(details_of(late));
  CHECK(age_of(late, "credit.now") == 3);
  CHECK(age_of(late, "credit.late") == 3);
}

TEST_CASE("ages: momentum goes back to the first update, and a weight without a state to no tick before", "[audit]") {
  description d = shipped("eligibility");
  projection_of(d, "credit.now").synapse = "momentum-hebbian";
  projection_of(d, "credit.now").params = {{"alpha", 0.1, {}}, {"mu", 0.9, {}}};
  projection_of(d, "credit.soon").synapse = "gated-hebbian";
  projection_of(d, "credit.soon").params = {{"alpha", 0.1, {}}};
  const audit_report r = read_sets_of(d, 3);
  INFO(details_of(r));
  CHECK(age_of(r, "credit.now") == 80);
  CHECK(age_of(r, "credit.soon") == 0);
  CHECK(details_of(r).find("plasticity: credit.soon: class 3 (uses weight, pre, post, modulator reward.soon.signal; "
                           "keeps 1 number; the oldest message is 0 ticks old)") != std::string::npos);
}

TEST_CASE("ages: what messages are multiplied with is a weight, too", "[audit]") {
  const audit_report r = read_sets_of(shipped("short-term-plasticity"));
  INFO(details_of(r));
  // The first spike comes at tick 2, and the resources have not recovered to the last bit at the end, tick 643.
  CHECK(age_of(r, "depressing") == 641);
  CHECK(age_of(r, "facilitating") == 641);
}

TEST_CASE("read sets: synapses begin as they do in production, whatever says what with", "[audit]") {
  description d = shipped("short-term-plasticity");
  population_of(d, "axon").size = 3;
  population_of(d, "depressed").size = 2;
  projection_description& p = projection_of(d, "depressing");
  p.weights = random_weights{"uniform", 1, 5, ""};
  p.initial = {{"u", random_weights{"uniform", 0.25, 7, ""}, {}}, {"x", random_weights{"constant", 0.5, 1, ""}, {}}};
  d.data.inputs = {"", {1, 3}, {0, 0, 0}};
  for (const precision each : {precision::f64, precision::f32}) {
    d.precision = each;
    const audit_report r = read_sets_of(d);
    INFO(details_of(r));
    CHECK(details_of(r).find("values are bit for bit those of the production engine's") != std::string::npos);
  }
}

TEST_CASE("causal cone: a disturbed weight reaches its own synapse alone", "[audit]") {
  description d = shipped("short-term-plasticity");
  population_of(d, "axon").size = 3;
  population_of(d, "depressed").size = 2;
  locus::audit_options options = without_purity();
  options.use.stillness = options.use.clocks = false;
  const audit_report r = audit({"test.toml", d, std::nullopt, std::nullopt}, load_data(d.data), options);
  INFO(details_of(r));
  CHECK(r.holds(criterion::local_computation));
}

TEST_CASE("locking: what synapses keep beside their weight changes at its own times", "[audit]") {
  const locking_result r = locked(shipped("eligibility"));
  INFO(text_of(r));
  const tick_t after[] = {0, 4, 8};
  for (std::size_t n = 0; n < 3; ++n) {
    const std::string name = std::vector{"credit.now", "credit.soon", "credit.late"}[n];
    CHECK(of(r, name).first_after_teacher == tick_bounds{after[n], after[n]});
    CHECK(of(r, name).changes == 2);
    // The trace begins with the coincidence and decays from then on, also in the presentation after it.
    CHECK(of(r, name + ".e").first == tick_bounds{0, 2});
    CHECK(of(r, name + ".e").changes == 78);
  }
  CHECK(r.all.first == tick_bounds{2, 2});
  CHECK(r.all.span == tick_bounds{8, 8});
  CHECK(text_of(r).find("update locking: credit.now.e, credit.soon.e, credit.late.e first change 0 to 2 ticks after a "
                        "presentation's first tick") != std::string::npos);
}

TEST_CASE("locking: weights that messages are multiplied with change, although theta does not", "[audit]") {
  const locking_result r = locked(shipped("short-term-plasticity"));
  INFO(text_of(r));
  CHECK(of(r, "depressing.theta").changes == 0);
  CHECK(of(r, "depressing.efficacy").presentations == 2);
  CHECK(of(r, "depressing.u").changes == 0);  // without facilitation
  CHECK(of(r, "facilitating.u").changes > 0);
  CHECK(r.all.presentations == 2);
  CHECK(text_of(r).find("weights do not change") == std::string::npos);
  CHECK(text_of(r).find("depressing.theta, depressing.u, facilitating.theta do not change in 2 presentations") !=
        std::string::npos);
}

TEST_CASE("control suppressed: a weight changes when what messages are multiplied with does", "[audit]") {
  const model_texts own = read_model_texts(document::from_text(
      "[[model]]\nname = 'fast-hebbian'\nkind = 'synapse'\ntitle = 'fast'\nequation = 'none'\nsource = 'test'\n"
      "weight = 'fast'\n[model.parameters]\nalpha = { default = 0.01, meaning = 'rate' }\n"
      "[model.state]\ntheta = 'where it began'\nfast = { initial = 'theta', meaning = 'weight' }\n"
      "[model.rules]\nlearn = 'fast <- fma(alpha, sum(gate * post * pre), fast)'\n",
      "fast.toml"));
  short_form form = burst_form();
  form.rule = "z-il";
  const audit_report r = audit_form(form, [&](description& d) {
    d.own.models.push_back(own.models.at(0));
    for (projection_description& p : d.projections) {
      if (p.synapse == "gated-hebbian") p.synapse = "fast-hebbian";
    }
  });
  INFO(details_of(r));
  CHECK(r.holds(criterion::partial_autonomy));
  CHECK_FALSE(r.holds(criterion::full_autonomy));
}

}  // namespace test_audit_synapse_states
