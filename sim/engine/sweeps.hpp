#pragma once
/// Sweeps of models' rules over populations, and which of them are needed.

#include <algorithm>

#include "sim/engine/network_state.hpp"
#include "sim/engine/worker_team.hpp"

namespace locus {

template <class P>
class sweeps {
 public:
  sweeps(network_state<P>& network, worker_team& team) : network_(network), team_(team) {}

  /// Whether a phase of population n can change anything: a field changed since it last ran, or a port in tick
  /// `messages_of`.
  [[nodiscard]] bool needed(std::size_t n, writer by, tick_t messages_of) const {
    const phase_state<P>& phase = network_.populations[n].phase(by);
    return network_.populations[n].unseen(phase) || port_changed(phase, messages_of);
  }

  /// Runs a phase where it is needed, or everywhere. `with_step`, `imposed`: as in neuron_call. Returns whether all
  /// that it computed is finite.
  bool run(std::size_t n, writer by, tick_t now, tick_t messages_of, bool everywhere, bool with_step = true,
           const P* imposed = nullptr) {
    population_state<P>& p = network_.populations[n];
    phase_state<P>& phase = p.phase(by);
    neuron_call<P> call = p.call(phase);
    call.clamp = imposed;
    call.with_step = with_step;
    if (!everywhere) {
      wake(p, phase, messages_of);
      call.awake = phase.awake.data();
    }
    panels_ += everywhere ? p.mine.size()
                          : static_cast<std::size_t>(std::count(
                                phase.awake.begin() + static_cast<std::ptrdiff_t>(p.mine.first),
                                phase.awake.begin() + static_cast<std::ptrdiff_t>(p.mine.last), std::uint8_t{1}));
    phase.seen.see(p.versions);
    sweep(phase, call);
    if (now == network_.first_tick) std::fill(phase.moved.begin(), phase.moved.end(), std::uint8_t{1});
    p.note_moved(phase, call.moved || now == network_.first_tick);
    const std::vector<field>& fields = network_.net.populations[n].model->fields;
    for (std::size_t f = 0; f < fields.size(); ++f) {
      if (fields[f].by != by || !p.outlets[f]) continue;
      if (now == network_.first_tick) p.outlets[f]->note_first(now);
      else p.outlets[f]->note(now, call.changed[f]);
    }
    return call.finite;
  }

  /// Panels that phases ran over so far.
  [[nodiscard]] std::uint64_t panels() const noexcept { return panels_; }

 private:
  bool port_changed(const phase_state<P>& phase, tick_t t) const {
    return std::any_of(phase.port_indices.begin(), phase.port_indices.end(),
                       [&](std::size_t q) { return network_.ports[q].changed(t); });
  }

  void wake(const population_state<P>& p, phase_state<P>& phase, tick_t messages_of) const {
    // Bytes may alias anything: what the loop needs is copied into locals, so that they become vector loops.
    const std::size_t panels = p.panels;
    std::uint8_t* const awake = phase.awake.data();
    phase.seen.mark_unseen(p.versions, phase.awake);
    for (const std::size_t q : phase.port_indices) {
      if (!network_.ports[q].changed(messages_of)) continue;
      const std::uint8_t* const moved = network_.ports[q].moved_panels();
      if (moved == nullptr) return phase.awake.assign(panels, 1);
      for (std::size_t i = 0; i < panels; ++i) awake[i] |= moved[i];
    }
  }

  void sweep(phase_state<P>& phase, neuron_call<P>& whole) {
    if (team_.size() == 1) return phase.kernel(whole);
    calls_.assign(team_.size(), whole);
    const panel_range mine{whole.first_panel, whole.last_panel};
    const double nanoseconds = nanoseconds_per_vector * static_cast<double>(mine.size() * whole.lanes);
    const std::size_t used = team_.split(mine, nanoseconds, [&](std::size_t part, std::size_t first, std::size_t last) {
      calls_[part].first_panel = first;
      calls_[part].last_panel = last;
      phase.kernel(calls_[part]);
    });
    for (std::size_t part = 0; part < used; ++part) {
      whole.moved = whole.moved || calls_[part].moved;
      whole.finite = whole.finite && calls_[part].finite;
      for (std::size_t f = 0; f < max_fields; ++f) whole.changed[f] += calls_[part].changed[f];
    }
  }

  static constexpr double nanoseconds_per_vector = sizeof(P) == 4 ? 10 : 20;  ///< of 16 neurons in a lane

  network_state<P>& network_;
  worker_team& team_;
  std::vector<neuron_call<P>> calls_;  ///< one a thread
  std::uint64_t panels_ = 0;
};

}  // namespace locus
