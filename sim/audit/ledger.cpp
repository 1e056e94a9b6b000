#include "sim/audit/ledger.hpp"

#include <algorithm>

#include "sim/audit/traced.hpp"

namespace locus::detail {

std::uint32_t ledger::passed_on(const entity_ref& who, std::uint32_t before, std::size_t field) {
  // A state that keeps itself (b <- b - ...), or hears itself over others, does not get longer paths by doing so.
  if (const std::uint32_t visited = out_.paths.visit(before, who)) return visited;
  return out_.paths.add({before, step_kind::passed_on, who, tick_, who, field, tick_, 0});
}

std::uint32_t ledger::smuggled(const entity_ref& who, std::uint32_t foreign) {
  const foreign_read read = tracing::foreign(foreign);
  trail_step s{0, step_kind::smuggled, who, tick_, who, unknown_field, never, read.value};
  const auto next = std::upper_bound(blocks_.begin(), blocks_.end(), read.source,
                                     [](std::uint64_t n, const evaluation_block& b) { return n < b.first; });
  if (next != blocks_.begin()) locate(*std::prev(next), read, s);
  return out_.paths.add(s);
}

/// Whose state it was that was smuggled; unknown if it is of another audit.
void ledger::locate(const evaluation_block& b, const foreign_read& read, trail_step& s) const {
  const std::size_t offset = read.source - b.first;
  const std::uint64_t entities = b.sampled != nullptr ? b.sampled->size()
                                 : b.is_synapse       ? net_.weights(net_.projections[b.group])
                                                      : net_.populations[b.group].size;
  if (offset >= entities) return;
  s.source = {b.is_synapse, b.group, b.sampled == nullptr ? offset : (*b.sampled)[offset]};
  s.source_tick = b.tick;
  s.field = weight_field;
  if (b.is_synapse) return;
  const model_declaration& model = *net_.populations[b.group].model;
  s.field = (read.slots >> clamp_slot & 1) != 0 ? imposed_field : received_field;
  for (unsigned f = 0; f < model.fields.size(); ++f) {
    if ((read.slots >> f & 1) == 0) continue;
    s.field = f;
    return;
  }
}

void ledger::tally(write_tallies& all, const entity_ref& who, std::size_t field, std::uint32_t trail, double before,
                   double after) {
  std::uint32_t origin = trail;
  while (out_.paths.step(origin).before != 0) origin = out_.paths.step(origin).before;
  write_tally& t = all[{who.is_synapse, who.group, field, static_cast<int>(out_.paths.step(origin).kind)}];
  const bool changed = !same_bits(before, after);
  t.changes += changed ? 1 : 0;
  if (t.count++ != 0 && (t.changed || !changed)) return;
  t = {t.count, t.changes, who, field, tick_, changed, before, after, out_.paths.chain(trail)};
}

void ledger::compare(const entity_ref& who, std::size_t field, double traced, double production) {
  if (out_.difference || same_bits(traced, production)) return;
  out_.difference = tracing_difference{who, field, tick_, traced, production};
}

void ledger::count_message(const std::string& sender, const std::string& receiver, bool synapses, std::uint64_t n) {
  if (n == 0) return;
  control_traffic& t = out_.control[sender];
  (synapses ? t.to_synapses : t.to_neurons) += n;
  t.receivers[receiver] += n;
}

void ledger::count_imposition(std::size_t population, std::uint64_t neurons) {
  count_message("outside (imposed state)", net_.populations[population].name, false, neurons);
}

/// To connected neurons, and to synapses that look at the source as their modulator.
void ledger::count_change(const control_source& s, std::size_t field) {
  const output_id output{s.population, field};
  const std::string& name = net_.populations[s.population].name;
  for (const projection& p : net_.projections) {
    const bool gates = p.learns() && p.gate == output;
    if (!gates && p.from != output) continue;
    std::uint64_t messages = 0, gated = 0;
    each_connection(net_, p, [&](std::size_t pre, std::size_t post, std::size_t) {
      if (p.from == output && pre == s.neuron) ++messages;
      if (gates && s.neuron == modulator_of(p, {pre, post})) ++gated;
    });
    count_message(name, net_.populations[p.to.population].name, false, messages);
    count_message(name, p.name, true, gated);
  }
}

}  // namespace locus::detail
