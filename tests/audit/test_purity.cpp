/// Models whose rules are no functions of what they declare are found, each by the mechanism that is there for it; the
/// shipped ones are pure.

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>
#include <string>

#include "sim/audit/program_symbols.hpp"
#include "sim/audit/purity.hpp"
#include "sim/audit/sealed_process.hpp"
#include "sim/engine/models.hpp"
#include "tests/engine/shipped_models.hpp"

namespace test_audit_purity {

using namespace locus;
using namespace locus::testing;

namespace {

purity_result purity_of(const std::string& name, const purity_options& options = {},
                        const std::vector<std::pair<std::string, double>>& numbers = {}) {
  const model_declaration* model = all_models().find(name);
  REQUIRE(model != nullptr);
  const parameter_block params = model->make_parameters();
  for (const auto& [parameter, value] : numbers) {
    for (const parameter_info& p : model->parameters) {
      if (p.name == parameter) REQUIRE(p.set(params.get(), value).empty());
    }
  }
  return measure_purity(*model, params, options);
}

/// With as much time as a busy machine needs.
purity_options patiently() {
  purity_options options;
  options.seconds = 10;
  return options;
}

/// With few repetitions: the other mechanisms need none.
purity_options briefly() {
  purity_options options;
  options.evaluations = 1000;
  return options;
}

/// With this mechanism and no other.
purity_options alone(const std::string& mechanism) {
  purity_options options = mechanism == "many" ? patiently() : briefly();
  options.use = {.order = mechanism == "order",
                 .neighbours = mechanism == "neighbours",
                 .lanes = mechanism == "lanes",
                 .places = mechanism == "places",
                 .many = mechanism == "many",
                 .sealed = mechanism == "sealed",
                 .symbols = mechanism == "symbols",
                 .sets = mechanism == "sets",
                 .traced = mechanism == "traced"};
  return options;
}

purity_result without(bool purity_mechanisms::*mechanism, const std::string& name, purity_options options) {
  options.use.*mechanism = false;
  return purity_of(name, options);
}

std::string text_of(const purity_result& r) {
  std::string text = r.watched + r.why_not;
  for (const purity_finding& f : r.findings) text += "\n" + f.model + " [" + f.mechanism + "] " + f.what;
  return text;
}

bool says(const purity_result& r, const std::string& mechanism, const std::string& part) {
  return std::any_of(r.findings.begin(), r.findings.end(), [&](const purity_finding& f) {
    return f.mechanism == mechanism && f.what.find(part) != std::string::npos;
  });
}

/// Whether a process can be cut off from the world here: not in each container, and not under sanitizers.
bool can_seal() {
  static const bool can = [] {
    if (!why_not_sealed().empty()) return false;
    const shared_memory memory(4096);
    const sealed_end end = run_sealed(
        memory, [](void* at) { *static_cast<int*>(at) = 7; }, memory.data());
    return end.finished && end.left_open.empty() && *reinterpret_cast<int*>(memory.data()) == 7;
  }();
  return can;
}

bool is_x86() {
#if defined(__x86_64__)
  return true;
#else
  return false;
#endif
}

struct cheat {
  std::string name, twin, mechanism, says;
};

}  // namespace

TEST_CASE("shipped models are pure by their text, and none is opaque", "[audit][purity]") {
  for (const model_declaration& model : all_models()) {
    if (!shipped(model)) continue;
    const purity_result r = purity_of(std::string(model.info.name));
    INFO(model.info.name << ": " << text_of(r));
    CHECK(r.by_text);
    CHECK(r.pure());
    CHECK(r.evaluations == 0);
  }
}

TEST_CASE("settings of parameters do not matter to purity", "[audit][purity]") {
  CHECK(purity_of("ungated-hebbian", briefly(), {{"alpha", 0.25}}).pure());
}

TEST_CASE("rules that are unusual but honest are pure", "[audit][purity]") {
  for (const std::string name : {"honest-bounded", "honest-mean", "ungated-hebbian", "oscillator",
                                 "global-loss-controller", "cheat-low-bits", "cheat-timer", "cheat-pulser"}) {
    const purity_result r = purity_of(name, briefly());
    INFO(name << ": " << text_of(r));
    CHECK(r.pure());
  }
}

TEST_CASE("rules that look elsewhere are found", "[audit][purity]") {
  const std::string value = "two-compartment-value", hebbian = "gated-hebbian";
  const std::vector<cheat> cheats = {
      {"cheat-copied-value", value, "order", "gave b = "},
      {"cheat-copied-value", value, "symbols", "locus::models::cheat_copied_value::step::rule::buffer"},
      {"cheat-copied-value", value, "sealed", "the variable locus::models::cheat_copied_value"},
      {"cheat-static-value", value, "order", "gave b = "},
      {"cheat-static-value", value, "symbols", "locus::models::cheat_static_value::step::rule::last"},
      {"cheat-global-ticks", value, "sealed", "the variable locus::models::cheats::calls"},
      {"cheat-storing", hebbian, "sealed", "writes to the variable locus::models::cheats::stored"},
      {"cheat-fetching", hebbian, "sealed", "reads the variable locus::models::cheats::stored"},
      {"cheat-time", value, "sealed", "reads the system's clock"},
      {"cheat-clock", value, "sealed", "reads the system's clock"},
      {"cheat-birthday", value, "sealed", "reads the variable locus::models::cheats::birthday"},
      {"cheat-environment", value, "sealed", "reads the environment"},
      {"cheat-command-line", value, "sealed", "step (f32)"},  // the call, or what the library notes before it
      {"cheat-file", value, "sealed", "calls the system"},
      {"cheat-thread", value, "sealed", "a variable of its thread"},
      {"cheat-thread", value, "symbols", "last (one for each thread)"},
      {"cheat-thread", value, "order", "gave b = "},
      {"cheat-engine", value, "order", "gave b = "},
      {"cheat-engine", value, "symbols", "rule::engine"},
      {"cheat-library-random", value, "order", "gave b = "},
      {"cheat-library-random", value, "sealed", "a variable of libc"},
      {"cheat-after-millions", value, "many", "gave "},
      {"cheat-after-millions", value, "symbols", "rule::calls"},
      {"cheat-password", value, "symbols", "rule::told"},
      {"cheat-flags", value, "order", "gave b = "},
      {"cheat-address", value, "places", "gave b = "},
      {"cheat-last-synapse", hebbian, "order", "gave theta = "},
      {"cheat-next-lane", hebbian, "lanes", "lanes in another order gave theta = "},
      {"cheat-covariance", hebbian, "lanes", "the rule multiplies what belongs to different lanes"},
      {"cheat-many-lanes", hebbian, "lanes", "one active and the others silent"},
      {"cheat-when-traced", value, "traced", "gave b = "},
      {"cheat-nosy-phi", "phi", "sealed", "the variable locus::models::cheats::other_error"},
  };
  std::set<std::string> twins;
  for (const cheat& c : cheats) {
    if (c.mechanism == "sealed" && !can_seal()) continue;
    const purity_result r = purity_of(c.name, alone(c.mechanism));
    INFO(c.name << ": " << text_of(r));
    CHECK(r.tested);
    CHECK(says(r, c.mechanism, c.says));
    twins.insert(c.twin);
  }
  for (const std::string& twin : twins) CHECK(purity_of(twin, briefly()).pure());
}

TEST_CASE("rules that use the processor's own clock or registers are found", "[audit][purity]") {
  if (!is_x86()) return;
  if (can_seal()) CHECK(says(purity_of("cheat-cycles", briefly()), "sealed", "reads the processor's clock"));
  CHECK(says(purity_of("cheat-patient", patiently()), "many", "gave signal = "));
  CHECK(says(purity_of("cheat-counted-places", briefly()), "order", "gave the modulated end = "));
}

TEST_CASE("rules that see those that are computed in the same vector are found", "[audit][purity]") {
  if (chosen_target() == simd_target::scalar) return;
  for (const std::string mechanism : {"order", "neighbours", "sets", "traced"})
    CHECK(says(purity_of("cheat-shuffled", alone(mechanism)), mechanism, "gave b = "));
  CHECK(says(purity_of("cheat-alike", alone("neighbours")), "neighbours", "gave b = "));
}

TEST_CASE("each mechanism is needed: without it, some cheat gets through", "[audit][purity]") {
  const auto gets_through = [](bool purity_mechanisms::*mechanism, const std::string& name) {
    const purity_options options = mechanism == &purity_mechanisms::many ? patiently() : briefly();
    const purity_result caught = purity_of(name, options), let_go = without(mechanism, name, options);
    INFO(text_of(caught) << "\nand without the mechanism " << text_of(let_go));
    CHECK_FALSE(caught.pure());
    CHECK(let_go.pure());
  };
  using m = purity_mechanisms;
  gets_through(&m::lanes, "cheat-covariance");
  gets_through(&m::lanes, "cheat-many-lanes");
  gets_through(&m::symbols, "cheat-password");
  gets_through(&m::traced, "cheat-when-traced");
  if (can_seal()) gets_through(&m::sealed, "cheat-time");
  if (can_seal()) gets_through(&m::sealed, "cheat-environment");
  if (can_seal()) gets_through(&m::sealed, "cheat-fetching");
  if (is_x86()) gets_through(&m::many, "cheat-patient");
  if (is_x86()) gets_through(&m::order, "cheat-counted-places");
  if (chosen_target() != simd_target::scalar) gets_through(&m::neighbours, "cheat-alike");
}

TEST_CASE("what was not looked at is said", "[audit][purity]") {
  purity_options options = briefly();
  options.use.sealed = options.use.many = options.use.symbols = options.use.order = false;
  const std::string watched = purity_of("honest-mean", options).watched;
  CHECK(watched.find("not in a sealed process (not asked for)") != std::string::npos);
  CHECK(watched.find("; not evaluated once more or in another order, many times") != std::string::npos);
  CHECK(watched.find("; symbols not looked at") != std::string::npos);

  model_declaration described;
  described.info.name = "described";
  const purity_result opaque = measure_purity(described, nullptr);
  CHECK_FALSE(opaque.tested);
  CHECK_FALSE(opaque.pure());
  CHECK(opaque.why_not.find("opaque") != std::string::npos);
}

TEST_CASE("what a run has recorded is tried", "[audit][purity]") {
  purity_options options = briefly();
  options.use.symbols = false;
  CHECK(purity_of("cheat-password", options).pure());
  options.recorded = {{0, 0, 0, 0, 0.7390851332151607, 0}};  // b, a, x, rate, prediction, feedback
  const purity_result r = purity_of("cheat-password", options);
  INFO(text_of(r));
  CHECK_FALSE(r.pure());
}

}  // namespace test_audit_purity
