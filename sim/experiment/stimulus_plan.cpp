#include "sim/experiment/stimulus_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "sim/core/errors.hpp"
#include "sim/core/whole_number.hpp"

namespace locus {

namespace {

using action = stimulus_change::action;

/// Writes down one presentation.
class change_writer {
 public:
  change_writer(const circuit& c, const timeline_description& timeline, const samples& part,
                const presentation_times& times)
      : net_(c), timeline_(timeline), part_(part), times_(times) {}

  std::vector<stimulus_change> write() {
    for (std::size_t i = 0; i < net_.stimuli.size(); ++i) write(i, net_.stimuli[i]);
    const auto order = [&](const stimulus_change& e) {
      return std::tuple(e.at, e.what != action::release, net_.stimuli[e.stimulus].role);
    };
    std::stable_sort(out_.begin(), out_.end(),
                     [&](const stimulus_change& a, const stimulus_change& b) { return order(a) < order(b); });
    return std::move(out_);
  }

 private:
  void write(std::size_t i, const stimulus& s) {
    const tick_t onset = times_.predict, off = onset + times_.teach;
    switch (s.role) {
      case stimulus_role::input: show(i, 0, off + times_.rest, part_.input_frames); break;
      case stimulus_role::teacher:
        if (times_.teach == 0) break;
        show(i, onset, off, part_.target_frames);
        if (!timeline_.hold_teacher) add(off, action::release, i);
        break;
      case stimulus_role::control: {
        const tick_t on = (s.from_end ? off : onset) + s.onset;
        add(on, action::clamp, i);
        add(on + (s.ticks == 0 ? times_.teach : s.ticks), action::release, i);
        break;
      }
      case stimulus_role::imposed:
        if (s.with == imposed_with::input) add(0, action::impose, i);
        else if (times_.teach > 0) add(onset, action::impose, i);
        break;
    }
  }

  /// The frames of a sample from one tick to another, the first in any case.
  void show(std::size_t i, tick_t from, tick_t to, std::uint32_t frames) {
    add(from, action::clamp, i);
    tick_t at = from + timeline_.frame_ticks;
    for (std::uint32_t frame = 1; frame < frames && at < to; ++frame, at += timeline_.frame_ticks)
      add(at, action::clamp, i, frame);
  }

  void add(tick_t at, action what, std::size_t stimulus, std::uint32_t frame = 0) {
    out_.push_back({at, what, stimulus, frame});
  }

  const circuit& net_;
  const timeline_description& timeline_;
  const samples& part_;
  const presentation_times& times_;
  std::vector<stimulus_change> out_;
};

bool has_role(const circuit& c, stimulus_role role) {
  return std::any_of(c.stimuli.begin(), c.stimuli.end(), [&](const stimulus& s) { return s.role == role; });
}

/// The same for the stimuli of one role. `table` names the columns: "inputs of data ..."
void check_columns(const circuit& c, stimulus_role role, std::uint32_t width, const std::string& table) {
  std::vector<bool> free(width, true);
  bool any = false;
  for (const stimulus& s : c.stimuli) {
    if (s.role != role) continue;
    const population& p = c.populations[s.population];
    const std::uint64_t first = s.first_column.value_or(0), last = first + p.size;
    if (!s.first_column && p.size != width)
      throw usage_error(fmt::format("\"{}\" has {} neurons, but the {} have {} columns", p.name, p.size, table, width));
    if (last > width)
      throw usage_error(fmt::format("the stimulus of \"{}\" has columns = [{}, {}], but the {} have {} columns", p.name,
                                    first, last, table, width));
    for (std::uint64_t column = first; column < last; ++column) free[column] = false;
    any = true;
  }
  const auto left = std::find(free.begin(), free.end(), true);
  if (any && left != free.end())
    throw usage_error(fmt::format("the {} have {} columns, but no stimulus takes column {} (counted from 0)", table,
                                  width, left - free.begin()));
}

void check_widths(const circuit& c, const data_set& data) {
  const auto of_data = [&](const char* part) { return fmt::format("{} of data \"{}\"", part, data.name); };
  check_columns(c, stimulus_role::input, data.train.inputs(), of_data("inputs"));
  for (const stimulus& s : c.stimuli) {
    if (s.role == stimulus_role::teacher && data.train.targets() == 0)
      throw usage_error(fmt::format("\"{}\" has a teacher, but the data \"{}\" have no targets",
                                    c.populations[s.population].name, data.name));
  }
  check_columns(c, stimulus_role::teacher, data.train.targets(), of_data("targets"));
}

void check_frames(const circuit& c, const timeline_description& t, const data_set& data) {
  const auto check = [&](stimulus_role role, const char* what, std::uint32_t frames, std::int64_t room,
                         const char* where) {
    if (frames == 1 || !has_role(c, role)) return;
    if (t.frame_ticks == 0)
      throw usage_error(t.predict.at, fmt::format("the {} of data \"{}\" have {} frames a sample: set "
                                                  "stimuli.frame_ticks, the ticks for which each is shown",
                                                  what, data.name, frames));
    if (bounded_product(frames, static_cast<std::uint64_t>(t.frame_ticks)) <= static_cast<std::uint64_t>(room)) return;
    throw usage_error(t.frames_at,
                      fmt::format("stimuli.frame_ticks = {}: the {} have {} frames, but {} may take only {} "
                                  "ticks",
                                  t.frame_ticks, what, frames, where, room));
  };
  if (t.frame_ticks != 0 && data.train.input_frames == 1 && data.train.target_frames == 1)
    throw usage_error(
        t.frames_at, fmt::format("stimuli.frame_ticks = {}: the data \"{}\" have no frames", t.frame_ticks, data.name));
  check(stimulus_role::input, "inputs", data.train.input_frames, t.predict.low + t.teach.low + t.rest.low,
        "a presentation (stimuli.predict + teach + rest)");
  check(stimulus_role::teacher, "targets", data.train.target_frames, t.teach.low, "the teacher (stimuli.teach)");
}

}  // namespace

std::vector<stimulus_change> changes_in(const circuit& c, const timeline_description& timeline, const samples& part,
                                        const presentation_times& times) {
  return change_writer(c, timeline, part, times).write();
}

std::vector<reading> readings_of(const circuit& c, const timeline_description& timeline, const samples& part,
                                 std::int64_t predict) {
  std::vector<reading> all;
  const auto add = [&](std::uint32_t frames, tick_t from, bool answers) {
    for (std::uint32_t frame = 0; frame < frames; ++frame) {
      const tick_t at = frames == 1 ? predict : from + (tick_t{frame} + 1) * timeline.frame_ticks;
      if (at > 0) all.push_back({at, answers ? std::optional(frame) : std::nullopt});
    }
  };
  if (has_role(c, stimulus_role::teacher)) add(part.target_frames, predict, true);
  if (!c.reports.empty()) add(has_role(c, stimulus_role::input) ? part.input_frames : 1, 0, false);
  std::stable_sort(all.begin(), all.end(), [](const reading& a, const reading& b) { return a.at < b.at; });
  return all;
}

std::vector<taught_part> taught_parts(const circuit& c) {
  std::vector<taught_part> parts;
  for (const stimulus& s : c.stimuli) {
    if (s.role != stimulus_role::teacher) continue;
    parts.push_back({{s.column_of(0), s.column_of(c.populations[s.population].size)}, s.loss});
  }
  return parts;
}

void check_data(const circuit& c, const timeline_description& timeline, const data_set& data) {
  check_widths(c, data);
  check_frames(c, timeline, data);
}

}  // namespace locus
