#include "sim/trace/change_recorder.hpp"

#include <algorithm>
#include <cstring>

#include "sim/trace/synapse_ends.hpp"
#include "sim/trace/trace_datasets.hpp"

namespace locus {

change_recorder::change_recorder(const circuit& c, const trace_layout& layout)
    : circuit_(c), number_bytes_(layout.number_bytes()), reader_(c, layout.single) {
  const number_kind value = layout.single ? number_kind::f32 : number_kind::f64;
  for (const recorded_variable& v : layout.variables) {
    if (!v.on_change) continue;
    const variable_names names = names_of(c, v);
    tables_.push_back(
        {"/changes/" + names.group + "/" + names.variable,
         "change",
         {{"tick", number_kind::i64, "tick", "first tick of the value"},
          v.projection ? table_column{"synapse", number_kind::u32, "1", "row of the scales source and target"}
                       : table_column{"neuron", number_kind::u32, "1", "neuron"},
          {"lane", number_kind::u32, "1", "lane"},
          {"value", value, names.units, names.long_name}}});
    const std::size_t count = v.indices.size() * (v.per_lane ? c.lanes : 1);
    followed_.push_back({v, std::vector<std::byte>(count * number_bytes_)});
    now_.resize(std::max(now_.size(), followed_.back().last.size()));
  }
}

void change_recorder::prepare(const hdf5::object& file) const {
  for (const followed& f : followed_) {
    if (!f.variable.projection) continue;
    const projection& p = circuit_.projections[*f.variable.projection];
    const synapse_ends ends = ends_of(circuit_, p);
    (void)write_ends(file, names_of(circuit_, f.variable), ends);
  }
}

void change_recorder::see(tick_t tick, bool recorded, const simulator& s, std::span<table_rows> to) {
  if (!recorded) return;
  for (std::size_t k = 0; k < followed_.size(); ++k) {
    followed& f = followed_[k];
    reader_.read(s, f.variable, now_.data());
    const std::size_t bytes = f.last.size();
    if (f.noted && std::memcmp(now_.data(), f.last.data(), bytes) == 0) continue;
    const std::size_t lanes = f.variable.per_lane ? circuit_.lanes : 1;
    for (std::size_t at = 0, i = 0; at < bytes; at += number_bytes_, ++i) {
      if (f.noted && std::memcmp(now_.data() + at, f.last.data() + at, number_bytes_) == 0) continue;
      to[k].add_with(now_.data() + at, tick, f.variable.indices[i / lanes], static_cast<std::uint32_t>(i % lanes));
    }
    std::copy_n(now_.data(), bytes, f.last.data());
    f.noted = true;
  }
}

void change_recorder::see_quiet(const window& ticks, bool recorded, const simulator& s, std::span<table_rows> to) {
  see(ticks.first, recorded, s, to);
}

}  // namespace locus
