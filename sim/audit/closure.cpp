#include "sim/audit/closure.hpp"

#include <algorithm>

namespace locus {

closure::closure(const circuit& c) : net_(c), schedule_(make_schedule(c)) {
  for (const population& p : c.populations) {
    fields_.emplace_back(p.model->fields.size(), marks(p.size, 0));
    ports_.emplace_back(p.model->ports.size(), marks(p.size, 0));
    incoming_.emplace_back(p.model->ports.size());
  }
  for (std::size_t i = 0; i < c.projections.size(); ++i) {
    const projection& p = c.projections[i];
    incoming_[p.to.population][p.to.port].push_back(i);
    weights_.emplace_back(p.synapse != nullptr ? c.weights(p) : 0, std::uint8_t{0});
    for (const std::uint32_t delay : delays_of(p)) {
      if (delay == 0) continue;
      make_late(p.from, delay);
      if (!p.learns()) continue;
      for (const output_id& seen : p.pre) make_late(seen, delay);
      if (p.gate && p.gate_at == gate_end::pre) make_late(*p.gate, delay);
    }
  }
}

void closure::make_late(output_id output, std::uint32_t delay) {
  const std::size_t size = net_.populations[output.population].size;
  late_.try_emplace({output.population, output.field, delay}, late_marks{std::vector<marks>(delay, marks(size, 0)), 0});
}

void closure::disturb_weight(std::size_t projection, std::size_t connection) { weights_[projection][connection] = 1; }

void closure::run_tick() {
  commit();
  for (const scheduled_reaction& r : schedule_) {
    const phase_info& phase = net_.populations[r.population].model->reactions[r.reaction];
    for (const std::size_t q : phase.ports) deliver(r.population, q);
    write(r.population, static_cast<writer>(r.reaction), phase);
  }
  for (std::size_t n = 0; n < ports_.size(); ++n) {
    for (std::size_t q = 0; q < ports_[n].size(); ++q) deliver(n, q);
  }
  for (std::size_t i = 0; i < net_.projections.size(); ++i) {
    if (net_.projections[i].learns()) learn(i);
  }
  for (auto& [key, line] : late_) {
    const auto& [population, field, delay] = key;
    line.ring[line.oldest] = fields_[population][field];
    line.oldest = (line.oldest + 1) % line.ring.size();
  }
}

void closure::commit() {
  const phase_info none;
  for (std::size_t n = 0; n < net_.populations.size(); ++n) {
    const auto& step = net_.populations[n].model->step;
    write(n, writer::step, step ? *step : none);
  }
  for (const disturbance& d : disturbed_) {
    // Outputs that follow from the disturbed state are committed with it.
    const population& p = net_.populations[d.field.population];
    const writer by = p.model->fields[d.field.field].by;
    for (std::size_t f = 0; f < p.model->fields.size(); ++f) {
      if (p.model->fields[f].by == by) fields_[d.field.population][f][d.neuron] = 1;
    }
  }
  disturbed_.clear();
}

/// A rule may use all of its neuron's state and the ports of its phase.
void closure::write(std::size_t n, writer by, const phase_info& phase) {
  const population& p = net_.populations[n];
  for (std::size_t i = 0; i < p.size; ++i) {
    const auto marked = [&](const marks& m) { return m[i] != 0; };
    bool may = std::any_of(fields_[n].begin(), fields_[n].end(), marked);
    for (const std::size_t q : phase.ports) may = may || ports_[n][q][i] != 0;
    for (std::size_t f = 0; may && f < fields_[n].size(); ++f) {
      if (p.model->fields[f].by == by) fields_[n][f][i] = 1;
    }
  }
}

const closure::marks& closure::arriving(output_id output, std::uint32_t delay) const {
  if (delay == 0) return fields_[output.population][output.field];
  const late_marks& line = late_.at({output.population, output.field, delay});
  return line.ring[line.oldest];
}

void closure::deliver(std::size_t population, std::size_t port) {
  for (std::size_t i = 0; i < ports_[population][port].size(); ++i) {
    std::uint8_t may = 0;
    for (const std::size_t index : incoming_[population][port]) {
      const projection& p = net_.projections[index];
      each_source(net_, p, i, [&](std::size_t j, std::size_t k) {
        may |= arriving(p.from, delay_of(p, k))[j];
        if (p.synapse != nullptr)
          may |= p.shared_with ? weights_[*p.shared_with][owner_connection(net_, p, k)] : weights_[index][k];
      });
    }
    ports_[population][port][i] = may;
  }
}

void closure::learn(std::size_t i) {
  const projection& p = net_.projections[i];
  each_connection(net_, p, [&](std::size_t j, std::size_t target, std::size_t k) {
    for (const output_id& seen : p.pre) weights_[i][k] |= arriving(seen, delay_of(p, k))[j];
    for (const output_id& seen : p.post) weights_[i][k] |= fields_[seen.population][seen.field][target];
    if (!p.gate) return;
    weights_[i][k] |= arriving(*p.gate, delay_of_gate(p, k))[modulator_of(p, {j, target})];
  });
}

}  // namespace locus
