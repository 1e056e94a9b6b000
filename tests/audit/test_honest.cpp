/// No honest circuit raises an alarm: random short forms and random sparse circuits.

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "sim/audit/report.hpp"
#include "sim/core/errors.hpp"
#include "sim/core/random.hpp"
#include "tests/audit/audit_testing.hpp"

namespace test_audit_honest {

using namespace locus;
using namespace locus::testing;

namespace {

locus::audit_options quick(std::uint64_t seed) {
  locus::audit_options options = without_purity();
  options.seed = seed;
  options.updates = 3;
  options.seeds = 2;
  options.stretched = 4;
  options.disturbances = 30;
  return options;
}

/// The verdict that a random short form must get, where it can be known: locality, weight transport.
/// False if the circuit diverges, which ends its audit.
bool check_template(std::uint64_t which) {
  short_form form = random_form(which);
  form.alpha = 0.005;
  audit_report r;
  try {
    r = audit_form(form, {}, quick(which));
  } catch (const run_error&) {
    return false;
  }
  INFO(form.text() << details_of(r));
  const bool tied = form.feedback_weights == "tied" && form.layers.size() > 2;
  CHECK(r.holds(criterion::local_computation) != tied);
  CHECK(r.holds(criterion::no_weight_transport) != tied);
  const bool learns = form.rule != "none" && r.of(criterion::local_plasticity).missing.empty();
  if (!learns) CHECK(r.of(criterion::local_plasticity).result == outcome::not_measured);
  else CHECK((r.holds(criterion::local_plasticity) || tied));
  const bool controlled = form.rule == "il" || form.rule == "z-il";
  // A form that swings for ever, whatever the data, holds a clock.
  const bool swings = says(r, criterion::full_autonomy, "clocks", {"keeps time"});
  CHECK((swings || r.holds(criterion::partial_autonomy) == (form.start != "forward")));
  if (controlled) CHECK_FALSE(r.holds(criterion::full_autonomy));
  return true;
}

/// The first `count` that do not diverge.
void check_templates(std::uint64_t count) {
  for (std::uint64_t which = 0; count > 0; ++which) count -= check_template(which) ? 1 : 0;
}

/// A sparse circuit of two populations of value and error neurons, with delays and learning over random connections,
/// whose weights are so small that no loop of it oscillates: that would be a clock.
description sparse_circuit(std::uint64_t which) {
  const random_stream random(11, "test", "sparse");
  const auto below = [&](std::uint64_t n, std::uint64_t part) { return random.below(n, which, part); };
  const std::uint64_t inputs = 3 + below(20, 0), hidden = 3 + below(20, 1);
  std::string text = fmt::format("[circuit]\nprecision = \"{}\"\n", below(2, 2) == 0 ? "f64" : "f32");
  const auto population = [&](const std::string& name, const std::string& model, std::uint64_t size) {
    text += fmt::format("[[population]]\nname = \"{}\"\nmodel = \"{}\"\nsize = {}\n", name, model, size);
  };
  population("in", "two-compartment-value", inputs);
  population("h", "two-compartment-value", hidden);
  population("e", "error", hidden);
  population("phi", "phi", hidden);
  const auto link = [&](const std::string& from, const std::string& to) {
    text += fmt::format("[[projection]]\nname = \"{0}->{1}\"\nfrom = \"{0}\"\nto = \"{1}\"\nconnect = \"one-to-one\"\n",
                        from, to);
  };
  link("h.b", "e.value");
  link("h.a", "e.apical");
  link("e.mu", "h.prediction");
  link("e.eps", "phi.error");
  link("e.mu", "phi.prediction");
  link("phi.spike", "e.gate");
  const auto synapses = [&](const std::string& name, const std::string& from, const std::string& to,
                            const std::string& post, const std::string& gate_at, std::uint64_t delay,
                            const std::string& connect) {
    text += fmt::format(
        "[[projection]]\nname = \"{}\"\nfrom = \"{}\"\nto = \"{}\"\nsynapse = \"gated-hebbian\"\nconnect = {}\n"
        "post = \"{}\"\ngate = \"phi.spike\"\ngate_at = \"{}\"\ndelay = {}\nparams = {{ alpha = 0.01 }}\n"
        "weights = {{ init = \"glorot-uniform\", scale = 0.5, seed = {} }}\n",
        name, from, to, connect, post, gate_at, delay, which + 1);
  };
  synapses("forward", "in.rate", "e.prediction", "e.eps", "post", below(3, 3),
           fmt::format("{{ fixed_indegree = {}, seed = {} }}", 1 + below(inputs, 4), which + 1));
  synapses("lateral", "h.rate", "e.prediction", "e.eps", "post", 1 + below(3, 5),
           fmt::format("{{ probability = 0.2, seed = {} }}", which + 1));
  synapses("feedback", "e.burst", "h.feedback", "h.rate", "pre", below(2, 6),
           fmt::format("{{ probability = 0.3, seed = {} }}", which + 2));
  text +=
      "[[stimulus]]\npopulation = \"in\"\nport = \"clamp\"\nrole = \"input\"\n"
      "[[stimulus]]\npopulation = \"h\"\nport = \"clamp\"\nrole = \"teacher\"\n"
      "[stimuli]\npredict = 6\nteach = 3\nrest = 2\n";
  return netlist_of(text);
}

void check_sparse(std::uint64_t which) {
  const description d = sparse_circuit(which);
  const audit_report r =
      audit({"sparse", d, {}, {}}, drawn_data(d.populations[0].size, d.populations[1].size, 20, which), quick(which));
  INFO("sparse circuit " << which << "\n" << details_of(r));
  // Where too little arrives in six ticks, no weight changes.
  for (const criterion c : all_criteria) CHECK(r.of(c).reasons.empty());
}

}  // namespace

TEST_CASE("a hundred honest random circuits raise no alarm", "[audit][thorough]") {
  check_templates(60 / LOCUS_ONE_OF);
  for (std::uint64_t which = 0; which < 40; which += LOCUS_ONE_OF) check_sparse(which);
}

}  // namespace test_audit_honest
