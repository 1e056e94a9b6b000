#pragma once
/// A population in the course of a run: its fields, outlets and activity.

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "sim/circuit/circuit.hpp"
#include "sim/engine/outlet.hpp"

namespace locus {

template <class P>
struct population_state {
  population_state(const population& p, std::size_t lane_count, const neuron_kernels<P>& model_kernels)
      : kernels(model_kernels),
        params(p.params.get()),
        size(p.size),
        lanes(lane_count),
        panels(panels_for(p.size)),
        memory(p.model->fields.size() * length()),
        clamped(p.model->has_clamp ? length() : 0),
        outlets(p.model->fields.size()),
        changes(p.model->fields.size()) {
    for (std::size_t f = 0; f < p.model->fields.size(); ++f) {
      const field& info = p.model->fields[f];
      fields.push_back(memory.data() + f * length());
      if (info.seen == visibility::sent) {
        outlets[f] = std::make_unique<outlet<P>>(fields[f], size, lanes);
        changes[f] = outlets[f]->counts();
      }
      if (info.event) events.push_back(f);
      registered = registered || info.by == writer::step;
    }
    for (std::size_t i = 0; i < panel_width; ++i) {
      last_valid[i] = (panels - 1) * panel_width + i < size ? P(1) : P(0);
    }
  }

  [[nodiscard]] std::size_t length() const noexcept { return panels * lanes * panel_width; }

  /// The call record of a sweep over the whole population.
  [[nodiscard]] neuron_call<P> call(const std::vector<const P*>& ports) const {
    neuron_call<P> c;
    c.fields = fields.data();
    c.ports = ports.data();
    c.params = params;
    c.changes = changes.data();
    c.last_valid = last_valid.data();
    c.lanes = lanes;
    c.panels = panels;
    c.last_panel = panels;
    return c;
  }

  const neuron_kernels<P>& kernels;
  const void* params;
  std::size_t size;
  std::size_t lanes;
  std::size_t panels;
  aligned_vector<P> memory;
  std::vector<P*> fields;
  aligned_vector<P> clamped;                        ///< what a stimulus imposes
  std::vector<std::unique_ptr<outlet<P>>> outlets;  ///< [field]; null for hidden fields
  std::vector<P*> changes;                          ///< [field]
  std::vector<std::size_t> events;                  ///< fields that are events
  std::array<P, panel_width> last_valid{};
  bool registered = false;  ///< some field is written by step, clamp or emit

  std::vector<const P*> step_ports;
  std::vector<std::vector<const P*>> reaction_ports;

  bool clamp_on = false;
  bool clamp_changed = false;               ///< went on, off, or to other values since the last tick
  std::optional<std::size_t> imposed_from;  ///< index of the port that is imposed in the next tick
  bool step_moved = true;                   ///< the last commit changed a bit
  std::array<bool, max_reactions> reaction_moved{};
  tick_t own_change = never;  ///< last tick in which one of its fields changed a bit
};

}  // namespace locus
