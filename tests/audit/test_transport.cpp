/// Weight transport, however it is brought about, and the three measures of how like each other two paths are.

#include <fmt/format.h>
#include <catch2/catch.hpp>
#include <cmath>

#include "sim/audit/report.hpp"
#include "sim/audit/transport_findings.hpp"
#include "sim/audit/ways.hpp"
#include "tests/audit/audit_testing.hpp"

namespace test_audit_transport {

using namespace locus;
using namespace locus::testing;

namespace {

constexpr double pi = 3.14159265358979323846;

/// A circuit, and what was found in it in eight presentations.
struct searched {
  explicit searched(description d, std::size_t presentations = 8) {
    d.lanes = 1;
    net = build_circuit(d);
    const std::uint32_t inputs = net.populations[net.find_population("input.value").value()].size,
                        targets = net.populations[net.find_population("output.value").value()].size;
    const std::vector<presentation_times> times(presentations, draw_times(d.timeline, 0));
    found = find_transport(net, write_script(net, d, drawn_data(inputs, targets, 40, 5), times));
    for (const std::string& each : transport_measured(net, found)) text += each + "\n";
    for (const evidence& each : describe_transport(net, found)) text += each.text + "\n";
  }

  [[nodiscard]] const weight_pair* pair(const std::string& forward, const std::string& feedback) const {
    for (const weight_pair& p : found.pairs) {
      if (net.projections[p.forward].name == forward && net.projections[p.feedback].name == feedback) return &p;
    }
    return nullptr;
  }
  [[nodiscard]] bool transports() const { return !describe_transport(net, found).empty(); }

  circuit net;
  transport_result found;
  std::string text;
};

searched with(const short_form& form, const change& how) {
  description d = form.read();
  how(d);
  return searched(d);
}

/// The feedback synapses onto hidden1 copy the forward ones, times `factor`.
change copying(double factor, double alpha, double forward_sources, double feedback_sources) {
  return [=](description& d) {
    projection_description &forward = projection_of(d, "output.forward"), &back = projection_of(d, "hidden1.feedback");
    forward.synapse = "cheat-telling-hebbian";
    forward.params = {{"alpha", 0.01, {}}, {"sources", forward_sources, {}}};
    back.synapse = "cheat-copying-hebbian";
    back.params = {{"alpha", alpha, {}}, {"factor", factor, {}}, {"sources", feedback_sources, {}}};
    back.weights = random_weights{"glorot-uniform", 1, 7, {}};
  };
}

change sharing(bool transposed) {
  return [=](description& d) {
    projection_description& back = projection_of(d, "hidden1.feedback");
    make_fixed(back);
    back.weights = shared_weights{"output.forward", transposed};
  };
}

}  // namespace

TEST_CASE("three measures of hand-made weights: magnitude, sign, symmetry", "[audit]") {
  const pair_measures a = measure_pair({3, 4}, {4, 3}, false);
  CHECK(a.common == 2);
  CHECK(a.magnitude == 1);
  CHECK(a.same_sign == 1);
  CHECK(a.angle == Approx(std::acos(24.0 / 25) * 180 / pi).epsilon(1e-12));
  CHECK_FALSE(a.factor);
  const pair_measures b = measure_pair({1, -1, 1, -1}, {2, 2, 2, 2}, false);
  CHECK(b.magnitude == 2);
  CHECK(b.same_sign == 0.5);
  CHECK(b.angle == Approx(90));
  const pair_measures c = measure_pair({1, -2, 0, 3}, {-0.5, 1, 0, -1.5}, false);
  CHECK(c.magnitude == 0.5);
  CHECK(c.same_sign == 0);  // of the three that are not 0
  CHECK(c.angle == Approx(180));
  REQUIRE(c.factor);
  CHECK(*c.factor == -0.5);
  const pair_measures silent = measure_pair({1, 2}, {0, 0}, false);
  CHECK(silent.magnitude == 0);
  CHECK(std::isnan(silent.same_sign));
  CHECK(std::isnan(silent.angle));
  CHECK_FALSE(measure_pair({2, 2}, {3, 3}, false).factor);  // the same number everywhere says nothing
}

TEST_CASE("the way of a projection follows from connections: away from the inputs, or back", "[audit]") {
  const circuit c = build_circuit(burst_form({4, 3, 3, 2}).read());
  const ways w(c);
  const auto p = [&](const std::string& name) { return c.projections[c.find_projection(name).value()]; };
  for (const char* name : {"hidden1.forward", "hidden2.forward", "output.forward"}) CHECK(w.way_of(p(name)) == 1);
  for (const char* name : {"hidden1.feedback", "hidden2.feedback"}) CHECK(w.way_of(p(name)) == -1);
  CHECK(w.swapped(p("hidden2.forward"), p("hidden1.feedback")));
  CHECK_FALSE(w.swapped(p("output.forward"), p("hidden1.feedback")));
  CHECK(w.opposite(p("output.forward"), p("hidden1.feedback"), true));
  CHECK_FALSE(w.opposite(p("output.forward"), p("hidden1.forward"), true));
}

TEST_CASE("shared weights are transport if the two lead opposite ways, transposed or not", "[audit]") {
  for (const bool transposed : {true, false}) {
    for (const std::vector<std::uint32_t>& layers : {std::vector<std::uint32_t>{4, 3, 3}, {4, 1, 1}}) {
      const searched s = with(burst_form(layers), sharing(transposed));
      INFO(s.text);
      const weight_pair* pair = s.pair("output.forward", "hidden1.feedback");
      REQUIRE(pair != nullptr);
      CHECK(pair->shared);
      CHECK(pair->birth.magnitude == 1);
      CHECK(pair->end.angle == Approx(0).margin(1e-6));
      CHECK(pair->end.same_sign == 1);
      CHECK(s.text.find("hidden1.feedback uses the weights of output.forward at all times") != std::string::npos);
    }
  }
}

TEST_CASE("an audit of untransposed sharing fails, of the honest twin it holds", "[audit]") {
  locus::audit_options options = without_purity();
  options.disturbances = 20;
  const audit_report cheat = audit_form(burst_form({4, 3, 3}), sharing(false), options);
  INFO(details_of(cheat));
  CHECK(cheat.of(criterion::no_weight_transport).result == outcome::fails);
  REQUIRE(cheat.feedback.size() == 1);
  CHECK(cheat.feedback.front().relation == "shared");
  const audit_report honest = audit_form(burst_form({4, 3, 3}), {}, options);
  CHECK(honest.holds(criterion::no_weight_transport));
  REQUIRE(honest.feedback.size() == 1);
  CHECK(honest.feedback.front().relation == "born equal");
  CHECK(honest.feedback.front().follows.has_value());
}

TEST_CASE("one weight used twice in the same direction is no transport", "[audit]") {
  const searched s = with(burst_form(), [](description& d) {
    projection_description extra = projection_of(d, "hidden1.forward");
    extra.name = "hidden1.twice";
    make_fixed(extra);
    extra.weights = shared_weights{"hidden1.forward", false};
    d.projections.push_back(extra);
  });
  INFO(s.text);
  CHECK_FALSE(s.transports());
  CHECK(s.text.find("hidden1.twice uses the weights of hidden1.forward and leads the same way") != std::string::npos);
}

TEST_CASE("of several users of one weight, the one that leads back transports", "[audit]") {
  // The owner is out of the way, where no input reaches.
  const searched s = with(burst_form(), [](description& d) {
    d.populations.push_back({"store", "constant", 3, {}, {}});
    d.populations.push_back({"sink", "controller", 2, {}, {}});
    projection_description owner = projection_of(d, "output.forward");
    projection_description &forward = projection_of(d, "output.forward"), &back = projection_of(d, "hidden1.feedback");
    owner.name = "store.forward";
    make_fixed(owner);
    owner.from = {"store", "rate", {}};
    owner.to = {"sink", "trigger", {}};
    for (projection_description* user : {&forward, &back}) {
      make_fixed(*user);
      user->weights = shared_weights{"store.forward", user == &back};
    }
    d.projections.push_back(owner);
  });
  INFO(s.text);
  REQUIRE(s.pair("output.forward", "hidden1.feedback") != nullptr);
  CHECK(s.text.find("hidden1.feedback and output.forward use the same weights at all times, those of store.forward") !=
        std::string::npos);
}

TEST_CASE("weights that a rule copies while the circuit runs are found by what they follow", "[audit]") {
  for (const double factor : {1.0, 0.5, -2.0, 0.02}) {
    for (const double alpha : {0.0, 0.01}) {
      if (factor == 0.02 && alpha > 0) continue;  // what it learns itself is more than what it copies
      const searched s = with(burst_form(), copying(factor, alpha, 3, 2));
      INFO("factor " << factor << ", alpha " << alpha << "\n" << s.text);
      const weight_pair* pair = s.pair("output.forward", "hidden1.feedback");
      REQUIRE(pair != nullptr);
      CHECK(pair->feedback_follows.copies);
      CHECK_FALSE(pair->forward_follows.copies);
      CHECK(pair->feedback_follows.factor == Approx(factor).epsilon(0.1));
      CHECK(s.text.find("hidden1.feedback copies the weights of output.forward while the circuit runs") !=
            std::string::npos);
      if (alpha > 0) continue;
      CHECK(pair->end.angle == Approx(factor > 0 ? 0 : 180).margin(1e-3));
      REQUIRE(pair->end.factor);
      CHECK(*pair->end.factor == Approx(factor).epsilon(1e-9));
      CHECK(pair->birth.angle > 1);
    }
  }
}

TEST_CASE("an audit of copied weights fails", "[audit]") {
  locus::audit_options options = without_purity();
  options.disturbances = 20;
  const audit_report r = audit_form(burst_form(), copying(0.5, 0, 3, 2), options);
  INFO(details_of(r));
  CHECK(says(r, criterion::no_weight_transport, "weight transport",
             {"hidden1.feedback copies the weights of output.forward", "moved 0.5 times as far"}));
  REQUIRE(r.feedback.size() == 1);
  CHECK(r.feedback.front().relation == "copied");
  CHECK(r.feedback.front().follows == Approx(0.5));
}

TEST_CASE("copies between single synapses and between sparse ones are found too", "[audit]") {
  const searched single = with(burst_form({4, 1, 1}), copying(0.5, 0, 1, 1));
  INFO(single.text);
  REQUIRE(single.pair("output.forward", "hidden1.feedback") != nullptr);
  CHECK(single.pair("output.forward", "hidden1.feedback")->feedback_follows.copies);
  const searched sparse = with(burst_form({4, 3, 3}), [](description& d) {
    copying(0.5, 0, 0, 0)(d);
    for (const char* name : {"output.forward", "hidden1.feedback"}) projection_of(d, name).connect = one_to_one{};
  });
  INFO(sparse.text);
  const weight_pair* pair = sparse.pair("output.forward", "hidden1.feedback");
  REQUIRE(pair != nullptr);
  CHECK(pair->birth.common == 3);
  CHECK(pair->feedback_follows.copies);
}

TEST_CASE("a copy is seen in a single presentation too", "[audit]") {
  description d = burst_form().read();
  copying(0.5, 0, 3, 2)(d);
  const searched s(d, 1);
  INFO(s.text);
  CHECK(s.transports());
}

TEST_CASE("sparse weights that are born equal are told, with their three measures, and are no transport", "[audit]") {
  const searched s = with(burst_form({4, 3, 2}), [](description& d) {
    projection_description &forward = projection_of(d, "output.forward"), &back = projection_of(d, "hidden1.feedback");
    forward.connect = listed_pairs{{{0, 0}, {0, 2}, {1, 1}}};
    forward.weights = listed_weights{{1, 3, {0.5, -0.25, 0.75}}};
    back.connect = listed_pairs{{{0, 0}, {1, 1}, {2, 0}}};
    back.weights = listed_weights{{1, 3, {0.5, 0.75, -0.25}}};
  });
  INFO(s.text);
  const weight_pair* pair = s.pair("output.forward", "hidden1.feedback");
  REQUIRE(pair != nullptr);
  CHECK(pair->birth.common == 3);
  CHECK(pair->born_equal);
  CHECK_FALSE(pair->parted);
  CHECK_FALSE(s.transports());
  CHECK(transport_detail(s.found) == "born equal");
  CHECK(pair->end.angle == Approx(0).margin(1e-6));
}

TEST_CASE("feedback that learns for itself is not accused, whatever its rule", "[audit]") {
  const auto form = [](const std::string& rule, double alpha, const std::string& more) {
    return fmt::format(
        "[circuit]\ntemplate = 'learned-feedback'\nlayers = [4, 3, 2]\nactivation = 'tanh'\n"
        "[feedback]\nweights = {{ init = 'glorot-uniform', seed = 2 }}\n"
        "[learning]\nrule = '{}'\nalpha = {}\n{}\n[stimuli]\npredict = 6\nteach = 3\nrest = {}\n",
        rule, alpha, more, rule == "weight-mirror" ? 60 : 2);
  };
  for (const double alpha : {0.001, 0.05, 0.3}) {
    for (const char* lambda : {"lambda = 1.0", "lambda = 0.9"}) {
      const searched s(netlist_of(form("kolen-pollack", alpha, lambda)));
      INFO(s.text);
      CHECK_FALSE(s.transports());
    }
    // 50 draws of noise teach the feedback much of a disturbance within one presentation.
    const searched s(
        netlist_of(form("weight-mirror", alpha, "mirror = { alpha = 0.02, lambda = 0.98, sigma = 1.0, ticks = 50 }")));
    INFO(s.text);
    CHECK_FALSE(s.transports());
  }
  for (std::uint64_t which = 0; which < 40; ++which) {
    short_form random = random_form(which);
    random.alpha = 0.02;
    if (random.feedback_weights == "tied") random.feedback_weights = "learned";
    description d = random.read();
    d.timeline.predict = {d.timeline.predict.low, d.timeline.predict.low, {}};
    try {
      const searched s(d);
      INFO(random.text() << s.text);
      CHECK_FALSE(s.transports());
    } catch (const run_error&) {
      // it diverges
    }
  }
}

TEST_CASE("where a circuit answers to a disturbance with a larger one, transport is not measured", "[audit]") {
  // Both synapses learn by one product, whose answer is far larger than the disturbance: they go together without a
  // copy.
  const searched s(netlist_of(
      "[circuit]\ntemplate = 'learned-feedback'\nlayers = [4, 3, 2]\nactivation = 'tanh'\n"
      "[feedback]\nweights = { init = 'glorot-uniform', seed = 2 }\n[learning]\nrule = 'kolen-pollack'\nalpha = 5\n"
      "lambda = 0.5\n[stimuli]\npredict = 6\nteach = 3\nrest = 2\n"));
  INFO(s.text);
  CHECK_FALSE(s.transports());
  CHECK(transport_detail(s.found) == "unstable");
}

TEST_CASE("born proportional: the feedback's factor is told", "[audit]") {
  const searched s = with(burst_form({4, 3, 2}), [](description& d) {
    projection_of(d, "output.forward").weights = listed_weights{{2, 3, {1, 2, 3, 4, 5, 6}}};
    projection_of(d, "hidden1.feedback").weights = listed_weights{{3, 2, {0.5, 2, 1, 2.5, 1.5, 3}}};
  });
  INFO(s.text);
  CHECK(transport_detail(s.found) == "born proportional");
  CHECK(s.pair("output.forward", "hidden1.feedback")->birth.factor == Approx(0.5));
  CHECK_FALSE(s.transports());
}

}  // namespace test_audit_transport
