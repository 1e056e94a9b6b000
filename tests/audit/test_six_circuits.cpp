/// The table of the six published and derived circuits (Table 2 of Song et al. 2020, and two variants), as measured.

#include <catch2/catch.hpp>

#include "sim/audit/report.hpp"
#include "tests/audit/audit_testing.hpp"

namespace test_audit_six_circuits {

using namespace locus;
using namespace locus::testing;

namespace {

audit_report audited(const std::string& name) {
  locus::audit_options options = without_purity();
  options.updates = 10;
  options.disturbances = 60;
  return audit_netlist(name, options);
}

}  // namespace

TEST_CASE("backpropagation is equivalent to itself, and neither local nor autonomous", "[audit]") {
  const audit_report r = audited("digits-bp");
  INFO(details_of(r));
  CHECK(verdicts_of(r) == "E.....");
  CHECK(r.of(criterion::equivalence).detail == "bit-identical");
  CHECK(says(r, criterion::local_plasticity, "read sets",
             {"hidden1.forward", "received a message weighed with output.forward", "a weight that another synapse owns",
              "path output.forward[0][0] -> hidden1.value[0] -> hidden1.forward[0]"}));
  CHECK_FALSE(
      says(r, criterion::local_plasticity, "read sets", {"output.forward ("}));  // the output's error is its own
  CHECK(says(r, criterion::local_computation, "read sets", {"hidden1.value", "delta"}));
  CHECK(says(r, criterion::partial_autonomy, "control", {"control from phase[0]", "path phase[0] -> output.value[0]"}));
  CHECK(says(r, criterion::partial_autonomy, "control", {"with all control suppressed, output.value[0].delta"}));
  CHECK(says(r, criterion::full_autonomy, "control", {"control from update[0] at tick 10"}));
  CHECK(says(r, criterion::no_weight_transport, "weight transport",
             {"hidden1.feedback uses the weights of output.forward"}));
}

TEST_CASE("backpropagation with learned feedback is local and not autonomous", "[audit]") {
  const audit_report r = audited("digits-bp-learned-feedback");
  INFO(details_of(r));
  CHECK(verdicts_of(r) == "EPCW..");
  CHECK(r.of(criterion::equivalence).detail == "bit-identical");
  CHECK(r.of(criterion::no_weight_transport).detail == "born equal");
}

TEST_CASE("inference learning is local and partially autonomous, and not backpropagation", "[audit]") {
  const audit_report r = audited("digits-il");
  INFO(details_of(r));
  CHECK(verdicts_of(r) == ".PCWA.");
  CHECK(says(r, criterion::equivalence, "equivalence", {"hidden1.forward", "differs from backpropagation's by"}));
  // On and off, to each of 2048 + 32 + 320 + 10 + 320 synapses, less the last "off" of two presentations.
  CHECK(r.of(criterion::full_autonomy).detail == "4095 control messages per update");
}

TEST_CASE("zero-divergence inference learning lacks full autonomy only", "[audit]") {
  const audit_report r = audited("digits-zil");
  INFO(details_of(r));
  CHECK(verdicts_of(r) == "EPCWA.");
  CHECK(r.of(criterion::equivalence).detail == "to rounding");
  CHECK(r.of(criterion::full_autonomy).detail == "5460 control messages per update");
  CHECK(says(r, criterion::full_autonomy, "control", {"control from hidden1.controller[0] at tick 129"}));
  CHECK(says(r, criterion::full_autonomy, "control", {"control from output.controller[0] at tick 128"}));
}

TEST_CASE("the published circuit with phi neurons has all properties, to rounding", "[audit]") {
  const audit_report r = audited("digits-continuous");
  INFO(details_of(r));
  CHECK(verdicts_of(r) == "EPCWAF");
  CHECK(r.of(criterion::equivalence).detail == "to rounding");
}

TEST_CASE("the burst circuit has all properties, bit for bit", "[audit]") {
  const audit_report r = audited("digits");
  INFO(details_of(r));
  CHECK(verdicts_of(r) == "EPCWAF");
  CHECK(r.of(criterion::equivalence).detail == "bit-identical");
}

}  // namespace test_audit_six_circuits
