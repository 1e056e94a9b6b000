#pragma once
/// Learning: which projections can change their weights in a tick, and their sweeps.

#include <algorithm>
#include <vector>

#include "sim/engine/network_state.hpp"
#include "sim/engine/worker_team.hpp"

namespace locus {

/// What a sweep over a projection came to.
struct sweep_result {
  bool moved = false;          ///< some bit changed
  bool weights_moved = false;  ///< some weight changed a bit
  bool finite = true;
};

template <class P>
class plasticity {
 public:
  plasticity(network_state<P>& network, worker_team& team) : network_(network), team_(team) {}

  /// Whether a projection's weights can change; without `track` every one is taken to.
  [[nodiscard]] bool can_learn(const learning_state<P>& l, bool track) const {
    if (!track) return true;
    if (l.settled) return false;
    if (l.idle.when_gate_is_zero && l.gate != nullptr && !l.gate->nonzero()) return false;
    bool sends = !l.idle.when_pre_is_zero;
    for (const outlet<P>* seen : l.pre.seen) sends = sends || seen->nonzero();
    return sends;
  }

  /// To be called before anything learns in a tick: sees which weights are those of another projection turned round.
  void look_at_mirrors() {
    for (learning_state<P>& l : network_.learning) {
      if (!l.mirrors || l.mirror_holds) continue;
      const projection_state<P>& other = network_.projections[network_.learning[*l.mirrors].projection];
      l.mirror_holds = network_.projections[l.projection].turned_round(other);
    }
  }

  /// Learns where that can change something. `keep_theta`: theta stays as it is.
  sweep_result sweep(learning_state<P>& l, tick_t now, bool track, bool keep_theta) {
    for (const outlet<P>* input : l.inputs) l.settled = l.settled && !input->changed(now);
    if (!can_learn(l, track)) return {};
    projection_state<P>& state = network_.projections[l.projection];
    sweep_result result;
    if (track && l.mirrors && l.mirror_holds == true) {
      // What it would learn, the other one has just learnt. With everything computed, this is computed as well.
      const std::size_t other = network_.learning[*l.mirrors].projection;
      result.moved = result.weights_moved = take_over(state, network_.projections[other], true);
    } else {
      result = sweep_all(l, track, keep_theta);
    }
    l.settled = !result.moved;
    if (result.weights_moved) state.mark_dirty();
    return result;
  }

  /// Gives the weights to the projections that share them.
  void give_to_readers(const learning_state<P>& l) {
    const projection_state<P>& state = network_.projections[l.projection];
    for (const std::size_t reader : l.readers) {
      projection_state<P>& read = network_.projections[reader];
      const bool transposed = network_.net.projections[reader].transposed;
      if (take_over(read, state, transposed)) read.mark_dirty();
    }
  }

 private:
  /// Puts the weights of `owner` in the place of a projection's, dense ones by all threads. Returns whether one changed
  /// since the last delivery.
  bool take_over(projection_state<P>& state, const projection_state<P>& owner, bool transposed) {
    if (state.kind() != transport::dense) {
      state.refresh_from(owner, transposed, network_.transfer);
      return state.dirty();
    }
    changed_.assign(team_.size(), 0);
    const double nanoseconds =
        nanoseconds_per_weight * static_cast<double>(state.mine().size() * panel_width * state.sources());
    team_.split(state.mine(), nanoseconds, [&](std::size_t part, std::size_t first, std::size_t last) {
      if (state.refresh_panels(owner, transposed, network_.transfer, first, last, part)) changed_[part] = 1;
    });
    return std::ranges::find(changed_, 1) != changed_.end();
  }

  sweep_result sweep_all(learning_state<P>& l, bool track, bool keep_theta) {
    projection_state<P>& state = network_.projections[l.projection];
    learn_call<P> whole;
    make_parts(l, l.pre, true);
    make_parts(l, l.post, false);
    whole.pre = l.pre.parts.data();
    whole.post = l.post.parts.data();
    whole.gate = l.gate != nullptr ? l.gate->values() : nullptr;
    whole.gate_at = l.gate_at;
    whole.gate_present = l.gate != nullptr ? l.gate->present() : nullptr;
    whole.params = network_.net.projections[l.projection].params.get();
    whole.lanes = network_.lanes;
    whole.keep_theta = keep_theta;
    whole.active = sources(l, track);
    const std::uint64_t changes = track ? 0 : state.changes();
    const std::size_t products = state.work() + state.work() / whole.lanes;
    const double nanoseconds = nanoseconds_per_product * static_cast<double>(products);
    std::size_t used = 0;
    if (const window_layout<P>* const window = state.window()) {
      used = sweep_places(l, *window, track, nanoseconds, whole);
    } else {
      calls_.assign(team_.size(), whole);
      used = team_.split(state.mine(), nanoseconds, [&](std::size_t part, std::size_t first, std::size_t last) {
        learn_call<P>& call = calls_[part];
        state.fill(call, part);
        call.first_panel = first;
        call.last_panel = last;
        l.kernel(call);
      });
    }
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

  /// A shared window learns from some places after the other, of which a near cache holds what the targets bring; each
  /// thread from all of them for some columns. Returns the number of parts.
  std::size_t sweep_places(const learning_state<P>& l, const window_layout<P>& layout, bool track, double nanoseconds,
                           learn_call<P> whole) {
    projection_state<P>& state = network_.projections[l.projection];
    window_copies<P>& copies = network_.windows.at(l.projection);
    const window_view& view = layout.view();
    const std::size_t lanes = network_.lanes, columns = layout.everyone().size();
    see_sources(l, layout, track, whole);
    copies.sums.resize(l.sums * state.panels() * columns * panel_width);
    whole.sums = copies.sums.data();
    whole.source_at = view.column_at;
    copies.gate_present.assign(state.panels(), 0xffff);  // nobody is taken to be silent
    whole.gate_present = copies.gate_present.data();
    const std::vector<const P*>& fields = l.post.parts;
    post_.resize(fields.size());
    whole.post = post_.data();
    const P* const gate = whole.gate;
    const std::size_t place = state.panels() * lanes * panel_width;  // numbers of a part
    const std::size_t at_once = std::min(view.places(), places_at_once(place * (fields.size() + 1)));
    copies.after.resize(fields.size() + 1);
    if (l.gate_at == gate_position::everywhere) {
      copies.after.back().resize(at_once * lanes * panel_width);
      for (std::size_t lane = 0; lane < at_once * lanes; ++lane)
        copies.after.back()[lane * panel_width] = gate[lane % lanes * panel_width];
      whole.gate = copies.after.back().data();
    }
    std::size_t used = 0;
    for (std::size_t first = 0; first < view.places(); first += at_once) {
      const std::size_t last = std::min(first + at_once, view.places());
      const auto collect = [&](const P* field, aligned_vector<P>& to) {
        to.resize(at_once * place);
        network_.transfer.collect(view, lanes, field, to.data(), first, last);
        return static_cast<const P*>(to.data());
      };
      for (std::size_t k = 0; k < fields.size(); ++k) post_[k] = collect(fields[k], copies.after[k]);
      if (l.gate_at == gate_position::post) whole.gate = collect(gate, copies.after.back());
      whole.lanes = (last - first) * lanes;
      whole.lane_at = layout.lane_at() + first * lanes;
      whole.first_places = first == 0;
      whole.last_places = last == view.places();
      calls_.assign(team_.size(), whole);
      const double share = static_cast<double>(last - first) / static_cast<double>(view.places());
      used = team_.split(columns, nanoseconds * share, [&](std::size_t part, std::size_t begin, std::size_t end) {
        learn_call<P>& call = calls_[part];
        state.fill(call, part);
        call.last_panel = state.panels();
        call.active = {layout.everyone().data() + begin, end - begin};
        l.kernel(call);
      });
    }
    return used;
  }

  /// So many places bring `numbers` each and stay in a near cache; they are turned by panels.
  static std::size_t places_at_once(std::size_t numbers) {
    constexpr std::size_t near = std::size_t{1} << 15u;  // bytes
    return std::max<std::size_t>(near / sizeof(P) / numbers / panel_width, 1) * panel_width;
  }

  /// Puts copies in the place of what the presynaptic ends bring to a shared window.
  void see_sources(const learning_state<P>& l, const window_layout<P>& layout, bool track, learn_call<P>& call) {
    window_copies<P>& copies = network_.windows.at(l.projection);
    pre_.resize(l.pre.parts.size());
    copies.before.resize(pre_.size() + 1);
    if (!track) copies.forget();
    const auto spread = [&](const P* field, const outlet<P>* of, window_copy<P>& to) {
      const bool sent = of != nullptr && of == network_.senders[l.projection];
      return network_.copy_of_sources(layout, field, of, sent ? copies.messages : to);
    };
    for (std::size_t k = 0; k < pre_.size(); ++k) pre_[k] = spread(l.pre.parts[k], l.pre.alias_of(k), copies.before[k]);
    if (l.gate_at == gate_position::pre) call.gate = spread(call.gate, l.gate, copies.before.back());
    call.pre = pre_.data();
  }

  /// What the rule takes from one end but does not find there as it is.
  void make_parts(const learning_state<P>& l, const end_state<P>& end, bool at_pre) {
    if (end.made.empty()) return;
    ends_call<P> call;
    call.outputs = end.outputs.data();
    call.gate = l.gate != nullptr && (l.gate_at == gate_position::pre) == at_pre ? l.gate->values() : nullptr;
    call.gate_at = l.gate_at;
    call.at_pre = at_pre;
    call.params = network_.net.projections[l.projection].params.get();
    call.parts = end.made.data();
    call.lanes = network_.lanes;
    call.panels = end.panels;
    l.kernels->ends(call);
  }

  source_list sources(learning_state<P>& l, bool track) const {
    if (track && l.idle.when_gate_is_zero && l.gate_at == gate_position::pre) return l.gate->active();
    if (track && l.idle.when_pre_is_zero && l.pre.seen.size() == 1) return l.pre.seen[0]->active();
    return network_.senders[l.projection]->everyone();
  }

  static constexpr double nanoseconds_per_product = sizeof(P) == 4 ? 0.03 : 0.06;
  static constexpr double nanoseconds_per_weight = sizeof(P) == 4 ? 0.2 : 0.4;  ///< to be taken over

  network_state<P>& network_;
  worker_team& team_;
  std::vector<learn_call<P>> calls_;   ///< one a thread
  std::vector<const P*> pre_, post_;   ///< [part]: copies for a shared window
  std::vector<std::uint8_t> changed_;  ///< [thread]: whether it took over a weight that differs
};

}  // namespace locus
