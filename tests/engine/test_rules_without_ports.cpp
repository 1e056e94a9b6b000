#include <catch2/catch.hpp>

#include <cmath>

#include "tests/engine/engine_testing.hpp"

namespace test_engine_rules_without_ports {

using namespace locus;
using namespace locus::testing;

// A step and a reaction that read no port run in every tick in which something can change, as others do.
TEST_CASE("neurons whose rules read no port follow their rules", "[engine]") {
  const circuit net = build_circuit(
      netlist_of("[[population]]\nname = \"o\"\nmodel = \"oscillator\"\nsize = 19\nparams = { k = 0.375 }\n"));
  const auto sim = make_simulator(net);
  double x = 0, v = 0;
  for (tick_t t = 0; t < 50; ++t) {
    sim->advance(t + 1);
    if (t > 0) {  // the first tick takes no step
      v = std::fma(0.375, 1 - x, v);
      x = std::fma(0.375, v, x);
    }
    std::vector<double> values(19);
    sim->read_field({0, 0}, values.data());
    CHECK(values == std::vector<double>(19, x));
    sim->read_field({0, 2}, values.data());
    CHECK(values == std::vector<double>(19, x * x));
  }
}

}  // namespace test_engine_rules_without_ports
