#include <catch2/catch.hpp>

#include <vector>

#include "sim/core/random.hpp"
#include "sim/engine/aligned.hpp"
#include "sim/engine/models.hpp"
#include "tests/engine/shipped_models.hpp"

namespace test_engine_idle_claims {

using namespace locus;
using namespace locus::testing;

namespace {

/// One dense sweep of a synapse rule over random ends; what is asked for is 0 in all lanes.
template <class P>
std::size_t changed_weights(const model_declaration& model, simd_target target, gate_position where, bool gate_zero,
                            bool pre_zero, std::uint64_t seed) {
  const std::size_t lanes = 3, sources = 16, panels = 2;
  const random_stream random(seed, "test", "idle");
  const auto filled = [&](std::size_t n, std::uint64_t part, bool zero) {
    aligned_vector<P> v(n);
    for (std::size_t i = 0; i < n; ++i) v[i] = zero ? P(0) : static_cast<P>(4 * random.uniform(part, i) - 2);
    return v;
  };
  aligned_vector<P> weights = filled(panels * sources * panel_width, 0, false);
  const aligned_vector<P> before = weights;
  const aligned_vector<P> pre = filled(lanes * sources, 1, pre_zero);
  const aligned_vector<P> post = filled(panels * lanes * panel_width, 2, false);
  const aligned_vector<P> gate = filled(panels * lanes * panel_width, 3, gate_zero);
  std::vector<std::uint32_t> counts(sources);
  const parameter_block params = model.make_parameters();
  learn_call<P> call;
  P* const state[] = {weights.data()};
  const P *pre_part = pre.data(), *post_part = post.data();
  call.state = state;
  call.pre = &pre_part;
  call.post = &post_part;
  call.gate = gate.data();
  const synapse_kernels<P>& kernels = kernels_of(model, target).template synapse<P>();
  aligned_vector<P> modulated(gate.size());
  if (kernels.ends != nullptr) {
    const bool at_pre = where == gate_position::pre;
    const P* const outputs[] = {at_pre ? pre.data() : post.data()};
    P* const parts[] = {modulated.data()};
    (at_pre ? pre_part : post_part) = modulated.data();
    kernels.ends({.outputs = outputs,
                  .gate = gate.data(),
                  .gate_at = where,
                  .at_pre = at_pre,
                  .params = params.get(),
                  .parts = parts,
                  .lanes = lanes,
                  .panels = at_pre ? panels_for(sources) : panels});
  }
  call.gate_at = where;
  call.params = params.get();
  call.lanes = lanes;
  call.sources = sources;
  call.last_panel = panels;
  call.targets = panels * panel_width;
  call.active = {nullptr, sources};
  call.changed_weights = counts.data();
  kernels.learn_dense(call);
  std::size_t changed = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) changed += weights[i] != before[i] ? 1 : 0;
  CHECK(call.moved == (changed != 0));
  return changed;
}

}  // namespace

// The engine skips learning where a model claims that nothing can change: the claim must hold for the rule itself. The
// kernel is called here without the engine's own skipping (a gate at the postsynaptic end would be skipped inside).
TEST_CASE("synapse models: what they declare idle leaves every weight as it is", "[engine]") {
  std::size_t plastic = 0;
  for (const model_declaration& model : all_models()) {
    if (model.kind != model_kind::synapse || !model.plastic || !shipped(model)) continue;
    ++plastic;
    for (const simd_target target : available_targets()) {
      for (const gate_position where : {gate_position::pre, gate_position::everywhere}) {
        INFO(model.info.name << ", " << name_of(target));
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
          CHECK(changed_weights<float>(model, target, where, false, false, seed) > 0);
          CHECK(changed_weights<double>(model, target, where, false, false, seed) > 0);
          if (model.idle.when_gate_is_zero) {
            CHECK(changed_weights<float>(model, target, where, true, false, seed) == 0);
            CHECK(changed_weights<double>(model, target, where, true, false, seed) == 0);
          }
          if (model.idle.when_pre_is_zero) {
            CHECK(changed_weights<float>(model, target, where, false, true, seed) == 0);
            CHECK(changed_weights<double>(model, target, where, false, true, seed) == 0);
          }
        }
      }
    }
  }
  CHECK(plastic >= 1);
}

}  // namespace test_engine_idle_claims
