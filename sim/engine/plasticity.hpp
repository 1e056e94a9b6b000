#pragma once
/// Learning: which projections can change their weights in a tick, and their sweeps.

#include <vector>

#include "sim/engine/network_state.hpp"
#include "sim/engine/worker_team.hpp"

namespace locus {

template <class P>
class plasticity {
 public:
  plasticity(network_state<P>& network, worker_team& team) : network_(network), team_(team) {}

  /// Whether a projection's weights can change; without `track` every one is taken to.
  [[nodiscard]] bool can_learn(const learning_state<P>& l, bool track) const {
    if (!track) return true;
    if (l.settled) return false;
    if (l.idle.when_gate_is_zero && l.gate != nullptr && !l.gate->nonzero()) return false;
    if (l.idle.when_pre_is_zero && !l.pre->nonzero()) return false;
    return true;
  }

  sweep_result learn(learning_state<P>& l, tick_t now, bool track) {
    const bool new_inputs = l.pre->changed(now) || l.post->changed(now) || (l.gate != nullptr && l.gate->changed(now));
    if (new_inputs) l.settled = false;
    if (!can_learn(l, track)) return {};
    const sweep_result result = sweep(l, track);
    l.settled = !result.moved;
    if (!result.moved) return result;
    projection_state<P>& state = network_.projections[l.projection];
    state.mark_dirty();
    for (const std::size_t reader : l.readers) {
      network_.projections[reader].refresh_from(state, network_.net.projections[reader].transposed, network_.transfer);
    }
    return result;
  }

 private:
  sweep_result sweep(learning_state<P>& l, bool track) {
    projection_state<P>& state = network_.projections[l.projection];
    learn_call<P> whole;
    whole.pre = l.pre->values();
    whole.post = l.post->values();
    whole.gate = l.gate != nullptr ? l.gate->values() : nullptr;
    whole.gate_at = l.gate_at;
    if (l.modulate != nullptr) (l.gate_at == gate_position::pre ? whole.pre : whole.post) = modulated(l);
    whole.gate_present = l.gate != nullptr ? l.gate->present() : nullptr;
    whole.params = network_.net.projections[l.projection].params.get();
    whole.lanes = network_.lanes;
    whole.active = sources(l, track);
    calls_.assign(team_.size(), whole);
    const std::uint64_t changes = track ? 0 : state.changes();
    const std::size_t products = state.work() + state.work() / network_.lanes;
    const double nanoseconds = nanoseconds_per_product * static_cast<double>(products);
    const std::size_t used =
        team_.split(state.panels(), nanoseconds, [&](std::size_t part, std::size_t first, std::size_t last) {
          learn_call<P>& call = calls_[part];
          state.fill(call, part);
          call.first_panel = first;
          call.last_panel = last;
          l.kernel(call);
        });
    sweep_result result;
    for (std::size_t part = 0; part < used; ++part) {
      result.moved = result.moved || calls_[part].moved;
      result.finite = result.finite && calls_[part].finite;
    }
    if (!track && result.moved) {
      state.restore_padding();
      if (state.kind() == transport::dense) result.moved = state.changes() != changes;
    }
    return result;
  }

  /// What the modulator makes of the end that it is attached to.
  const P* modulated(const learning_state<P>& l) {
    const outlet<P>& end = l.gate_at == gate_position::pre ? *l.pre : *l.post;
    const std::size_t length = end.panels() * network_.lanes * panel_width;
    if (network_.modulated.size() < length) network_.modulated.resize(length);
    modulate_call<P> call;
    call.end = end.values();
    call.gate = l.gate->values();
    call.gate_at = l.gate_at;
    call.params = network_.net.projections[l.projection].params.get();
    call.modulated = network_.modulated.data();
    call.lanes = network_.lanes;
    call.panels = end.panels();
    l.modulate(call);
    return call.modulated;
  }

  source_list sources(learning_state<P>& l, bool track) const {
    if (track && l.idle.when_gate_is_zero && l.gate_at == gate_position::pre) return l.gate->active();
    if (track && l.idle.when_pre_is_zero) return l.pre->active();
    return l.pre->everyone();
  }

  static constexpr double nanoseconds_per_product = sizeof(P) == 4 ? 0.03 : 0.06;

  network_state<P>& network_;
  worker_team& team_;
  std::vector<learn_call<P>> calls_;  ///< one a thread
};

}  // namespace locus
