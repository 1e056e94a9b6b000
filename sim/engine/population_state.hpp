#pragma once
/// A population in the course of a run: its fields, outlets and activity.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/circuit/circuit.hpp"
#include "sim/core/archive.hpp"
#include "sim/core/partition.hpp"
#include "sim/engine/outlet.hpp"
#include "sim/engine/panel_versions.hpp"

namespace locus {

/// One of a model's sweeps: its step (with clamp and emit), or a reaction.
template <class P>
struct phase_state {
  explicit phase_state(std::size_t panels) : moved(panels), awake(panels), seen(panels) {}

  std::vector<std::size_t> port_indices;  ///< in network_state::ports
  std::vector<const P*> ports;            ///< what they hold
  neuron_kernel<P> kernel = nullptr;
  std::vector<std::uint8_t> moved;  ///< [panel]: the last sweep changed a bit of its fields
  std::vector<std::uint8_t> awake;  ///< [panel]: which panels the present sweep has to do
  seen_panels seen;                 ///< of the population's fields, before the last sweep
};

template <class P>
struct population_state {
  population_state(const population& p, std::size_t lane_count, const neuron_kernels<P>& kernels,
                   const partition& ranks)
      : params(p.params.get()),
        size(p.size),
        lanes(lane_count),
        panels(panels_for(p.size)),
        mine(ranks.mine(panels)),
        phases(1 + p.model->reactions.size(), phase_state<P>(panels)),
        memory(p.model->fields.size() * length()),
        clamped(p.model->has_clamp ? length() : 0),
        versions(panels),
        outlets(p.model->fields.size()),
        changes(p.model->fields.size()),
        present(p.model->fields.size()),
        events(p.model->fields.size()),
        event_counts(p.model->fields.size()) {
    for (std::size_t k = 0; k < phases.size(); ++k) {
      phases[k].kernel = k == 0 ? kernels.advance : kernels.react[k - 1];
    }
    for (std::size_t f = 0; f < p.model->fields.size(); ++f) {
      const field& info = p.model->fields[f];
      fields.push_back(memory.data() + f * length());
      if (info.seen == visibility::sent) {
        outlets[f] = std::make_unique<outlet<P>>(fields[f], size, lanes, phase(info.by).moved.data());
        present[f] = outlets[f]->present();
      }
      if (info.event) {
        event_counts[f].resize(panels);
        events[f] = event_counts[f].data();
      }
      registered = registered || info.by == writer::step;
    }
    for (std::size_t i = 0; i < panel_width; ++i) {
      using bits = std::conditional_t<sizeof(P) == 4, std::uint32_t, std::uint64_t>;
      last_valid[i] = (panels - 1) * panel_width + i < size ? std::bit_cast<P>(~bits{0}) : P(0);
    }
  }

  [[nodiscard]] std::size_t length() const noexcept { return panels * lanes * panel_width; }

  [[nodiscard]] phase_state<P>& phase(writer by) noexcept { return phases[static_cast<std::size_t>(by) + 1]; }
  [[nodiscard]] const phase_state<P>& phase(writer by) const noexcept {
    return phases[static_cast<std::size_t>(by) + 1];
  }

  /// Somebody wants to know of changes of this output: what nobody listens to is not counted.
  outlet<P>& listen(std::size_t f) {
    changes[f] = outlets[f]->listen();
    return *outlets[f];
  }

  /// Whether a field changed since this phase last looked.
  [[nodiscard]] bool unseen(const phase_state<P>& p) const noexcept { return p.seen.unseen(versions); }

  /// After a sweep: where fields changed.
  void note_moved(const phase_state<P>& p, bool any) {
    if (any) versions.note(p.moved);
  }

  /// Notes that any field may have changed by other means than a sweep.
  void touch() { versions.note_all(); }

  /// Of each phase, what it has still to see, and what its last sweep moved.
  void serialize_phases(archive& a) {
    for (std::size_t k = 0; k < phases.size(); ++k) {
      const std::string name = k == 0 ? "step" : fmt::format("reaction{}", k - 1);
      phases[k].seen.serialize(a, name, versions);
      a.values(name + "_moved", std::span(phases[k].moved));
    }
  }

  /// Counts the ones of event fields anew, from their values.
  void count_events() {
    for (std::size_t f = 0; f < event_counts.size(); ++f) {
      if (event_counts[f].empty()) continue;
      const auto of_panel = static_cast<std::ptrdiff_t>(lanes * panel_width);
      const P* first = fields[f];
      for (std::uint32_t& count : event_counts[f]) {
        count = static_cast<std::uint32_t>(of_panel - std::count(first, first + of_panel, P(0)));
        first += of_panel;
      }
    }
  }

  /// Ones of an event field in all lanes, in the present tick.
  [[nodiscard]] std::uint64_t ones(std::size_t f) const {
    std::uint64_t sum = 0;
    for (const std::uint32_t n : event_counts[f]) sum += n;
    return sum;
  }

  [[nodiscard]] std::size_t bytes() const noexcept {
    std::size_t sum = (memory.size() + clamped.size()) * sizeof(P) + versions.memory();
    for (const phase_state<P>& p : phases) sum += p.moved.size() + p.awake.size() + p.seen.memory();
    for (const auto& out : outlets) sum += out ? out->memory() : 0;
    for (const auto& counts : event_counts) sum += counts.size() * sizeof(std::uint32_t);
    return sum;
  }

  /// The call record of a sweep over what this rank owns of the population.
  [[nodiscard]] neuron_call<P> call(phase_state<P>& p) const {
    neuron_call<P> c;
    c.fields = fields.data();
    c.ports = p.ports.data();
    c.params = params;
    c.changes = changes.data();
    c.present = present.data();
    c.events = events.data();
    c.moved_panels = p.moved.data();
    c.last_valid = last_valid.data();
    c.lanes = lanes;
    c.panels = panels;
    c.first_panel = mine.first;
    c.last_panel = mine.last;
    return c;
  }

  const void* params;
  std::size_t size;
  std::size_t lanes;
  std::size_t panels;
  panel_range mine;                    ///< what this rank computes of it; the rest it is told
  std::vector<phase_state<P>> phases;  ///< the step, then the reactions
  aligned_vector<P> memory;
  std::vector<P*> fields;
  aligned_vector<P> clamped;  ///< what a stimulus imposes
  panel_versions versions;
  std::vector<std::unique_ptr<outlet<P>>> outlets;       ///< [field]; null for hidden fields
  std::vector<P*> changes;                               ///< [field]
  std::vector<std::uint16_t*> present;                   ///< [field]
  std::vector<std::uint32_t*> events;                    ///< [field]
  std::vector<std::vector<std::uint32_t>> event_counts;  ///< [field][panel], empty unless it is an event
  std::array<P, panel_width> last_valid{};
  bool registered = false;  ///< some field is written by step, clamp or emit

  bool clamp_on = false;
  bool clamp_changed = false;  ///< went on, off, or to other values since the last tick
  tick_t clamp_since = never;  ///< tick in which it was last put on
  tick_t imposed_at = never;   ///< last tick in which it was imposed
  bool imposed_next = false;   ///< its state is imposed in the next tick
};

}  // namespace locus
