/// What the audit says of one kernel for all places of a window.

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "sim/audit/report.hpp"
#include "tests/audit/audit_testing.hpp"
#include "tests/engine/engine_testing.hpp"

namespace test_audit_shared_windows {

using namespace locus;
using namespace locus::testing;

namespace {

/// A window of this size on a grid of 5 x 5 that learns; `rule` is the model of its synapses.
audit_report audited(std::uint32_t size, const std::string& synapse, const std::string& model = "") {
  const std::string text = fmt::format(
      "{0}[[population]]\nname = 'image'\nmodel = 'point-value'\nshape = [5, 5]\n"
      "[[population]]\nname = 'map'\nmodel = 'point-value'\nshape = [2, {1}, {1}]\n"
      "[[projection]]\nname = 'kernel'\nfrom = 'image.rate'\nto = 'map.feedback'\nconnect = {{ window = [{2}, {2}] }}\n"
      "synapse = '{3}'\npost = 'map.rate'\nweights = {{ shared = 'window', init = 'uniform' }}\n"
      "[[stimulus]]\npopulation = 'image'\nrole = 'input'\n[stimuli]\npredict = 5\nteach = 0\n",
      model, 6 - size, size, synapse);
  locus::audit_options options = only_read_sets();
  options.use.cone = true;
  options.presentations = 2;
  return audit({"kernel.toml", netlist_of(text), std::nullopt, std::nullopt}, drawn_data(25, 1, 20, 3), options);
}

std::size_t reasons(const audit_report& r, criterion about, const std::string& part) {
  const auto& all = r.of(about).reasons;
  return static_cast<std::size_t>(std::count_if(
      all.begin(), all.end(), [&](const auto& each) { return each.text.find(part) != std::string::npos; }));
}

/// Adds up, over places and lanes, with two sums.
constexpr const char* own_rule =
    "[[model]]\nname = 'own'\nkind = 'synapse'\ntitle = 'own rule'\n[model.parameters]\neta = { default = 0.01, "
    "meaning "
    "= 'rate' }\n[model.state]\ntheta = 'weight'\n[model.rules]\nlearn = '''\nd = sum(pre * post)\ns = sum(pre * pre * "
    "post)\ntheta <- theta + eta * d - eta * s * theta\n'''\n";

}  // namespace

TEST_CASE("shared windows: one finding for a kernel that serves at many places, and the same bits as in production",
          "[audit]") {
  for (const bool own : {false, true}) {
    const audit_report r = own ? audited(3, "own", own_rule) : audited(3, "gated-hebbian");
    CHECK_FALSE(r.holds(criterion::local_plasticity));
    CHECK_FALSE(r.holds(criterion::local_computation));
    CHECK(reasons(r, criterion::local_plasticity, "one weight that serves at 9 places, learnt from all of them") == 1);
    CHECK(std::any_of(r.measured.begin(), r.measured.end(), [](const std::string& each) {
      return each.find("values are bit for bit those of the production engine's") != std::string::npos;
    }));
  }
}

TEST_CASE("shared windows: a kernel that serves at one place is as local as any synapse", "[audit]") {
  const audit_report r = audited(5, "gated-hebbian");
  CHECK(r.holds(criterion::local_plasticity));
  CHECK(r.holds(criterion::local_computation));
}

}  // namespace test_audit_shared_windows
