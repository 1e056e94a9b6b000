#include <catch2/catch.hpp>

#include <vector>

#include "sim/core/aligned.hpp"
#include "sim/core/bits.hpp"
#include "sim/core/random.hpp"
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
  // What else the synapses keep must rest too.
  std::vector<aligned_vector<P>> kept;
  std::vector<P*> state = {weights.data()};
  for (std::size_t f = 1; f < model.state.size(); ++f)
    kept.push_back(filled(weights.size() * (model.state[f].per_lane ? lanes : 1), 3 + f, false));
  for (aligned_vector<P>& field : kept) state.push_back(field.data());
  const std::vector<aligned_vector<P>> kept_before = kept;
  call.state = state.data();
  call.gate = gate.data();
  const synapse_kernels<P>& kernels = kernels_of(model, target).template synapse<P>();
  const end_parts wanted = parts_of<P>(model, kernels, params.get(), where);
  std::vector<aligned_vector<P>> made;
  const auto parts_at = [&](bool at_pre, const aligned_vector<P>& output) {
    const auto& all = at_pre ? wanted.pre : wanted.post;
    const P* const outputs[] = {output.data()};
    std::vector<const P*> found;
    std::vector<P*> results;
    for (const auto& part : all) {
      if (!part) made.emplace_back(gate.size());
      results.push_back(part ? nullptr : made.back().data());
      found.push_back(part ? output.data() : made.back().data());
    }
    if (std::any_of(all.begin(), all.end(), [](const auto& part) { return !part; }))
      kernels.ends({.outputs = outputs,
                    .gate = (where == gate_position::pre) == at_pre ? gate.data() : nullptr,
                    .gate_at = where,
                    .at_pre = at_pre,
                    .params = params.get(),
                    .parts = results.data(),
                    .lanes = lanes,
                    .panels = at_pre ? panels_for(sources) : panels});
    return found;
  };
  made.reserve(16);
  const std::vector<const P*> pre_parts = parts_at(true, pre), post_parts = parts_at(false, post);
  call.pre = pre_parts.data();
  call.post = post_parts.data();
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
  for (std::size_t f = 0; f < kept.size(); ++f) {
    for (std::size_t i = 0; i < kept[f].size(); ++i) changed += same_bits(kept[f][i], kept_before[f][i]) ? 0 : 1;
  }
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
