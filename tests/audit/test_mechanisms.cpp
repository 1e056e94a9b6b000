/// The parts of the audit one by one, and that each is needed.

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <thread>

#include "sim/audit/equivalence.hpp"
#include "sim/audit/interpreter.hpp"
#include "sim/audit/report.hpp"
#include "sim/audit/traced.hpp"
#include "tests/audit/audit_testing.hpp"

namespace test_audit_mechanisms {

using namespace locus;
using namespace locus::testing;

namespace {

using number = traced<double>;
using access = traced_access<double>;

}  // namespace

TEST_CASE("a traced number carries the slots that entered it, through masks too", "[audit]") {
  tracing::begin_evaluation();
  const number a = access::source(2.0, 0), b = access::source(3.0, 1), c = access::source(4.0, 5);
  CHECK(access::value(fma(a, b, c)) == 10.0);
  CHECK(access::from(fma(a, b, c)).slots == 0b100011u);
  CHECK(access::from(number(7) * number(8)).slots == 0u);
  CHECK(access::from(select(a > b, number(1), number(0))).slots == 0b11u);
  CHECK(access::from(select(!(a > number(0)) & (c == c), b, number(0))).slots == 0b100011u);
  CHECK(access::from(abs(-min(a, c))).slots == 0b100001u);
  CHECK(access::from(a + b).foreign == 0u);
}

TEST_CASE("a traced number of another evaluation is a foreign read", "[audit]") {
  const std::uint64_t first = tracing::begin_evaluation();
  const number kept = access::source(2.0, 3);
  const traced_mask mask = kept > number(1);
  tracing::begin_evaluation();
  const number own = access::source(1.0, 0);
  for (const number& r : {own + kept, kept, select(mask, own, own)}) {
    const origins from = access::from(r);
    REQUIRE(from.foreign != 0u);
    CHECK(tracing::foreign(from.foreign).source == first);
    CHECK(tracing::foreign(from.foreign).slots == 0b1000u);
  }
  CHECK(tracing::foreign(access::from(own + kept).foreign).value == 2.0);
  CHECK(access::from(own).foreign == 0u);
}

TEST_CASE("no two threads have evaluations of one number", "[audit]") {
  constexpr std::size_t many = 200000;  // more than a thread takes at once
  std::vector<std::uint64_t> numbers[3];
  std::vector<std::thread> threads;
  for (auto& mine : numbers) {
    threads.emplace_back([&mine] {
      for (std::size_t n = 0; n < many; ++n) {
        if (n % 1000 == 0) tracing::reserve_evaluations(1000);
        mine.push_back(tracing::begin_evaluation());
      }
    });
  }
  for (std::thread& each : threads) each.join();
  std::vector<std::uint64_t> all;
  for (const auto& each : numbers) {
    all.insert(all.end(), each.begin(), each.end());
    bool in_rows = true;  // what was reserved together is consecutive
    for (std::size_t n = 1; n < many; ++n) in_rows = in_rows && (n % 1000 == 0 || each[n] == each[n - 1] + 1);
    CHECK(in_rows);
  }
  std::sort(all.begin(), all.end());
  CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
}

TEST_CASE("a value that another thread's evaluation left is a foreign read", "[audit]") {
  tracing::begin_evaluation();
  number kept(0);
  std::thread([&] {
    tracing::begin_evaluation();
    kept = access::source(2.0, 3);
  }).join();
  CHECK(access::from(kept + number(1)).foreign != 0u);
}

TEST_CASE("without its mechanism, what a circuit lacks is not seen", "[audit]") {
  short_form form = burst_form();
  form.rule = "z-il";
  form.neuron = "point";
  form.activation = "sigmoid";
  form.predict = "128";  // settles, so that nothing but control stands in the way
  locus::audit_options blind = without_purity();
  blind.use.control = false;
  CHECK_FALSE(audit_form(form).holds(criterion::full_autonomy));
  CHECK(audit_form(form, {}, blind).of(criterion::full_autonomy).result == outcome::not_measured);

  form = burst_form();
  form.feedback_weights = "fixed-random";
  blind = without_purity();
  blind.use.equivalence = false;
  CHECK(audit_form(form).of(criterion::equivalence).result == outcome::fails);
  CHECK(audit_form(form, {}, blind).of(criterion::equivalence).result == outcome::not_measured);
}

TEST_CASE("gamma below 1 scales the updates of each layer by its powers", "[audit]") {
  short_form form = burst_form({4, 3, 3, 2});
  form.rule = "z-il";
  form.gamma = 0.5;
  form.start = "forward";
  const audit_subject subject = subject_of(form.text());
  const equivalence_result e = measure_equivalence(subject.netlist, *subject.twin, drawn_data(4, 2, 40, 5), {1, 1, {}});
  for (const layer_agreement& layer : e.layers) {
    INFO(layer.projection);
    const double expected = layer.projection.starts_with("output")    ? 1
                            : layer.projection.starts_with("hidden2") ? 0.5
                                                                      : 0.25;
    // Effective rate alpha gamma^l (science: relaxed condition C3), to rounding.
    CHECK(std::abs(layer.ratio - expected) <= 1e-9);
    CHECK(layer.level == (expected == 1 ? layer.level : agreement::no));
  }
}

TEST_CASE("fixed random feedback differs from backpropagation below the output layer only", "[audit]") {
  short_form form = burst_form({4, 3, 2});
  form.feedback_weights = "fixed-random";
  const audit_subject subject = subject_of(form.text());
  const equivalence_result e = measure_equivalence(subject.netlist, *subject.twin, drawn_data(4, 2, 40, 5), {1, 3, {}});
  CHECK(e.runs == 3);
  for (const layer_agreement& layer : e.layers) {
    INFO(layer.projection);
    CHECK(layer.level == (layer.projection.starts_with("output") ? agreement::bit_identical : agreement::no));
  }
}

TEST_CASE("single precision and mini-batches are compared as the netlist runs them", "[audit]") {
  short_form form = burst_form({5, 4, 3});
  form.precision = "f32";
  form.lanes = 4;
  const audit_report r = audit_form(form);
  INFO(details_of(r));
  CHECK(verdicts_of(r) == "EPCWAF");
  CHECK(r.of(criterion::equivalence).detail == "bit-identical");
  CHECK(details_of(r).find("lanes = 1 and 4") != std::string::npos);
}

TEST_CASE("an imposed prediction is control that enters the neurons' states", "[audit]") {
  short_form form = burst_form();
  form.start = "forward";
  const audit_report r = audit_form(form);
  INFO(details_of(r));
  CHECK(verdicts_of(r) == "EPCW..");
  CHECK(says(r, criterion::partial_autonomy, "control", {"hidden1.value", "was imposed from outside"}));
}

TEST_CASE("of a large circuit a sample of synapses is traced, with the same verdict", "[audit]") {
  locus::audit_options options = without_purity();
  options.max_synapses = 20;
  const audit_report honest = audit_form(burst_form({30, 20, 5}), {}, options);
  INFO(details_of(honest));
  CHECK(verdicts_of(honest) == "EPCWAF");
  CHECK(details_of(honest).find("learning synapses a sample of") != std::string::npos);
  const audit_report cheat = audit_form(
      burst_form({30, 20, 5}), [](description& d) { population_of(d, "hidden1.phi").model = "cheat-nosy-phi"; },
      options);
  CHECK(verdicts_of(cheat) == "E..WAF");
}

TEST_CASE("an audit is a function of circuit, data and seed", "[audit]") {
  const auto text = [] {
    const audit_report r = audit_form(burst_form());
    return table_of({r}) + details_of(r);
  };
  CHECK(text() == text());
}

TEST_CASE("born equal is told apart from shared, and found without being declared", "[audit]") {
  short_form form = burst_form();
  const audit_report copied = audit_form(form);
  CHECK(copied.of(criterion::no_weight_transport).detail == "born equal");
  const change drifting = [](description& d) { make_fixed(projection_of(d, "hidden1.feedback")); };
  const audit_report parted = audit_form(form, drifting);
  INFO(details_of(parted));
  CHECK(parted.holds(criterion::no_weight_transport));
  CHECK(details_of(parted).find("differs from tick") != std::string::npos);
  form.feedback_weights = "fixed-random";
  CHECK(audit_form(form).of(criterion::no_weight_transport).detail.empty());
}

TEST_CASE("reports are tables, evidence and drawings", "[audit]") {
  short_form form = burst_form();
  form.feedback_weights = "tied";
  const audit_report r = audit_form(form);
  const std::string table = table_of({r});
  CHECK(table.starts_with("circuit    equivalence      local plasticity"));
  CHECK(table.find("test.toml  ✔ bit-identical  ✘ ") != std::string::npos);
  const std::string dot = dot_of({r});
  CHECK(dot.find("output.forward[0][0]\\n") != std::string::npos);
  CHECK(dot.find("digraph audit {") == 0);
  for (const criterion c : all_criteria) CHECK(explanation_of(c).size() > 100);
}

}  // namespace test_audit_mechanisms
