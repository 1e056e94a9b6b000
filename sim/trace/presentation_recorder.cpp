#include "sim/trace/presentation_recorder.hpp"

namespace locus {

presentation_recorder::presentation_recorder(const circuit& c) : lanes_(c.lanes) {
  tables_.push_back({"/presentations",
                     "presentation",
                     {{"tick", number_kind::i64, "tick", "first tick of the presentation"},
                      {"teacher", number_kind::i64, "tick", "first tick with the teacher"},
                      {"end", number_kind::i64, "tick", "first tick after the presentation"},
                      {"number", number_kind::u64, "1", "presentation, counted from 0 through the run"},
                      {"epoch", number_kind::u32, "1", "epoch, from 1"},
                      {"lane", number_kind::u32, "1", "lane"},
                      {"sample", number_kind::u32, "1", "row of the data set, from 0"},
                      {"label", number_kind::i32, "1", "class of the sample; -1: the data have no classes"}},
                     256});
}

void presentation_recorder::prepare(const hdf5::object& file) const {
  hdf5::set_text(hdf5::open_group(file, "/presentations"), "set", "train");
}

void presentation_recorder::begin(const begun_presentation& p) {
  now_ = {p.first, p.times, p.epoch, {}, {}};
  for (std::size_t k = 0; k < lanes_.size(); ++k) {
    const std::uint32_t sample = p.samples[k];
    lanes_[k] = {sample, p.labels.empty() ? -1 : p.labels[sample]};
  }
  listed_ = false;
}

void presentation_recorder::see(tick_t, bool recorded, const simulator&, std::span<table_rows> to) {
  if (listed_ || !recorded) return;
  listed_ = true;
  const tick_t teacher = now_.first + now_.times.predict, end = teacher + now_.times.teach + now_.times.rest;
  for (std::uint32_t k = 0; k < lanes_.size(); ++k) {
    to[0].add(now_.first, teacher, end, now_.times.number, now_.epoch, k, lanes_[k].sample, lanes_[k].label);
  }
}

void presentation_recorder::see_quiet(const window& ticks, bool recorded, const simulator& s,
                                      std::span<table_rows> to) {
  see(ticks.first, recorded, s, to);
}

}  // namespace locus
