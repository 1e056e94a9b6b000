/// circuit.dt, and rules that read it.

#include <catch2/catch.hpp>

#include <string>

#include "sim/core/find_by_name.hpp"
#include "sim/engine/simulator.hpp"
#include "tests/circuit/circuit_testing.hpp"

namespace test_circuit_tick_length {

using namespace locus;
using testing::circuit_message;
using testing::circuit_of;

namespace {

std::string leaky(const std::string& circuit, const std::string& more = "", const std::string& rule = "dt / tau") {
  return "[circuit]\n" + circuit +
         "[[model]]\nname = 'leaky'\nkind = 'neuron'\n[model.parameters]\ntau = { default = 20, above = 0 }\n"
         "[model.state]\nx = 'potential'\n[model.rules]\nstep = 'x <- x + " +
         rule + " * (1 - x)'\n[[population]]\nname = 'a'\nmodel = 'leaky'\nsize = 1\n" + more;
}

double after_two_steps(const circuit& c) {
  const auto s = make_simulator(c);
  s->advance(3);  // the first step follows the first tick
  return s->value({0, 0}, 0, 0);
}

}  // namespace

TEST_CASE("dt: rules read how many milliseconds a tick takes", "[circuit]") {
  for (const double dt : {0.5, 2.0}) {
    const circuit c = circuit_of(leaky("dt = " + std::to_string(dt) + "\n"));
    CHECK(c.dt == dt);
    const double step = dt / 20, first = 0 + step * (1 - 0.0);
    CHECK(after_two_steps(c) == first + step * (1 - first));
  }
  // In the circuit's own precision, as every parameter.
  const circuit single = circuit_of(leaky("dt = 0.1\nprecision = 'f32'\n"));
  const float step = 0.1F / 20.0F, first = step;
  CHECK(after_two_steps(single) == first + step * (1 - first));
}

TEST_CASE("dt: synapses read it too", "[circuit]") {
  const circuit c = circuit_of(
      "[circuit]\ndt = 0.25\n[[model]]\nname = 'slow'\nkind = 'synapse'\n[model.rules]\n"
      "learn = 'theta <- theta + dt * sum(pre * post)'\n"
      "[[population]]\nname = 'a'\nmodel = 'constant'\nsize = 1\n[[population]]\nname = 'b'\nmodel = 'constant'\nsize "
      "= 1\n"
      "[[population]]\nname = 'c'\nmodel = 'controller'\nsize = 1\n"
      "[[projection]]\nname = 'p'\nfrom = 'a.rate'\nto = 'c.trigger'\nsynapse = 'slow'\npost = 'c.signal'\n"
      "weights = { init = 'constant', scale = 1 }\n");
  const auto s = make_simulator(c);
  s->advance(3);  // c has heard 0, 1 and 1
  CHECK(s->weights(0).at(0) == 1 + 0.25 + 0.25 * (1 + 0.25 * 0));
}

TEST_CASE("dt: a model that reads it needs it, and no other sets it", "[circuit]") {
  CHECK(circuit_message(leaky("")) ==
        "n.toml:11:1: the rules of \"leaky\" read dt: set circuit.dt, the milliseconds of a tick");
  CHECK(circuit_message(leaky("dt = 1\n", "params = { dt = 2 }\n"))
            .find("dt is the same for all: set circuit.dt, the milliseconds of a tick") != std::string::npos);
  CHECK_NOTHROW(circuit_of(leaky("", "", "0.1 / tau")));
  CHECK_NOTHROW(circuit_of(leaky("dt = 1\n", "", "0.1 / tau")));  // pictures tell milliseconds
  CHECK_NOTHROW(
      circuit_of("[[model]]\nname = 'unused'\nkind = 'neuron'\n[model.state]\nx = 'x'\n[model.rules]\n"
                 "step = 'x <- x + dt'\n[[population]]\nname = 'a'\nmodel = 'constant'\nsize = 1\n"));
  for (const char* wrong : {"0", "-1", "nan", "'1 ms'"}) {
    INFO(wrong);
    CHECK_THROWS_AS(testing::description_of(leaky("dt = " + std::string(wrong) + "\n")), usage_error);
  }
}

TEST_CASE("dt: it is among the parameters that others are told of", "[circuit]") {
  const circuit c = circuit_of(leaky("dt = 0.5\n"));
  const population& p = c.populations[0];
  const auto at = find_by_name(p.model->parameters, "dt");
  REQUIRE(at);
  CHECK(p.model->parameters[*at].unit == "ms");
  CHECK(std::get<double>(p.model->parameters[*at].get(p.params.get())) == 0.5);
}

}  // namespace test_circuit_tick_length
