#include "sim/audit/script.hpp"

#include <algorithm>

#include "sim/core/errors.hpp"
#include "sim/data/order.hpp"
#include "sim/engine/field_values.hpp"

namespace locus {
namespace {

using action = stimulus_event::action;

/// Writes one presentation's events.
class writer_of_events {
 public:
  writer_of_events(const circuit& c, const description& netlist, const data_set& data, script& out)
      : net_(c), netlist_(netlist), data_(data), out_(out) {}

  void present(std::uint32_t sample, const presentation_times& times) {
    const tick_t first = out_.ticks();
    for (const stimulus_change& e : changes_in(net_, netlist_.timeline, data_.train, times)) {
      const stimulus& s = net_.stimuli[e.stimulus];
      out_.events.push_back({first + e.at, e.what, e.stimulus, s.population, values(e, s, sample, times)});
    }
    const tick_t onset = first + times.predict;
    out_.spans.push_back({first, onset, onset + times.teach + times.rest});
  }

 private:
  std::vector<double> values(const stimulus_change& e, const stimulus& s, std::uint32_t sample,
                             const presentation_times& times) const {
    if (e.what == action::release) return {};
    if (e.what == action::impose) return imposed_noise(net_, s, times.number);
    if (s.role == stimulus_role::control) return std::vector<double>(net_.populations[s.population].size, s.value);
    const samples& part = data_.train;
    if (s.role == stimulus_role::input) return row(s, part.input, part.input_row(sample, e.frame));
    return row(s, part.target, part.target_row(sample, e.frame));
  }

  /// What a sample has for the population of a stimulus.
  [[nodiscard]] std::vector<double> row(const stimulus& s, const number_table& table, std::uint32_t at) const {
    std::vector<double> values;
    for (std::uint32_t n = 0; n < net_.populations[s.population].size; ++n)
      values.push_back(table.at(at, s.column_of(n)));
    return values;
  }

  const circuit& net_;
  const description& netlist_;
  const data_set& data_;
  script& out_;
};

}  // namespace

script write_script(const circuit& c, const description& netlist, const data_set& data,
                    const std::vector<presentation_times>& times) {
  const auto order = presentation_order(data.train.count(), netlist.shuffle, 0);
  std::vector<planned_presentation> plan;
  for (std::size_t n = 0; n < times.size(); ++n) plan.push_back({order[n % order.size()], times[n]});
  return write_script(c, netlist, data, plan);
}

script write_script(const circuit& c, const description& netlist, const data_set& data,
                    const std::vector<planned_presentation>& plan) {
  if (c.lanes != 1) throw internal_error("write_script: more than one lane");
  check_data(c, netlist.timeline, data);
  script out;
  writer_of_events writer(c, netlist, data, out);
  for (const planned_presentation& each : plan) writer.present(each.sample, each.times);
  return out;
}

player::player(const script& events, simulator& s, std::vector<bool> leave_out)
    : script_(events), simulator_(s), leave_out_(std::move(leave_out)), first_(s.now()) {}

player::player(const player& other, simulator& s)
    : script_(other.script_),
      simulator_(s),
      leave_out_(other.leave_out_),
      next_(other.next_),
      first_(other.first_),
      played_(other.played_) {}

void player::play_events() {
  for (; next_ < script_.events.size() && script_.events[next_].tick <= played_; ++next_) {
    const stimulus_event& e = script_.events[next_];
    if (e.stimulus < leave_out_.size() && leave_out_[e.stimulus]) continue;
    switch (e.what) {
      case action::clamp: simulator_.clamp(e.population, e.values); break;
      case action::release: simulator_.release(e.population); break;
      case action::impose:
        simulator_.impose(e.population, *simulator_.net().stimuli[e.stimulus].source, e.values);
        break;
    }
  }
}

void player::run_tick() {
  play_events();
  ++played_;
  simulator_.advance(first_ + played_);
}

void player::run_to(tick_t tick) {
  while (played_ < tick) {
    play_events();
    const tick_t next = next_ < script_.events.size() ? script_.events[next_].tick : tick;
    played_ = std::min(tick, next);
    simulator_.advance(first_ + played_);
  }
}

std::vector<std::vector<double>> weights_that_learn(const simulator& s) {
  std::vector<std::vector<double>> weights;
  for (std::size_t w = 0; w < s.net().projections.size(); ++w) {
    const projection& p = s.net().projections[w];
    if (!p.learns()) continue;
    weights.push_back(s.weights(w));
    if (p.synapse->weight != 0) weights.push_back(s.synapse_field(w, p.synapse->weight));
  }
  return weights;
}

snapshot read_snapshot(const simulator& s) {
  const circuit& c = s.net();
  snapshot all;
  for (std::size_t p = 0; p < c.populations.size(); ++p) {
    for (std::size_t f = 0; f < c.populations[p].model->fields.size(); ++f) {
      all.fields.push_back(field_values(s, {p, f}));
    }
  }
  for (std::size_t i = 0; i < c.projections.size(); ++i) {
    const projection& p = c.projections[i];
    all.weights.push_back(p.synapse != nullptr ? s.weights(i) : std::vector<double>());
    all.synapses.emplace_back();
    for (std::size_t f = 1; p.learns() && f < p.synapse->state.size(); ++f)
      all.synapses.back().push_back(s.synapse_field(i, f));
  }
  return all;
}

}  // namespace locus
