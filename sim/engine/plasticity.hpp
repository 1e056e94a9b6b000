#pragma once
/// Learning: which projections can change their weights in a tick, and their sweeps.

#include <algorithm>
#include <optional>
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
    const auto sends = [](const outlet<P>* seen) { return seen->nonzero(); };
    return !l.idle.when_pre_is_zero || std::any_of(l.pre.begin(), l.pre.end(), sends);
  }

  /// `keep_theta`: theta stays as it is.
  sweep_result learn(learning_state<P>& l, tick_t now, bool track, bool keep_theta) {
    const auto changed = [&](const outlet<P>* seen) { return seen->changed(now); };
    const bool new_inputs = std::any_of(l.pre.begin(), l.pre.end(), changed) ||
                            std::any_of(l.post.begin(), l.post.end(), changed) ||
                            (l.gate != nullptr && l.gate->changed(now));
    if (new_inputs) l.settled = false;
    if (!can_learn(l, track)) return {};
    const sweep_result result = sweep(l, track, keep_theta);
    l.settled = !result.moved;
    if (!result.weights_moved) return result;
    projection_state<P>& state = network_.projections[l.projection];
    state.mark_dirty();
    for (const std::size_t reader : l.readers) {
      network_.projections[reader].refresh_from(state, network_.net.projections[reader].transposed, network_.transfer);
    }
    return result;
  }

 private:
  sweep_result sweep(learning_state<P>& l, bool track, bool keep_theta) {
    projection_state<P>& state = network_.projections[l.projection];
    learn_call<P> whole;
    buffers_used_ = 0;
    collect_parts(l, true, l.pre, l.pre_parts, pre_);
    collect_parts(l, false, l.post, l.post_parts, post_);
    whole.pre = pre_.data();
    whole.post = post_.data();
    whole.gate = l.gate != nullptr ? l.gate->values() : nullptr;
    whole.gate_at = l.gate_at;
    whole.gate_present = l.gate != nullptr ? l.gate->present() : nullptr;
    whole.params = network_.net.projections[l.projection].params.get();
    whole.lanes = network_.lanes;
    whole.keep_theta = keep_theta;
    whole.active = sources(l, track);
    const window_layout<P>* const window = state.window();
    if (window != nullptr) see_places(l, *window, whole);
    calls_.assign(team_.size(), whole);
    const std::uint64_t changes = track ? 0 : state.changes();
    const std::size_t products = state.work() + state.work() / whole.lanes;
    const double nanoseconds = nanoseconds_per_product * static_cast<double>(products);
    const std::size_t used = team_.split(window != nullptr ? whole.active.count : state.panels(), nanoseconds,
                                         [&](std::size_t part, std::size_t first, std::size_t last) {
                                           learn_call<P>& call = calls_[part];
                                           state.fill(call, part);
                                           call.first_panel = window != nullptr ? 0 : first;
                                           call.last_panel = window != nullptr ? state.panels() : last;
                                           if (window != nullptr)
                                             call.active = {call.active.indices + first, last - first};
                                           l.kernel(call);
                                         });
    sweep_result result;
    for (std::size_t part = 0; part < used; ++part) {
      result.moved = result.moved || calls_[part].moved;
      result.weights_moved = result.weights_moved || calls_[part].weights_moved;
      result.finite = result.finite && calls_[part].finite;
    }
    if (!track && result.weights_moved) {
      state.restore_padding();
      if (state.matrix()) result.weights_moved = state.changes() != changes;
      if (state.fields().size() == 1) result.moved = result.weights_moved;
    }
    return result;
  }

  /// Puts copies for the kernels in the place of what the ends bring to a shared window.
  void see_places(const learning_state<P>& l, const window_layout<P>& layout, learn_call<P>& call) {
    window_copies<P>& copies = network_.windows.at(l.projection);
    copies.before.resize(pre_.size() + 1);
    copies.after.resize(post_.size());
    const auto spread = [&](const P* field, aligned_vector<P>& to) {
      to.resize(layout.room());
      layout.spread(field, to.data());
      return static_cast<const P*>(to.data());
    };
    const auto collect = [&](const P* field, aligned_vector<P>& to) {
      to.resize(layout.sums());
      layout.collect(field, to.data(), 0, layout.rows());
      return static_cast<const P*>(to.data());
    };
    for (std::size_t k = 0; k < pre_.size(); ++k) pre_[k] = spread(pre_[k], copies.before[k]);
    for (std::size_t k = 0; k < post_.size(); ++k) post_[k] = collect(post_[k], copies.after[k]);
    switch (l.gate_at) {
      case gate_position::none: break;
      case gate_position::pre: call.gate = spread(call.gate, copies.before.back()); break;
      case gate_position::post: call.gate = collect(call.gate, copies.gate); break;
      case gate_position::everywhere:
        copies.gate.resize(layout.lanes() * panel_width);
        for (std::size_t lane = 0; lane < layout.lanes(); ++lane)
          copies.gate[lane * panel_width] = call.gate[lane % network_.lanes * panel_width];
        call.gate = copies.gate.data();
        break;
    }
    copies.gate_present.assign(network_.projections[l.projection].panels(), 0xffff);  // nobody is taken to be silent
    call.gate_present = copies.gate_present.data();
    call.lanes = layout.lanes();
    call.active = {layout.everyone().data(), layout.everyone().size()};
    call.source_at = layout.source_at();
    call.lane_at = layout.lane_at();
  }

  /// What the rule takes from one end: outputs as they are, and what its kernel makes of them.
  void collect_parts(const learning_state<P>& l, bool at_pre, const std::vector<outlet<P>*>& seen,
                     const std::vector<std::optional<std::size_t>>& parts, std::vector<const P*>& found) {
    outputs_.clear();
    for (const outlet<P>* each : seen) outputs_.push_back(each->values());
    made_.assign(parts.size(), nullptr);
    found.assign(parts.size(), nullptr);
    bool any = false;
    const projection& p = network_.net.projections[l.projection];
    const std::size_t panels =
        at_pre ? network_.senders[l.projection]->panels() : panels_for(network_.net.size_after(p));
    for (std::size_t k = 0; k < parts.size(); ++k) {
      if (parts[k]) {
        found[k] = outputs_[*parts[k]];
        continue;
      }
      any = true;
      if (network_.parts_of_ends.size() == buffers_used_) network_.parts_of_ends.emplace_back();
      aligned_vector<P>& buffer = network_.parts_of_ends[buffers_used_++];
      if (buffer.size() < panels * network_.lanes * panel_width) buffer.resize(panels * network_.lanes * panel_width);
      found[k] = made_[k] = buffer.data();
    }
    if (!any) return;
    ends_call<P> call;
    call.outputs = outputs_.data();
    call.gate = l.gate != nullptr && (l.gate_at == gate_position::pre) == at_pre ? l.gate->values() : nullptr;
    call.gate_at = l.gate_at;
    call.at_pre = at_pre;
    call.params = p.params.get();
    call.parts = made_.data();
    call.lanes = network_.lanes;
    call.panels = panels;
    l.ends(call);
  }

  source_list sources(learning_state<P>& l, bool track) const {
    if (track && l.idle.when_gate_is_zero && l.gate_at == gate_position::pre) return l.gate->active();
    if (track && l.idle.when_pre_is_zero && l.pre.size() == 1) return l.pre[0]->active();
    return network_.senders[l.projection]->everyone();
  }

  static constexpr double nanoseconds_per_product = sizeof(P) == 4 ? 0.03 : 0.06;

  network_state<P>& network_;
  worker_team& team_;
  std::vector<learn_call<P>> calls_;  ///< one a thread
  std::vector<const P*> pre_, post_, outputs_;
  std::vector<P*> made_;
  std::size_t buffers_used_ = 0;
};

}  // namespace locus
