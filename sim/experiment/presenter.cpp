#include "sim/experiment/presenter.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/core/noise.hpp"
#include "sim/engine/field_values.hpp"

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

namespace {

const data_set& checked(const circuit& c, const timeline_description& timeline, const data_set& data) {
  check_data(c, timeline, data);
  return data;
}

}  // namespace

presenter::presenter(simulator& s, const description& netlist, const data_set& data)
    : simulator_(s),
      data_(checked(s.net(), netlist.timeline, data)),
      timeline_(netlist.timeline),
      key_(data, data.train, taught_parts(s.net())) {
  check_control(timeline_);
}

void presenter::check_control(const timeline_description& timeline) const {
  for (const stimulus& s : simulator_.net().stimuli) {
    if (s.role != stimulus_role::control) continue;
    const tick_range& teach = timeline.teach;
    // In ticks from the teacher's onset, or from its end. What lasts as long as the teacher lasts longest.
    const std::int64_t length = s.ticks != 0 ? s.ticks : s.from_end ? teach.high : teach.low;
    const std::int64_t begin = -timeline.predict.low - (s.from_end ? teach.low : 0);
    const std::int64_t room = timeline.rest.low + (s.from_end ? 0 : teach.low);
    if (s.onset >= begin && s.onset + length <= room) continue;
    throw usage_error(
        fmt::format("the control signal of \"{}\" comes at ticks {} to {} after the teacher's {}, which "
                    "is outside the presentation ({} to {}): make predict, teach or rest longer",
                    simulator_.net().populations[s.population].name, s.onset, s.onset + length - 1,
                    s.from_end ? "end" : "onset", begin, room - 1));
  }
}

template <class V>
void presenter::put(const presentation& p, const stimulus_change& what, std::vector<V>& row) {
  const circuit& c = simulator_.net();
  const stimulus& s = c.stimuli[what.stimulus];
  const bool input = s.role == stimulus_role::input;
  const number_table& rows = input ? p.part.input : p.part.target;
  row.resize(rows.columns());
  const std::size_t size = c.populations[s.population].size;
  for (std::size_t lane = 0; lane < c.lanes; ++lane) {
    const std::uint32_t sample = p.samples[lane];
    rows.copy_row(input ? p.part.input_row(sample, what.frame) : p.part.target_row(sample, what.frame),
                  std::span<V>(row));
    simulator_.clamp_lane(s.population, lane, std::span<const V>(row).subspan(s.column_of(0), size));
  }
}

void presenter::change(const presentation& p, const stimulus_change& what) {
  using action = stimulus_change::action;
  const circuit& c = simulator_.net();
  const stimulus& s = c.stimuli[what.stimulus];
  if (what.what == action::release) {
    simulator_.release(s.population);
  } else if (what.what == action::impose) {
    simulator_.impose(s.population, *s.source, p.taught ? imposed_noise(c, s, p.times.number) : std::vector<double>());
  } else if (s.role == stimulus_role::control) {
    simulator_.clamp(s.population, std::vector(std::size_t{c.populations[s.population].size} * c.lanes, s.value));
  } else if (c.precision == precision::f32) {
    put(p, what, row_f32_);
  } else {
    put(p, what, row_);
  }
}

answer_score presenter::score(const answer_key& key, std::span<const std::uint32_t> samples, std::size_t count,
                              std::uint32_t frame, bool held) const {
  const circuit& c = simulator_.net();
  answer_score total;
  const auto told = [&](const stimulus& s) {
    const model_declaration& model = *c.populations[s.answer.population].model;
    return s.answer.population == s.population && model.clamp_is_total &&
           model.fields[s.answer.field].by == writer::step;
  };
  std::vector<std::vector<double>> all;  // [teacher][neuron * lanes + lane]
  for (const stimulus& s : c.stimuli) {
    if (s.role != stimulus_role::teacher) continue;
    if (held && told(s)) return {};
    all.push_back(field_values(simulator_, s.answer));
  }
  std::vector<double> answer;
  answer.reserve(key.part().targets());
  for (std::size_t lane = 0; lane < count; ++lane) {
    answer.clear();
    for (const std::vector<double>& values : all) {
      for (std::size_t at = lane; at < values.size(); at += c.lanes) answer.push_back(values[at]);
    }
    key.mark(key.part().target_row(samples[lane], frame), answer, total);
  }
  return total;
}

answer_score presenter::report(std::size_t count) const {
  answer_score total;
  for (const report_quantity& q : simulator_.net().reports) {
    report_sum& sum = total.reports.emplace_back(report_sum{.function = q.function});
    std::vector<double> numbers(simulator_.net().populations[q.of.population].size);
    for (std::size_t lane = 0; lane < count; ++lane) {
      for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = simulator_.value(q.of, i, lane);
      if (q.squared) std::transform(numbers.begin(), numbers.end(), numbers.begin(), [](double x) { return x * x; });
      sum.read(numbers);
    }
  }
  return total;
}

const std::vector<stimulus_change>& presenter::changes_of(const presentation& p) {
  const std::array<std::int64_t, 5> wanted = {p.times.predict, p.times.teach, p.times.rest, p.part.input_frames,
                                              p.part.target_frames};
  if (changes_.empty() || changes_for_ != wanted) {
    changes_ = changes_in(simulator_.net(), timeline_, p.part, p.times);
    changes_for_ = wanted;
  }
  return changes_;
}

template <class Read>
void presenter::present(const presentation& p, std::span<const reading> readings, const Read& read) {
  const tick_t start = simulator_.now();
  const auto run_to = [&](tick_t tick) {
    for (; !readings.empty() && readings.front().at <= tick; readings = readings.subspan(1)) {
      simulator_.advance(start + readings.front().at);
      read(readings.front());
    }
    simulator_.advance(start + tick);
  };
  for (const stimulus_change& next : changes_of(p)) {
    const bool control = simulator_.net().stimuli[next.stimulus].role == stimulus_role::control;
    if (control && !p.taught) continue;
    run_to(next.at);
    change(p, next);
  }
  run_to(p.times.predict + p.times.teach + p.times.rest);
}

answer_score presenter::teach(std::span<const std::uint32_t> samples, const presentation_times& times) {
  const bool held = data_.train.target_frames > 1 || (timeline_.hold_teacher && times.number > 0);
  answer_score total;
  present({data_.train, samples, times}, readings_of(simulator_.net(), timeline_, data_.train, times.predict),
          [&](const reading& r) {
            total += r.frame ? score(key_, samples, samples.size(), *r.frame, held) : report(samples.size());
          });
  return total;
}

answer_score presenter::ask(const answer_key& key, std::span<const std::uint32_t> samples, std::size_t count,
                            std::int64_t predict) {
  const std::vector<reading> readings = readings_of(simulator_.net(), timeline_, key.part(), predict);
  answer_score total;
  if (readings.empty()) return total;
  present({key.part(), samples, {.predict = readings.back().at}, false}, readings,
          [&](const reading& r) { total += r.frame ? score(key, samples, count, *r.frame, false) : report(count); });
  return total;
}

void presenter::show(const locus::samples& from, std::span<const std::uint32_t> samples, std::int64_t ticks) {
  present({from, samples, {.predict = ticks}, false}, {}, [](const reading&) {});
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
  const answer_key& key = keys_.try_emplace(&on, data_, on, taught_parts(trained.net())).first->second;
  const circuit& c = trained.net();
  simulator_->take_synapses(trained);
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
