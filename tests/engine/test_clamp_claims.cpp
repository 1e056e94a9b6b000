#include <catch2/catch.hpp>

#include <cstdint>
#include <cstring>
#include <vector>

#include "sim/core/aligned.hpp"
#include "sim/core/random.hpp"
#include "sim/engine/models.hpp"
#include "tests/engine/shipped_models.hpp"

namespace test_engine_clamp_claims {

using namespace locus;
using namespace locus::testing;

namespace {

/// The fields that a step writes, after a clamp to the same values from a random state drawn with `seed`.
template <class P>
std::vector<P> clamped_state(const model_declaration& model, simd_target target, std::uint64_t seed) {
  const random_stream random(seed, "test", "clamp");
  const random_stream imposed(1, "test", "imposed");
  std::vector<aligned_vector<P>> memory(model.fields.size(), aligned_vector<P>(panel_width));
  std::vector<aligned_vector<P>> messages(model.ports.size(), aligned_vector<P>(panel_width));
  aligned_vector<P> clamp(panel_width);
  std::vector<P*> fields;
  std::vector<P*> changes(model.fields.size(), nullptr);
  std::uint16_t neurons_present = 0;
  std::uint32_t ones = 0;
  std::uint8_t moved = 0;
  const std::vector<std::uint16_t*> present(model.fields.size(), &neurons_present);
  const std::vector<std::uint32_t*> events(model.fields.size(), &ones);
  std::vector<const P*> ports;
  for (std::size_t i = 0; i < panel_width; ++i) {
    clamp[i] = static_cast<P>(4 * imposed.uniform(i) - 2);
    for (std::size_t f = 0; f < memory.size(); ++f) memory[f][i] = static_cast<P>(4 * random.uniform(f, i) - 2);
    for (std::size_t q = 0; q < messages.size(); ++q)
      messages[q][i] = static_cast<P>(4 * random.uniform(100 + q, i) - 2);
  }
  for (auto& field : memory) fields.push_back(field.data());
  for (const std::size_t q : model.step->ports) ports.push_back(messages[q].data());
  const parameter_block params = model.make_parameters();
  neuron_call<P> call;
  call.fields = fields.data();
  call.ports = ports.data();
  call.params = params.get();
  call.clamp = clamp.data();
  call.changes = changes.data();
  call.present = present.data();
  call.events = events.data();
  call.moved_panels = &moved;
  call.panels = call.last_panel = 1;
  kernels_of(model, target).template neuron<P>().advance(call);
  std::vector<P> state;
  for (std::size_t f = 0; f < memory.size(); ++f) {
    if (model.fields[f].by == writer::step) state.insert(state.end(), memory[f].begin(), memory[f].end());
  }
  return state;
}

template <class P>
bool forgets(const model_declaration& model, simd_target target) {
  const std::vector<P> first = clamped_state<P>(model, target, 1);
  for (std::uint64_t seed = 2; seed < 20; ++seed) {
    const std::vector<P> other = clamped_state<P>(model, target, seed);
    if (std::memcmp(first.data(), other.data(), first.size() * sizeof(P)) != 0) return false;
  }
  return true;
}

}  // namespace

// The engine does not recompute a population that a total clamp holds: what a clamp leaves must not depend on what was.
TEST_CASE("neuron models: a clamp that is declared total leaves nothing of the state before", "[engine]") {
  std::size_t total = 0;
  for (const model_declaration& model : all_models()) {
    if (model.kind != model_kind::neuron || !model.has_clamp || !shipped(model)) continue;
    for (const simd_target target : available_targets()) {
      INFO(model.info.name << ", " << name_of(target));
      CHECK(forgets<float>(model, target) == model.clamp_is_total);
      CHECK(forgets<double>(model, target) == model.clamp_is_total);
    }
    total += model.clamp_is_total ? 1 : 0;
  }
  CHECK(total >= 4);
}

}  // namespace test_engine_clamp_claims
