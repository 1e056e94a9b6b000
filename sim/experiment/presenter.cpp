#include "sim/experiment/presenter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "sim/core/noise.hpp"

namespace locus {

std::vector<double> imposed_noise(const circuit& c, const stimulus& s, std::uint64_t presentation) {
  if (s.sigma == 0) return {};
  const population& p = c.populations[s.population];
  const noise_stream normal(c.noise_seed, p.name + ".imposed", port_source::normal);
  std::vector<double> values;
  for (std::uint32_t i = 0; i < p.size; ++i) {
    for (std::uint32_t lane = 0; lane < c.lanes; ++lane) {
      values.push_back(s.sigma * normal.draw(i, lane, presentation));
    }
  }
  return values;
}

presenter::presenter(simulator& s, const description& netlist, const data_set& data)
    : simulator_(s),
      data_(data),
      hold_teacher_(netlist.timeline.hold_teacher),
      key_(data, data.train, taught_columns(s.net(), data)) {
  check_control(netlist.timeline);
}

bool presenter::answers() const {
  const std::vector<stimulus>& all = simulator_.net().stimuli;
  return std::any_of(all.begin(), all.end(), [](const stimulus& s) { return s.role == stimulus_role::teacher; });
}

std::vector<window> taught_columns(const circuit& c, const data_set& data) {
  check_widths(c, data);
  std::vector<window> columns;
  for (const stimulus& s : c.stimuli) {
    if (s.role != stimulus_role::teacher) continue;
    columns.push_back({s.column_of(0), s.column_of(c.populations[s.population].size)});
  }
  return columns;
}

namespace {

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

}  // namespace

void check_widths(const circuit& c, const data_set& data) {
  const auto of_data = [&](const char* part) { return fmt::format("{} of data \"{}\"", part, data.name); };
  check_columns(c, stimulus_role::input, data.train.inputs(), of_data("inputs"));
  check_columns(c, stimulus_role::teacher, data.train.targets(), of_data("targets"));
}

void presenter::check_control(const timeline_description& timeline) const {
  for (const stimulus& s : simulator_.net().stimuli) {
    if (s.role != stimulus_role::control) continue;
    const std::int64_t length = s.ticks == 0 ? timeline.teach.low : s.ticks;
    const std::int64_t room = timeline.teach.low + timeline.rest.low;
    if (s.onset >= -timeline.predict.low && s.onset + length <= room) continue;
    throw usage_error(
        fmt::format("the control signal of \"{}\" comes at ticks {} to {} after the teacher's onset, which "
                    "is outside the presentation ({} to {}): make predict, teach or rest longer",
                    simulator_.net().populations[s.population].name, s.onset, s.onset + length - 1,
                    -timeline.predict.low, room - 1));
  }
}

void presenter::put(stimulus_role role, const number_table& rows, std::span<const std::uint32_t> samples) {
  if (simulator_.net().precision == precision::f32) put_rows(role, rows, samples, row_f32_);
  else put_rows(role, rows, samples, row_);
}

template <class V>
void presenter::put_rows(stimulus_role role, const number_table& rows, std::span<const std::uint32_t> samples,
                         std::vector<V>& row) {
  const circuit& c = simulator_.net();
  row.resize(rows.columns());
  for (const stimulus& s : c.stimuli) {
    if (s.role != role) continue;
    const std::size_t size = c.populations[s.population].size;
    for (std::size_t lane = 0; lane < c.lanes; ++lane) {
      rows.copy_row(samples[lane], std::span<V>(row));
      simulator_.clamp_lane(s.population, lane, std::span<const V>(row).subspan(s.column_of(0), size));
    }
  }
}

answer_score presenter::score(const answer_key& key, std::span<const std::uint32_t> samples, std::size_t count,
                              bool held) const {
  const circuit& c = simulator_.net();
  answer_score total;
  if (!answers()) return total;
  std::vector<double> answer;
  for (std::size_t lane = 0; lane < count; ++lane) {
    answer.clear();
    for (const stimulus& s : c.stimuli) {
      if (s.role != stimulus_role::teacher) continue;
      if (held && s.answer.population == s.population && c.populations[s.population].model->clamp_is_total) return {};
      for (std::size_t i = 0; i < c.populations[s.population].size; ++i)
        answer.push_back(simulator_.value(s.answer, i, lane));
    }
    key.mark(samples[lane], answer, total);
  }
  return total;
}

answer_score presenter::teach(std::span<const std::uint32_t> samples, const presentation_times& times) {
  struct event {
    tick_t at;
    std::size_t stimulus;
    bool on;
  };
  const circuit& c = simulator_.net();
  const tick_t start = simulator_.now();
  const tick_t onset = start + times.predict;
  const tick_t end = onset + times.teach + times.rest;
  std::vector<event> events;
  for (std::size_t i = 0; i < c.stimuli.size(); ++i) {
    const stimulus& s = c.stimuli[i];
    if (s.role == stimulus_role::teacher && times.teach > 0) {
      events.push_back({onset, i, true});
      if (!hold_teacher_) events.push_back({onset + times.teach, i, false});
    }
    if (s.role == stimulus_role::imposed && (times.teach > 0 || s.with == imposed_with::input)) {
      events.push_back({s.with == imposed_with::input ? start : onset, i, true});
    }
    if (s.role == stimulus_role::control) {
      events.push_back({onset + s.onset, i, true});
      events.push_back({onset + s.onset + (s.ticks == 0 ? times.teach : s.ticks), i, false});
    }
  }
  const auto order = [&](const event& e) { return std::tuple(e.at, e.on, c.stimuli[e.stimulus].role); };
  std::stable_sort(events.begin(), events.end(), [&](const event& a, const event& b) { return order(a) < order(b); });

  put(stimulus_role::input, data_.train.input, samples);
  answer_score answer;
  bool answered = times.predict == 0;
  const auto run_to = [&](tick_t tick) {
    if (!answered && tick >= onset) {
      simulator_.advance(onset);
      answer = score(key_, samples, samples.size(), hold_teacher_ && times.number > 0);
      answered = true;
    }
    simulator_.advance(tick);
  };
  for (const event& e : events) {
    run_to(e.at);
    const stimulus& s = c.stimuli[e.stimulus];
    if (!e.on) simulator_.release(s.population);
    else if (s.role == stimulus_role::imposed)
      simulator_.impose(s.population, *s.source, imposed_noise(c, s, times.number));
    else if (s.role == stimulus_role::teacher) put(stimulus_role::teacher, data_.train.target, samples);
    else simulator_.clamp(s.population, std::vector(std::size_t{c.populations[s.population].size} * c.lanes, s.value));
  }
  run_to(end);
  return answer;
}

answer_score presenter::ask(const answer_key& key, std::span<const std::uint32_t> samples, std::size_t count,
                            std::int64_t predict) {
  show(key.part(), samples, predict);
  return score(key, samples, count, false);
}

void presenter::show(const locus::samples& from, std::span<const std::uint32_t> samples, std::int64_t ticks) {
  put(stimulus_role::input, from.input, samples);
  for (const stimulus& s : simulator_.net().stimuli) {
    if (s.role == stimulus_role::imposed && s.with == imposed_with::input) simulator_.impose(s.population, *s.source);
  }
  simulator_.advance(simulator_.now() + ticks);
}

evaluator::evaluator(const circuit& c, const description& netlist, const data_set& data,
                     const simulator_options& options)
    : simulator_(make_simulator(c, options)),
      presenter_(*simulator_, netlist, data),
      predict_(netlist.timeline.predict.high),
      data_(data) {
  simulator_->set_learning(false);
}

answer_score evaluator::evaluate(const simulator& trained, const samples& on) {
  if (!presenter_.answers() || predict_ == 0) return {};
  const answer_key& key = keys_.try_emplace(&on, data_, on, taught_columns(trained.net(), data_)).first->second;
  const circuit& c = trained.net();
  for (std::size_t i = 0; i < c.projections.size(); ++i) {
    const projection& p = c.projections[i];
    if (p.synapse != nullptr) simulator_->set_weights(i, trained.weights(i));
    for (std::size_t f = 1; p.learns() && f < p.synapse->state.size(); ++f)
      simulator_->set_synapse_field(i, f, trained.synapse_field(i, f));
  }
  answer_score total;
  std::vector<std::uint32_t> batch(c.lanes);
  for (std::uint32_t first = 0; first < on.count(); first += c.lanes) {
    const std::uint32_t last = static_cast<std::uint32_t>(on.count()) - 1;
    for (std::uint32_t lane = 0; lane < c.lanes; ++lane) batch[lane] = std::min(first + lane, last);
    total += presenter_.ask(key, batch, std::min(c.lanes, last + 1 - first), predict_);
  }
  return total;
}

}  // namespace locus
