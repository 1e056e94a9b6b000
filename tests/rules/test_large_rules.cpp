/// A rule with more numbers at a time than the interpreter has room for in place.

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "sim/circuit/circuit.hpp"
#include "sim/core/aligned.hpp"
#include "sim/engine/models.hpp"
#include "sim/engine/simulator.hpp"
#include "sim/netlist/netlist.hpp"
#include "sim/rules/declaration.hpp"
#include "tests/engine/engine_testing.hpp"

namespace test_rules_large_rules {

using namespace locus;

namespace {

constexpr std::size_t locals = 640;

/// Statements of which the first `locals` all stand before the first is read; what they make of two numbers.
std::string large_rule(const std::string& x, const std::string& drive, const std::string& field) {
  std::string rule = fmt::format("l0 = {} + {}\n", x, drive), sum = "0";
  for (std::size_t i = 1; i < locals; ++i) rule += fmt::format("l{} = l{} * 0.5 + {}\n", i, i - 1, drive);
  for (std::size_t i = 0; i < locals / 2; ++i) sum += fmt::format(" + l{} * l{}", i, locals - 1 - i);
  return fmt::format("{}{} <- {}\n", rule, field, sum);
}

std::string large_neuron() {
  return fmt::format(
      "[[model]]\nname = \"large\"\nkind = \"neuron\"\n[model.ports]\ndrive = \"input\"\n[model.state]\nx = \"sum\"\n"
      "[model.rules]\nstep = \'\'\'\n{}\'\'\'\n",
      large_rule("x", "drive", "x"));
}

/// One synapse from a constant neuron, whose weight is therefore what arrives.
std::string with_large_synapse(std::string_view precision) {
  return fmt::format(
      "circuit.precision = \"{}\"\n"
      "[[model]]\nname = \"large\"\nkind = \"synapse\"\n[model.state]\ntheta = \"weight\"\n"
      "[model.rules]\nlearn = \'\'\'\ng = sum(post * pre)\n{}\'\'\'\n"
      "[[population]]\nname = \"one\"\nmodel = \"constant\"\nsize = 1\n"
      "[[population]]\nname = \"sum\"\nmodel = \"bmvr-interneuron\"\nsize = 1\n"
      "[[projection]]\nname = \"w\"\nfrom = \"one.rate\"\nto = \"sum.excitation\"\nsynapse = \"large\"\n"
      "post = \"sum.rate\"\nweights = {{ init = \"constant\", scale = 0.03 }}\n",
      precision, large_rule("theta", "g", "theta"));
}

template <class P>
P in_loops(P x, P drive) {
  std::vector<P> all = {x + drive};
  while (all.size() < locals) all.push_back(all.back() * P(0.5) + drive);
  P sum = 0;
  for (std::size_t i = 0; i < locals / 2; ++i) sum = sum + all[i] * all[locals - 1 - i];
  return sum;
}

template <class P>
void compare(const model_declaration& model, simd_target target) {
  constexpr std::size_t lanes = 5;
  aligned_vector<P> x(panel_width * lanes), drive(panel_width * lanes), expected;
  for (std::size_t i = 0; i < x.size(); ++i) {
    x[i] = P(0.25) * static_cast<P>(i);
    drive[i] = P(1) / static_cast<P>(i + 1);
    expected.push_back(in_loops(x[i], drive[i]));
  }
  P* const fields[] = {x.data()};
  const P* const ports[] = {drive.data()};
  P* const changes[] = {nullptr};
  std::uint16_t present = 0;
  std::uint16_t* const all_present[] = {&present};
  std::uint32_t* const events[] = {nullptr};
  std::uint8_t moved = 0;
  const parameter_block params = model.make_parameters();
  neuron_call<P> call;
  call.fields = fields;
  call.ports = ports;
  call.params = params.get();
  call.changes = changes;
  call.present = all_present;
  call.events = events;
  call.moved_panels = &moved;
  call.lanes = lanes;
  call.panels = call.last_panel = 1;
  kernels_of(model, target).neuron<P>().advance(call);
  CHECK(x == expected);
  CHECK(moved == 1);
}

}  // namespace

TEST_CASE("interpreted neurons: as many numbers at a time as a text may have", "[rules]") {
  const model_texts texts = read_model_texts(document::from_text(large_neuron(), "large.toml"));
  const model_declaration model = rules::declaration_of(texts.models.at(0));
  for (const simd_target target : available_targets()) {
    INFO(name_of(target));
    compare<float>(model, target);
    compare<double>(model, target);
  }
}

TEST_CASE("interpreted synapses: as many numbers at a time as a text may have", "[rules]") {
  const bool single = GENERATE(false, true);
  const circuit net = build_circuit(testing::netlist_of(with_large_synapse(single ? "f32" : "f64")));
  for (const simd_target target : available_targets()) {
    INFO(name_of(target) << ", " << single);
    const auto sim = make_simulator(net, {.target = target});
    double expected = sim->weights(0).at(0);
    for (tick_t tick = 1; tick < 4; ++tick) {
      sim->advance(tick);
      expected = single ? static_cast<double>(in_loops(static_cast<float>(expected), static_cast<float>(expected)))
                        : in_loops(expected, expected);
      CHECK(sim->weights(0).at(0) == expected);
    }
  }
}

}  // namespace test_rules_large_rules
