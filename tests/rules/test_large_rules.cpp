/// A rule with more numbers at a time than the interpreter has room for in place.

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "sim/engine/aligned.hpp"
#include "sim/engine/models.hpp"
#include "sim/netlist/netlist.hpp"
#include "sim/rules/declaration.hpp"

namespace test_rules_large_rules {

using namespace locus;

namespace {

constexpr std::size_t locals = 640;

/// All locals are there before the first is read.
std::string large_model() {
  std::string step = "l0 = x + drive\n", sum = "0";
  for (std::size_t i = 1; i < locals; ++i) step += fmt::format("l{} = l{} * 0.5 + drive\n", i, i - 1);
  for (std::size_t i = 0; i < locals / 2; ++i) sum += fmt::format(" + l{} * l{}", i, locals - 1 - i);
  return fmt::format(
      "[[model]]\nname = \"large\"\nkind = \"neuron\"\n[model.ports]\ndrive = \"input\"\n"
      "[model.state]\nx = \"sum\"\n[model.rules]\nstep = '''\n{}x <- {}\n'''\n",
      step, sum);
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

TEST_CASE("interpreted rules: as many numbers at a time as a text may have", "[rules]") {
  const model_texts texts = read_model_texts(document::from_text(large_model(), "large.toml"));
  const model_declaration model = rules::declaration_of(texts.models.at(0));
  for (const simd_target target : available_targets()) {
    INFO(name_of(target));
    compare<float>(model, target);
    compare<double>(model, target);
  }
}

}  // namespace test_rules_large_rules
