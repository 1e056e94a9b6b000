#include "sim/trace/stimulus_recorder.hpp"

#include <algorithm>

namespace locus {

stimulus_recorder::stimulus_recorder(const circuit& c) {
  for (std::size_t n = 0; n < c.populations.size(); ++n) {
    const bool stimulated =
        std::any_of(c.stimuli.begin(), c.stimuli.end(), [n](const stimulus& s) { return s.population == n; });
    if (!stimulated) continue;
    targets_.push_back({.population = n});
    tables_.push_back({"/stimuli/" + c.populations[n].name,
                       "stimulus",
                       {{"on", number_kind::i64, "tick", "first tick in which the stimulus held"},
                        {"off", number_kind::i64, "tick", "first tick in which it no longer did"}}});
  }
}

void stimulus_recorder::see(tick_t tick, bool recorded, const simulator& s, std::span<table_rows> to) {
  for (std::size_t k = 0; k < targets_.size(); ++k) {
    target& t = targets_[k];
    const std::optional<tick_t> on = s.held_since(t.population);
    if (on != t.on) {
      if (t.recorded) to[k].add(*t.on, on.value_or(tick));
      t.on = on;
      t.recorded = false;
    }
    t.recorded = t.recorded || (recorded && on);
  }
}

void stimulus_recorder::see_quiet(const window& ticks, bool recorded, const simulator& s, std::span<table_rows> to) {
  see(ticks.first, recorded, s, to);
}

void stimulus_recorder::finish(tick_t end, std::span<table_rows> to) {
  for (std::size_t k = 0; k < targets_.size(); ++k) {
    target& t = targets_[k];
    if (t.recorded) to[k].add(*t.on, end);
    t.recorded = false;
  }
}

}  // namespace locus
