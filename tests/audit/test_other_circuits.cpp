/// The circuits beyond Song et al. 2020, as measured: what is local in them, and what control they need.

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "models/templates/catalogue.hpp"
#include "models/templates/variants.hpp"
#include "sim/audit/report.hpp"
#include "tests/audit/audit_testing.hpp"
#include "tests/project_file.hpp"

namespace test_audit_other_circuits {

using namespace locus;
using namespace locus::testing;

namespace {

using names = std::vector<std::string>;

audit_report audited(const std::string& name) {
  locus::audit_options options = without_purity();
  options.updates = 5;
  options.seeds = 2;
  options.disturbances = 40;
  return audit_netlist(name, options);
}

double ratio_of(const audit_report& r, const std::string& layer) {
  for (const std::string& sentence : r.measured) {
    const auto at = sentence.find("first update ");
    if (sentence.find(layer + ":") != std::string::npos && at != std::string::npos)
      return std::stod(sentence.substr(at + 13));
  }
  return 0;
}

}  // namespace

TEST_CASE("strict and fixed-prediction predictive coding are local, and a signal enters their neurons", "[audit]") {
  for (const char* name : {"digits-strict", "digits-fixed-prediction"}) {
    const audit_report r = audited(name);
    INFO(details_of(r));
    CHECK(verdicts_of(r) == ".PCW..");
    CHECK(r.control == names{"relax", "controller"});
    CHECK(r.noise.empty());
    CHECK(says(r, criterion::partial_autonomy, "control",
               {"control from relax[0]", "path relax[0] -> hidden1.value[0]"}));
    // P[Binomial(19, 0.1) >= 1] = 1 - 0.9^19.
    if (std::string(name) == "digits-fixed-prediction")
      CHECK(ratio_of(r, "hidden1.forward") == Approx(0.864915).epsilon(1e-5));
  }
}

TEST_CASE("exact predictive coding is backpropagation bit for bit, and is told when to learn", "[audit]") {
  const audit_report r = audited("digits-exact");
  INFO(details_of(r));
  CHECK(verdicts_of(r) == "EPCWA.");
  CHECK(r.of(criterion::equivalence).detail == "bit-identical");
  CHECK(r.control == names{"controller"});
}

TEST_CASE("feedback alignment transports no weight, not even at birth", "[audit]") {
  for (const char* name : {"digits-feedback-alignment", "linear-feedback-alignment", "digits-kolen-pollack"}) {
    const audit_report r = audited(name);
    INFO(details_of(r));
    CHECK(verdicts_of(r) == ".PCW..");
    CHECK(r.of(criterion::no_weight_transport).detail.empty());
    CHECK(r.control == names{"phase", "update"});
  }
}

TEST_CASE("the weight mirror is local, needs a signal of its own, and its noise is listed", "[audit]") {
  const audit_report r = audited("digits-weight-mirror");
  INFO(details_of(r));
  CHECK(verdicts_of(r) == ".PCW..");
  CHECK(r.of(criterion::no_weight_transport).detail.empty());
  CHECK(r.control == names{"phase", "update", "mirror"});
  CHECK(r.noise == names{"hidden1.noise"});
  CHECK(says(r, criterion::partial_autonomy, "control", {"hidden1.value", "control from mirror[0]"}));
}

TEST_CASE("what learns from movies and in time is local and needs no control", "[audit]") {
  for (const auto& circuit : {std::pair("movie", "not settled: "), std::pair("sine", "dose: ")}) {
    const char* const why = circuit.second;
    const audit_report r = audited(circuit.first);
    INFO(details_of(r));
    CHECK(verdicts_of(r) == "-PCWAF");
    CHECK(r.control.empty());
    // In longer presentations other frames belong together, or the last ones stay for longer: that is no clock.
    CHECK(std::any_of(r.measured.begin(), r.measured.end(), [&](const std::string& sentence) {
      return sentence.starts_with(why) && sentence.find("that is no clock") != std::string::npos;
    }));
  }
}

TEST_CASE("a recurrent network, unrolled, needs no control, and one weight for several steps is not local", "[audit]") {
  const audit_report r = audited("rnn-unrolled");
  INFO(details_of(r));
  CHECK(verdicts_of(r) == "E..WAF");
  CHECK(r.of(criterion::equivalence).detail == "bit-identical");
  CHECK(r.control.empty());
  CHECK(says(r, criterion::local_computation, "read sets", {"received a message weighed with h1.to.h2"}));
}

TEST_CASE("a softmax is local and autonomous if its sum takes time, and not local if it is there at once", "[audit]") {
  const audit_report r = audited("digits-softmax");
  INFO(details_of(r));
  CHECK(verdicts_of(r) == "EPCWAF");
  CHECK(r.control.empty());
  audit_subject at_once = subject_of_file(project_file("netlists/digits-softmax.toml"), "at-once.toml");
  for (projection_description& p : at_once.netlist.projections) p.delay = 0;
  locus::audit_options options = without_purity();
  options.updates = 5;
  options.disturbances = 40;
  const audit_report instant = audit(at_once, load_data(at_once.netlist.data), options);
  INFO(details_of(instant));
  CHECK(verdicts_of(instant) == "E..WAF");
  CHECK(says(instant, criterion::local_computation, "causal cone",
             {"output.error.mu->output.normaliser.logits", "output.normaliser.total->output.softmax.total"}));
}

TEST_CASE("strict predictive coding needs its probabilities at once, and is then not local", "[audit]") {
  locus::audit_options options = without_purity();
  options.updates = 2;
  options.disturbances = 20;
  const auto verdict = [&](const std::string& rule) {
    const audit_subject subject =
        subject_of(fmt::format("[circuit]\ntemplate = 'supervised-predictive-coding'\nlayers = [64, 8, 10]\n"
                               "output = 'softmax'\n[learning]\nrule = '{}'\n[stimuli]\npredict = 16\nteach = 20\n",
                               rule),
                   "n.toml");
    return audit(subject, load_data(subject.netlist.data), options);
  };
  const audit_report strict = verdict("strict"), fixed = verdict("fixed-prediction");
  INFO(details_of(strict) << details_of(fixed));
  CHECK(verdicts_of(strict) == "...W..");
  CHECK(says(strict, criterion::local_computation, "causal cone", {"output.error.mu->output.normaliser.logits"}));
  CHECK(verdicts_of(fixed) == ".PCW..");
}

TEST_CASE("a pooled network with one kernel for many places: what is not local is named, and its pools are",
          "[audit]") {
  const audit_report shared = audited("digits-pool");
  INFO(details_of(shared));
  CHECK(verdicts_of(shared) == "......");
  CHECK(says(shared, criterion::local_plasticity, "read sets", {"one weight that serves at 36 places"}));
  CHECK(shared.control == names{"relax", "controller"});
  // Without kernels and with feedback weights of their own, all of it is local: units, pools, softmax.
  locus::audit_options options = without_purity();
  options.updates = 2;
  options.disturbances = 60;
  const audit_subject own = subject_of(
      "[circuit]\ntemplate = 'supervised-predictive-coding'\nlayers = [[8, 8], [3, 6, 6], [2, 2, 2], 10]\n"
      "activation = 'relu'\nbias = true\nvalues = 'rates'\noutput = 'softmax'\n"
      "connect = { hidden1 = { window = [3, 3] }, hidden2 = { window = [2, 2] } }\n"
      "pool = { hidden1 = { window = [2, 2] } }\n[stimuli]\npredict = 16\nteach = 20\nencode = 'rate'\n",
      "own.toml");
  const audit_report r = audit(own, load_data(own.netlist.data), options);
  INFO(details_of(r));
  CHECK(verdicts_of(r) == ".PCW..");
}

TEST_CASE("who tells a movie's circuit when to learn is found among its frames", "[audit]") {
  const auto told = [](const std::string& more, const std::string& gate) {
    std::ifstream file(project_file("netlists/movie.toml"));
    std::string text{std::istreambuf_iterator<char>(file), {}};
    for (auto at = text.find("output.phi.spike\"\nparams"); at != std::string::npos;
         at = text.find("output.phi.spike\"\nparams"))
      text.replace(at, 16, gate);
    text += more;
    locus::audit_options options = without_purity();
    options.disturbances = 20;
    const audit_subject subject = subject_of(text, "told.toml");
    return audit(subject, load_data(subject.netlist.data), options);
  };
  const audit_report r = told(
      "[[population]]\nname = 'now'\nmodel = 'controller'\nsize = 2\n"
      "[[stimulus]]\npopulation = 'now'\nrole = 'control'\nonset = 'end - 4'\n",
      "now.signal");
  INFO(details_of(r));
  CHECK(r.control == names{"now"});
  CHECK(r.of(criterion::full_autonomy).result == outcome::fails);
}

TEST_CASE("a neuron that draws is noise, not control", "[audit]") {
  const audit_report r = audit_form(burst_form(), [](description& d) {
    d.populations.push_back({"hum", "noise", 3, {}, {}});
  });
  INFO(details_of(r));
  CHECK(verdicts_of(r) == "EPCWAF");
  CHECK(r.control.empty());
  CHECK(r.noise == names{"hum"});
}

TEST_CASE("variants: a rule that a template does not have gives none, its own mistakes are told", "[audit]") {
  const auto reader = [](const std::string& rule) {
    return [=](const std::vector<std::string>& more) {
      return document::from_text(
          "[circuit]\ntemplate = 'feedback-alignment'\nlayers = [3, 2, 1]\n[learning]\nrule = '" + rule + "'\n",
          "n.toml", more);
    };
  };
  CHECK(with_rule(reader("feedback-alignment"), "bp").has_value());
  CHECK_FALSE(with_rule(reader("feedback-alignment"), "z-il").has_value());
  CHECK_THROWS_WITH(with_rule(reader("feedback"), "z-il"), Catch::Contains("expected \"feedback-alignment\" or"));
}

TEST_CASE("BMVR needs no control; with synapses of their own in both directions it is local too", "[audit]") {
  const audit_report tied = audited("digits-bmvr");
  INFO(details_of(tied));
  CHECK(verdicts_of(tied) == "....AF");
  CHECK(tied.control.empty());
  const audit_report apart = audited("digits-bmvr-decoupled");
  INFO(details_of(apart));
  CHECK(verdicts_of(apart) == ".PCWAF");
  CHECK(apart.of(criterion::no_weight_transport).detail.empty());
}

}  // namespace test_audit_other_circuits
