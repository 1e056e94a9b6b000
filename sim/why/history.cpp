#include "sim/why/history.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "sim/core/bits.hpp"
#include "sim/core/errors.hpp"
#include "sim/engine/field_values.hpp"

namespace locus {
namespace {

constexpr std::uint64_t array_bytes =
    96;  // of a kept array, beside its numbers: what points to it, and the allocator's

bool same_numbers(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0;
}

}  // namespace

history::history(const circuit& c, std::uint64_t bytes, tick_t from) : net_(c), bytes_(bytes), from_(from) {
  std::size_t n = 0;
  for (const population& p : c.populations) {
    first_field_.push_back(n);
    n += p.model->fields.size();
  }
  n = 0;
  for (const projection& p : c.projections) {
    first_synapse_.push_back(n);
    n += kept_fields(p);
  }
}

kept_tick history::look(tick_t tick, const simulator& s, bool synapses) const {
  kept_tick k;
  k.tick = tick;
  for (std::size_t p = 0; p < net_.populations.size(); ++p) {
    k.held.push_back(s.held_since(p));
    for (std::size_t f = 0; f < net_.populations[p].model->fields.size(); ++f)
      k.fields.push_back(std::make_shared<const std::vector<double>>(field_values(s, {p, f})));
  }
  if (!synapses) {
    k.synapses = ticks_.back().synapses;
    return k;
  }
  for (std::size_t i = 0; i < net_.projections.size(); ++i) {
    const std::size_t count = kept_fields(net_.projections[i]);
    for (std::size_t f = 0; f < count; ++f)
      k.synapses.push_back(std::make_shared<const std::vector<double>>(f == 0 ? s.weights(i) : s.synapse_field(i, f)));
  }
  return k;
}

std::uint64_t history::bytes_of_tick(const circuit& c) {
  std::uint64_t bytes = 0;
  for (const population& p : c.populations)
    bytes += p.model->fields.size() * (std::uint64_t{p.size} * c.lanes * sizeof(double) + array_bytes);
  for (const projection& p : c.projections) {
    for (std::size_t f = 0; f < kept_fields(p); ++f) {
      const std::uint64_t lanes = p.synapse->state[f].per_lane ? c.lanes : 1;
      bytes += std::uint64_t{c.weights(p)} * lanes * sizeof(double) + array_bytes;
    }
  }
  return bytes;
}

void history::keep(kept_tick k) {
  if (std::exchange(concluded_, false)) {
    held_bytes_ -= sizes_.back();
    ticks_.pop_back();
    sizes_.pop_back();
  }
  std::uint64_t added = 0;
  const auto share = [&](std::vector<kept_tick::numbers>& now, const std::vector<kept_tick::numbers>* before) {
    for (std::size_t i = 0; i < now.size(); ++i) {
      if (before != nullptr && ((*before)[i] == now[i] || same_numbers(*(*before)[i], *now[i]))) now[i] = (*before)[i];
      else added += now[i]->size() * sizeof(double) + array_bytes;
    }
  };
  share(k.fields, ticks_.empty() ? nullptr : &ticks_.back().fields);
  share(k.synapses, ticks_.empty() ? nullptr : &ticks_.back().synapses);
  added += sizeof(kept_tick) + (k.fields.size() + k.synapses.size()) * sizeof(kept_tick::numbers) +
           k.held.size() * sizeof(k.held.front());
  last_ = k.tick + 1;
  ticks_.push_back(std::move(k));
  sizes_.push_back(added);
  held_bytes_ += added;
  constexpr std::size_t fewest = 2;
  while (held_bytes_ > bytes_ && ticks_.size() > fewest) {
    held_bytes_ -= sizes_.front();
    ticks_.pop_front();
    sizes_.pop_front();
  }
}

void history::on_tick(tick_t tick, const simulator& s) {
  if (tick < from_) return;
  const std::uint64_t changes = s.counters().weight_changes;
  const bool other = ticks_.empty() || weight_changes_ != changes;
  weight_changes_ = changes;
  keep(look(tick, s, other));
}

void history::on_quiet(tick_t first, tick_t last, const simulator& s) {
  if (last <= from_) return;
  concluded_ = false;  // the first quiet tick is what was concluded
  if (ticks_.empty()) on_tick(std::max(first, from_), s);
  last_ = last;
}

void history::conclude(const simulator& s) {
  if (ticks_.empty() || concluded_) return;
  kept_tick k = look(last_, s, true);
  k.fields = ticks_.back().fields;
  k.held = ticks_.back().held;
  keep(std::move(k));
  concluded_ = true;
}

void history::add(tick_t tick, std::vector<std::vector<double>> fields, std::vector<std::vector<double>> synapses,
                  std::vector<std::optional<tick_t>> held) {
  if (!ticks_.empty() && tick < last_) throw internal_error("history: ticks must ascend");
  kept_tick k;
  k.tick = tick;
  for (auto& each : fields) k.fields.push_back(std::make_shared<const std::vector<double>>(std::move(each)));
  for (auto& each : synapses) k.synapses.push_back(std::make_shared<const std::vector<double>>(std::move(each)));
  k.held = std::move(held);
  keep(std::move(k));
}

window history::extent() const noexcept {
  if (ticks_.empty()) return {0, 0};
  return {ticks_.front().tick, last_};
}

bool history::knows(tick_t tick) const noexcept {
  if (ticks_.empty() || tick >= last_) return false;
  return tick >= ticks_.front().tick || ticks_.front().tick == 0;
}

std::size_t history::at(tick_t tick) const {
  if (!knows(tick)) throw internal_error("history: a tick that is not kept");
  const auto after =
      std::upper_bound(ticks_.begin(), ticks_.end(), tick, [](tick_t t, const kept_tick& k) { return t < k.tick; });
  return static_cast<std::size_t>(after - ticks_.begin()) - (after == ticks_.begin() ? 0 : 1);
}

double history::value(output_id field, std::size_t neuron, std::size_t lane, tick_t tick) const {
  if (tick < 0) return 0;
  return (*ticks_[at(tick)].fields[first_field_[field.population] + field.field])[neuron * net_.lanes + lane];
}

std::size_t history::place(std::size_t projection, std::size_t field, std::size_t k, std::size_t lane) const {
  return net_.projections[projection].synapse->state[field].per_lane ? k * net_.lanes + lane : k;
}

double history::synapse(std::size_t projection, std::size_t field, std::size_t k, std::size_t lane, tick_t tick) const {
  const std::size_t which = first_synapse_[projection] + field;
  return (*ticks_[at(tick)].synapses[which])[place(projection, field, k, lane)];
}

std::optional<tick_t> history::held_since(std::size_t population, tick_t tick) const {
  if (tick < 0) return std::nullopt;
  return ticks_[at(tick)].held[population];
}

template <class Value>
std::optional<tick_t> history::change_before(tick_t tick, bool zero_at_birth, Value&& value) const {
  std::size_t i = at(tick);
  const double now = value(ticks_[i]);
  while (i > 0 && same_bits(value(ticks_[i - 1]), now)) --i;
  if (i > 0) return ticks_[i].tick;
  const bool born = ticks_.front().tick == 0;
  return born && zero_at_birth && !same_bits(now, 0.0) ? std::optional<tick_t>(0) : std::nullopt;
}

std::optional<tick_t> history::last_change(output_id field, std::size_t neuron, std::size_t lane, tick_t tick) const {
  if (tick < 0) return std::nullopt;
  const std::size_t which = first_field_[field.population] + field.field;
  return change_before(tick, true, [&](const kept_tick& k) { return (*k.fields[which])[neuron * net_.lanes + lane]; });
}

std::optional<tick_t> history::last_change_of_synapse(std::size_t projection, std::size_t field, std::size_t k,
                                                      std::size_t lane, tick_t tick) const {
  if (tick < 0) return std::nullopt;
  const std::size_t which = first_synapse_[projection] + field, number = place(projection, field, k, lane);
  return change_before(tick, false, [&](const kept_tick& t) { return (*t.synapses[which])[number]; });
}

}  // namespace locus
