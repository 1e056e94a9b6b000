/// The two levels of Rao and Ballard (1999) against NumPy (published/rao_ballard.py), made small.

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "models/templates/catalogue.hpp"
#include "sim/netlist/weights_file.hpp"
#include "tests/circuits/circuits_testing.hpp"
#include "tests/project_file.hpp"

namespace test_circuits_rao_ballard {

using namespace locus;
using namespace locus::testing;

namespace {

std::string oracle() { return project_file("tests/circuits/published/rao_ballard.h5"); }

/// The shipped circuit with 6 pixels and 4 causes a module, and 5 causes above.
description small_circuit(const std::vector<std::string>& more) {
  std::vector<std::string> overrides = {"stimuli.data={ inputs = 'hdf5:" + oracle() + ":inputs' }", "stimuli.report=[]",
                                        "population.top.size=5", "population.top.params.rate=0.05"};
  for (const int j : {1, 2, 3}) {
    overrides.push_back(fmt::format("population.image{}.shape=[2, 3]", j));
    overrides.push_back(fmt::format("population.error{}.shape=[2, 3]", j));
    overrides.push_back(fmt::format("population.cause{}.size=4", j));
    overrides.push_back(fmt::format("population.cause{}.params={{ rate = 0.005 }}", j));
    overrides.push_back(fmt::format("population.surprise{}.size=4", j));
    overrides.push_back(fmt::format("stimulus[{}].columns=[{}, {}]", j - 1, 3 * j - 3, 3 * j + 3));
    overrides.push_back(
        fmt::format("projection.error{}.pixels.weights={{ file = '{}', dataset = 'mask' }}", j, oracle()));
    for (const char* each : {"error{}.prediction", "surprise{}.prediction"}) {
      const std::string name = fmt::format(fmt::runtime(each), j);
      overrides.push_back(fmt::format("projection.{}.weights={{ file = '{}' }}", name, oracle()));
      overrides.push_back(fmt::format("projection.{}.params.every=45", name));
    }
    overrides.push_back(fmt::format("projection.cause{}.evidence.params.every=45", j));
    overrides.push_back(fmt::format("projection.top.evidence{}.params.every=45", j));
  }
  overrides.insert(overrides.end(), more.begin(), more.end());
  return read_netlist(document::from_file(project_file("netlists/rao-ballard.toml"), overrides), all_templates());
}

void check_case(const std::string& name, const std::vector<std::string>& more) {
  const description netlist = small_circuit(more);
  rig r(netlist, load_data(netlist.data));
  for (std::uint32_t n = 0; n < 3; ++n) {
    r.world.teach(std::vector<std::uint32_t>{n}, {30, 1, 0});
    for (const std::string module : {"error1", "error2", "error3", "surprise1", "surprise2", "surprise3"}) {
      const std::string forward = module + ".prediction";
      const std::string feedback =
          module[0] == 'e' ? "cause" + module.substr(5) + ".evidence" : "top.evidence" + module.substr(8);
      INFO(name << " " << forward << " after image " << n + 1);
      const row after = weights_of(*r.sim, forward).values;
      const row expected = read_weights(oracle(), fmt::format("{}/{}/{}", name, n + 1, forward)).values;
      // Errors are below 30, causes below 5, weights below 5, sums have at most 12 terms: 12 * 30 * 5 * 1.1e-16 = 2e-13
      // a sum, times rates of at most 0.05, for 90 ticks in which causes contract.
      CHECK(largest_difference(after, expected) < 1e-12);
      CHECK(weights_of(*r.sim, feedback).transposed().values == after);
      if (module[0] == 'e' && n == 2)
        CHECK(largest_difference(expected, read_weights(oracle(), forward).values) > 0.01);
    }
  }
}

}  // namespace

TEST_CASE("Rao and Ballard's levels learn what NumPy makes of the rule, image by image", "[circuits]") {
  check_case("always", {});
  check_case("settled", {"stimulus[3].onset=-1", "stimulus[3].ticks=1"});
}

}  // namespace test_circuits_rao_ballard
