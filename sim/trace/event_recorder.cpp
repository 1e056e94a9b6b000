#include "sim/trace/event_recorder.hpp"

#include <algorithm>
#include <cstring>

#include "sim/trace/spike_order.hpp"

namespace locus {

namespace {

/// Calls f(index) for each of `count` numbers that is not zero.
template <class T, class F>
void each_nonzero(const std::byte* bytes, std::size_t count, F&& f) {
  for (std::size_t i = 0; i < count; ++i) {
    T number;
    std::memcpy(&number, bytes + i * sizeof(T), sizeof(T));
    if (number != T(0)) f(i);
  }
}

/// Events of a model with one event variable go by the population's name alone.
std::string group_of(const circuit& c, output_id id) {
  const population& p = c.populations[id.population];
  const auto& fields = p.model->fields;
  const auto events = std::count_if(fields.begin(), fields.end(), [](const field& f) { return f.event; });
  return "/spikes/" + (events == 1 ? p.name : c.name_of(id));
}

}  // namespace

event_recorder::event_recorder(const circuit& c, const trace_layout& layout)
    : lanes_(c.lanes), single_(layout.single), reader_(c, layout.single) {
  std::size_t largest = 0;
  for (const recorded_variable& v : layout.variables) {
    if (v.projection || !c.populations[v.field.population].model->fields[v.field.field].event) continue;
    tables_.push_back({group_of(c, v.field),
                       "event",
                       {{"timestamps", number_kind::f64, "tick", "tick of the event"},
                        {"node_ids", number_kind::u64, "1", "neuron"},
                        {"lanes", number_kind::u32, "1", "lane"}}});
    variables_.push_back(v);
    largest = std::max(largest, v.indices.size() * lanes_);
  }
  events_.resize(tables_.size());
  values_.resize(largest * layout.number_bytes());
}

void event_recorder::prepare(const hdf5::object& file) const {
  for (const table_layout& table : tables_) set_sorted_by_time(hdf5::open_group(file, table.group));
}

void event_recorder::find(const simulator& s) {
  for (std::size_t k = 0; k < events_.size(); ++k) {
    const recorded_variable& v = variables_[k];
    reader_.read(s, v, values_.data());
    events_[k].clear();
    const auto note = [this, &v, &list = events_[k]](std::size_t i) {
      list.push_back({v.indices[i / lanes_], static_cast<std::uint32_t>(i % lanes_)});
    };
    const std::size_t count = v.indices.size() * lanes_;
    if (single_) each_nonzero<float>(values_.data(), count, note);
    else each_nonzero<double>(values_.data(), count, note);
  }
}

void event_recorder::add(tick_t tick, std::span<table_rows> to) const {
  for (std::size_t k = 0; k < events_.size(); ++k) {
    for (const event& e : events_[k]) to[k].add(static_cast<double>(tick), e.node, e.lane);
  }
}

void event_recorder::see(tick_t tick, bool recorded, const simulator& s, std::span<table_rows> to) {
  if (!recorded) return;
  find(s);
  add(tick, to);
}

void event_recorder::see_quiet(const window& ticks, bool recorded, const simulator& s, std::span<table_rows> to) {
  if (!recorded) return;
  find(s);
  const bool any = std::any_of(events_.begin(), events_.end(), [](const auto& list) { return !list.empty(); });
  for (tick_t tick = ticks.first; any && tick < ticks.last; ++tick) add(tick, to);
}

}  // namespace locus
