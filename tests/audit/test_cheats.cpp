/// Circuits that cheat, each at one place of an otherwise honest circuit, are caught with the right name and path; the
/// honest twin passes.

#include <catch2/catch.hpp>

#include <algorithm>

#include "sim/audit/report.hpp"
#include "sim/audit/sealed_process.hpp"
#include "tests/audit/audit_testing.hpp"

namespace test_audit_cheats {

using namespace locus;
using namespace locus::testing;

namespace {

change model(const std::string& population, const std::string& name) {
  return [=](description& d) { population_of(d, population).model = name; };
}

change both(const change& a, const change& b) {
  return [=](description& d) {
    a(d);
    b(d);
  };
}

reference ref(const std::string& population, const std::string& member) { return {population, member, {}}; }

/// What a mechanism alone is there for: without it, the criterion would hold.
audit_report without(bool audit_mechanisms::*mechanism, const short_form& form, const change& how) {
  locus::audit_options options = without_purity();
  options.use.*mechanism = false;
  return audit_form(form, how, options);
}

}  // namespace

TEST_CASE("the honest twins of the cheats have all properties", "[audit]") {
  for (const auto& layers : std::vector<std::vector<std::uint32_t>>{{4, 3, 2}, {4, 3, 3, 2}, {1, 3, 1}}) {
    const audit_report r = audit_form(burst_form(layers));
    INFO(details_of(r));
    CHECK(verdicts_of(r) == "EPCWAF");
    CHECK(r.of(criterion::equivalence).detail == "bit-identical");
  }
}

TEST_CASE("weight transport in the feedback is caught", "[audit]") {
  short_form form = burst_form();
  form.feedback_weights = "tied";
  const audit_report r = audit_form(form);
  INFO(details_of(r));
  CHECK(verdicts_of(r) == "E...AF");
  CHECK(says(r, criterion::no_weight_transport, "weight transport",
             {"hidden1.feedback uses the weights of output.forward"}));
  CHECK(says(r, criterion::local_computation, "read sets",
             {"hidden1.value[0] received a message weighed with output.forward[0][0]"}));
  CHECK(verdicts_of(without(&audit_mechanisms::transport, form, {})) == "E..-AF");
}

TEST_CASE("one weight shared by two synapses is caught by its read set", "[audit]") {
  const change share = [](description& d) {
    projection_description extra = projection_of(d, "hidden1.forward");
    extra.name = "hidden1.twice";
    make_fixed(extra);
    extra.weights = shared_weights{"hidden1.forward", false};
    d.projections.push_back(extra);
  };
  const audit_report r = audit_form(burst_form(), share);
  INFO(details_of(r));
  CHECK(says(r, criterion::local_computation, "read sets",
             {"hidden1.error", "weighed with hidden1.forward[0][0]", "a weight that another synapse owns",
              "path hidden1.forward[0][0] -> hidden1.error[0]"}));
  CHECK(without(&audit_mechanisms::read_sets, burst_form(), share).holds(criterion::local_computation));
}

TEST_CASE("a broadcast of the global loss is caught", "[audit]") {
  const change broadcast = [](description& d) {
    d.populations.push_back({"loss", "controller", 1, {}, {}});
    projection_description sum;
    sum.name = "output.error.eps->loss.trigger";
    sum.from = ref("output.error", "eps");
    sum.to = ref("loss", "trigger");
    d.projections.push_back(sum);
    projection_of(d, "hidden1.forward").gate = ref("loss", "signal");
    projection_of(d, "hidden1.forward").gate_at = gate_end::everywhere;
  };
  const audit_report r = audit_form(burst_form(), broadcast);
  INFO(details_of(r));
  CHECK(says(r, criterion::local_plasticity, "read sets",
             {"synapse hidden1.forward[0]", "read loss[0].signal", "neither its end nor attached to one",
              "path loss[0] -> hidden1.forward[0]"}));
  CHECK_FALSE(says(r, criterion::full_autonomy, "control", {"loss"}));
  CHECK(without(&audit_mechanisms::read_sets, burst_form(), broadcast).holds(criterion::local_plasticity));
}

TEST_CASE("a rule that counts its calls in a global is caught by running twice", "[audit]") {
  const change how = model("hidden1.value", "cheat-global-ticks");
  const audit_report r = audit_form(burst_form(), how);
  INFO(details_of(r));
  CHECK(
      says(r, criterion::full_autonomy, "clocks", {"two runs in one process differ", "hidden1.value[0].b at tick 1"}));
}

TEST_CASE("a shared random stream is caught by running twice", "[audit]") {
  const audit_report r = audit_form(burst_form(), model("hidden1.value", "cheat-shared-random"));
  INFO(details_of(r));
  CHECK(
      says(r, criterion::full_autonomy, "clocks", {"two runs in one process differ", "hidden1.value[0].b at tick 1"}));
}

TEST_CASE("a rule that counts ticks in its own state is caught, and named", "[audit]") {
  const change how = [](description& d) {
    const auto timer = [&](const std::string& name, double at) {
      population_of(d, name).model = "cheat-timer";
      population_of(d, name).params = {{"period", 12.0, {}}, {"at", at, {}}};
    };
    timer("output.phi", 8);
    timer("hidden1.phi", 9);
  };
  const audit_report r = audit_form(burst_form(), how);
  INFO(details_of(r));
  CHECK(verdicts_of(r) == "EPCW..");
  CHECK(says(r, criterion::full_autonomy, "clocks", {"the same presentations with other lengths", "forward["}));
  CHECK(says(r, criterion::full_autonomy, "control",
             {"control from output.phi[0]", "it never comes to rest", "ticks after the input's onset"}));
}

TEST_CASE("a hidden neuron that reads the teacher is caught", "[audit]") {
  const change how =
      both(model("output.value", "cheat-telling-value"), model("hidden1.value", "cheat-listening-value"));
  const audit_report r = audit_form(burst_form(), how);
  INFO(details_of(r));
  CHECK(says(r, criterion::local_computation, "read sets",
             {"hidden1.value[0]", "used what a stimulus imposed on output.value[1]", "came over no connection",
              "path output.value[1] -> hidden1.value[0]"}));
  CHECK(says(r, criterion::local_plasticity, "read sets", {"output.value[1] -> hidden1.value", "-> output.forward["}));
}

TEST_CASE("a synapse that reads the neighbour's neighbour is caught by its read set alone", "[audit]") {
  const change far = [](description& d) { projection_of(d, "hidden1.forward").post = ref("hidden2.error", "eps"); };
  const audit_report r = audit_form(burst_form({4, 3, 3, 2}), far);
  INFO(details_of(r));
  CHECK(says(r, criterion::local_plasticity, "read sets",
             {"synapse hidden1.forward[", "read hidden2.error[", "but its postsynaptic neuron is hidden1.error["}));
  CHECK(without(&audit_mechanisms::read_sets, burst_form({4, 3, 3, 2}), far).holds(criterion::local_plasticity));
}

TEST_CASE("a phi neuron that looks at another's eps is caught by its read set alone", "[audit]") {
  const change nosy = model("hidden1.phi", "cheat-nosy-phi");
  const audit_report r = audit_form(burst_form(), nosy);
  INFO(details_of(r));
  CHECK(verdicts_of(r) == "E..WAF");
  CHECK(says(r, criterion::local_computation, "read sets",
             {"the rule of hidden1.phi[0] used a message received by hidden1.phi[2]",
              "path hidden1.phi[2] -> hidden1.phi[0]"}));
  CHECK(verdicts_of(without(&audit_mechanisms::read_sets, burst_form(), nosy)) == "EPCWAF");
}

TEST_CASE("a phi neuron that is wired to another's eps is not attached to the neuron that it gates", "[audit]") {
  const change crossed = [](description& d) {
    projection_of(d, "hidden1.error.eps->hidden1.phi.error").connect = listed_pairs{{{1, 0}, {2, 1}, {0, 2}}};
    projection_of(d, "hidden1.error.mu->hidden1.phi.prediction").connect = listed_pairs{{{1, 0}, {2, 1}, {0, 2}}};
    projection_of(d, "hidden1.phi.spike->hidden1.error.gate").connect = listed_pairs{{{1, 0}, {2, 1}, {0, 2}}};
  };
  const audit_report r = audit_form(burst_form(), crossed);
  INFO(details_of(r));
  CHECK(says(r, criterion::local_plasticity, "read sets",
             {"synapse hidden1.forward[", "read hidden1.phi[", "nor attached to one"}));
}

TEST_CASE("a static variable in a rule is caught with the neuron whose state it kept", "[audit]") {
  const audit_report r = audit_form(burst_form(), model("hidden1.value", "cheat-static-value"));
  INFO(details_of(r));
  CHECK(says(r, criterion::local_computation, "read sets",
             {"the rule of hidden1.value[1] used hidden1.value[0].x", "of tick",
              "path hidden1.value[0] -> hidden1.value[1]"}));
}

TEST_CASE("a message delivered earlier than its delay is caught by the causal cone, and by nothing else", "[audit]") {
  short_form form = burst_form({2, 1, 1});
  form.gamma = 0.5;  // neurons that move in every tick are never skipped, so that production and tracing agree
  form.activation = "sigmoid";
  const change early = [](description& d) {
    std::rotate(d.populations.begin(), d.populations.begin() + 2,
                d.populations.end());  // the one that shouts goes first
    projection_of(d, "hidden1.feedback").delay = 4;
    population_of(d, "output.value").model = "cheat-shouting-value";
    population_of(d, "hidden1.value").model = "cheat-early-value";
  };
  const audit_report r = audit_form(form, early);
  INFO(details_of(r));
  CHECK(says(r, criterion::local_computation, "causal cone",
             {"a disturbance of output.value[0]", "was seen in hidden1.value[0]",
              "no connection can have brought it by then"}));
  const audit_report blind = without(&audit_mechanisms::cone, form, early);
  INFO(details_of(blind));
  CHECK(blind.holds(criterion::local_computation));
  CHECK(blind.of(criterion::local_plasticity).result != outcome::fails);
  const change patient = [](description& d) { projection_of(d, "hidden1.feedback").delay = 4; };
  CHECK(audit_form(form, patient).holds(criterion::local_computation));
}

TEST_CASE("control disguised as a teacher's stimulus is caught", "[audit]") {
  const change disguise = [](description& d) {
    d.populations.push_back({"clock", "controller", 2, {}, {}});
    stimulus_description s;
    s.target = ref("clock", "clamp");
    s.role = stimulus_role::teacher;
    s.answer = ref("output.value", "x");
    d.stimuli.push_back(s);
    projection_of(d, "output.phi.spike->output.error.gate").from = ref("clock", "signal");
    projection_of(d, "output.forward").gate = ref("clock", "signal");
  };
  audit_subject subject = subject_of(burst_form().text());
  disguise(subject.netlist);
  subject.deeper.reset();
  data_set data = drawn_data(4, 2, 40, 5);
  std::vector<double> targets;
  for (std::uint32_t i = 0; i < 40; ++i) targets.insert(targets.end(), {data.train.target.at(i, 0), 1.0});
  data.train.target = number_table(2, targets);
  const audit_report r = audit(subject, data);
  INFO(details_of(r));
  CHECK(says(r, criterion::full_autonomy, "control",
             {"output.forward (", "control from clock[1]", "it tells the time and nothing else"}));
}

TEST_CASE("the same with columns of the targets to itself", "[audit]") {
  audit_subject subject = subject_of(burst_form().text());
  description& d = subject.netlist;
  d.populations.push_back({"clock", "controller", 1, {}, {}});
  for (stimulus_description& s : d.stimuli) {
    if (s.role == stimulus_role::teacher) s.columns = {0, 2};
  }
  stimulus_description s;
  s.target = ref("clock", "clamp");
  s.role = stimulus_role::teacher;
  s.columns = {2, 3};
  s.answer = ref("clock", "signal");
  d.stimuli.push_back(s);
  projection_of(d, "output.phi.spike->output.error.gate").from = ref("clock", "signal");
  projection_of(d, "output.phi.spike->output.error.gate").connect = all_to_all{};
  projection_of(d, "output.forward").gate = ref("clock", "signal");
  projection_of(d, "output.forward").gate_at = gate_end::everywhere;
  subject.twin.reset(), subject.deeper.reset();
  data_set data = drawn_data(4, 2, 40, 5);
  std::vector<double> targets;
  for (std::uint32_t i = 0; i < 40; ++i) {
    targets.insert(targets.end(), {data.train.target.at(i, 0), data.train.target.at(i, 1), 0.75});
  }
  data.train.target = number_table(3, targets);
  const audit_report r = audit(subject, data);
  INFO(details_of(r));
  CHECK(says(r, criterion::full_autonomy, "control",
             {"output.forward (", "control from clock[0]", "its stimulus is 0.75 in every sample"}));
}

TEST_CASE("an extra input neuron that pulses is control", "[audit]") {
  const change pulse = [](description& d) {
    for (population_description& p : d.populations) {
      if (p.model != "controller") continue;
      p.model = "cheat-pulser";
      p.params = {{"period", 12.0, {}}, {"at", p.name == "output.controller" ? 8.0 : 9.0, {}}};
    }
    for (projection_description& p : d.projections) {
      if (p.gate) p.gate->member = "rate";
    }
    std::erase_if(d.stimuli, [](const stimulus_description& s) { return s.role == stimulus_role::control; });
  };
  short_form form = burst_form();
  form.rule = "z-il";
  const audit_report r = audit_form(form, pulse);
  INFO(details_of(r));
  CHECK(says(r, criterion::full_autonomy, "control",
             {"output.forward", "control from output.controller[0]", "it never comes to rest"}));
  CHECK(r.holds(criterion::local_plasticity));  // control is no matter of locality
}

TEST_CASE("a rule that behaves otherwise when it is traced is caught by comparing with production", "[audit]") {
  const change two_faced = model("hidden1.value", "cheat-when-traced");
  const audit_report r = audit_form(burst_form(), two_faced);
  INFO(details_of(r));
  for (const criterion c : {criterion::local_computation, criterion::local_plasticity, criterion::full_autonomy}) {
    CHECK(says(r, c, "tracing", {"a rule behaves otherwise when it is traced: hidden1.value[0].b at tick"}));
  }
  CHECK(r.locality() == 4);  // --require local-plasticity=2 does not let it pass
  CHECK(without(&audit_mechanisms::tracing, burst_form(), two_faced).holds(criterion::local_plasticity));
}

TEST_CASE("a synapse that lies about when it rests is caught by comparing with production", "[audit]") {
  const change lie = [](description& d) { projection_of(d, "hidden1.forward").synapse = "cheat-lying-idle"; };
  const audit_report r = audit_form(burst_form(), lie);
  INFO(details_of(r));
  CHECK(says(r, criterion::local_plasticity, "tracing",
             {"a rule behaves otherwise when it is traced: hidden1.forward["}));
}

TEST_CASE("a model's name and title change no verdict", "[audit]") {
  const audit_report r = audit_form(burst_form(), model("hidden1.value", "global-loss-controller"));
  INFO(details_of(r));
  CHECK(verdicts_of(r) == "EPCWAF");
}

TEST_CASE("rules that are no functions of what they declare fail what they could betray", "[audit]") {
  if (!why_not_sealed().empty()) return;
  const change late = model("hidden1.value", "cheat-time");
  const audit_report neuron = audit_form(burst_form(), late, {});
  INFO(details_of(neuron));
  CHECK(verdicts_of(neuron).substr(1) == "..W..");
  CHECK(says(neuron, criterion::full_autonomy, "purity", {"cheat-time (hidden1.value)", "sealed"}));
  CHECK(verdicts_of(audit_form(burst_form(), late)) == "EPCWAF");

  const change mixing = [](description& d) { projection_of(d, "hidden1.forward").synapse = "cheat-covariance"; };
  const audit_report synapse = audit_form(burst_form(), mixing, {});
  INFO(details_of(synapse));
  CHECK(verdicts_of(synapse).substr(1) == ".CWAF");
  CHECK(says(synapse, criterion::local_plasticity, "purity", {"cheat-covariance (hidden1.forward)", "lanes"}));
  for (const plasticity_class& each : synapse.classes)
    CHECK((each.level == 4) == (each.projection == "hidden1.forward"));
  CHECK(audit_form(burst_form(), mixing).holds(criterion::local_plasticity));
}

}  // namespace test_audit_cheats
