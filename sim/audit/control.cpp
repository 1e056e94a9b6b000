#include "sim/audit/control.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "sim/data/order.hpp"
#include "sim/netlist/timeline.hpp"

namespace locus {
namespace {

bool same_weights(const std::vector<std::vector<double>>& a, const std::vector<std::vector<double>>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), [](const auto& x, const auto& y) { return same_bits(x, y); });
}

class finder {
 public:
  finder(const circuit& c, const description& netlist, const data_set& data, const stillness& still)
      : net_(c), netlist_(netlist), data_(data), still_(still), result_(no_control(c)) {
    for (const stimulus& s : c.stimuli) {
      if (s.role == stimulus_role::input || s.role == stimulus_role::teacher) stimulated_.insert(s.population);
    }
    for (std::size_t w = 0; w < c.projections.size(); ++w) {
      const projection& p = c.projections[w];
      const bool fixed = p.synapse != nullptr && !p.learns() && !p.shared_with;
      fixed_.push_back(fixed ? initial_weights(c, w) : std::vector<double>());
    }
  }

  control_map find(bool timers) {
    note_declared();
    note_timekeepers(still_.clocks);
    if (timers) note_timekeepers(still_.timers);
    if (data_.train.count() > 1 && still_.samples > 1) note_timing_teachers();
    note_relays();
    note_pure();
    return std::move(result_);
  }

 private:
  void add(std::size_t population, std::size_t neuron, const std::string& why) {
    control_map::part& mark = result_.neurons[population][neuron];
    if (mark == control_map::part::source) return;
    mark = control_map::part::source;
    result_.sources.push_back({population, neuron, why});
  }

  /// Signals that the netlist itself puts on the timeline.
  void note_declared() {
    for (std::size_t i = 0; i < net_.stimuli.size(); ++i) {
      const stimulus& s = net_.stimuli[i];
      if (s.role != stimulus_role::control && s.role != stimulus_role::imposed) continue;
      result_.stimuli[i] = true;
      if (s.role == stimulus_role::imposed) continue;  // what is imposed counts as control; its neuron is no source
      for (std::size_t n = 0; n < net_.populations[s.population].size; ++n) {
        add(s.population, n, "a stimulus gives its signal at set ticks of the presentation");
      }
    }
  }

  void note_timekeepers(const std::vector<timekeeper>& all) {
    for (const timekeeper& k : all) add(k.population, k.neuron, text_of(k));
  }

  /// Teacher neurons that tell nothing but the time.
  void note_timing_teachers() {
    for (const stimulus& s : net_.stimuli) {
      if (s.role != stimulus_role::teacher) continue;
      for (std::uint32_t i = 0; i < net_.populations[s.population].size; ++i) {
        if (still_.tells_samples[s.population][i] || !opens_gates(s.population, i)) continue;
        const std::uint32_t column = s.column_of(i);
        if (constant_target(column)) {
          if (has_use(s.population, i)) continue;
          add(s.population, i,
              fmt::format("nothing predicts it, its stimulus is {} in every sample, and all that hears it is opened by "
                          "it: it tells the time and nothing else",
                          data_.train.target.at(0, column)));
        } else if (!values_matter(s, i)) {
          add(s.population, i,
              "nothing predicts it, and the circuit learns the same bits if it is taught what belongs to other "
              "samples: it tells the time and nothing else");
        }
      }
    }
  }

  /// Whether what a target neuron is taught is used for more than to open gates: by synapses at whose end it is, or by
  /// a neuron that sends something even if the target is 0.
  bool has_use(std::size_t population, std::uint32_t neuron) const {
    for (const projection& p : net_.projections) {
      if (!p.learns()) continue;
      const std::vector<std::size_t> seen = seen_populations(p);
      if (p.from.population == population || std::find(seen.begin(), seen.end(), population) != seen.end()) return true;
    }
    constexpr std::uint64_t presentations = 6;
    const std::vector<presentation_times> times(presentations, draw_times(netlist_.timeline, 0));
    const script world = write_script(net_, netlist_, data_, times);
    const auto taught = make_simulator(net_);
    taught->silence_noise();
    player(world, *taught).run_to(world.ticks());  // what has learnt nothing yet predicts nothing
    taught->set_learning(false);
    // Each sample comes first once: where nothing is predicted, as without an input, no use is seen.
    const auto order = presentation_order(data_.train.count(), netlist_.shuffle, 0);
    for (std::size_t first = 0; first < std::min<std::size_t>(presentations, order.size()); ++first) {
      std::vector<planned_presentation> plan;
      for (std::size_t n = 0; n < presentations; ++n) plan.push_back({order[(first + n) % order.size()], times[n]});
      if (has_use(*taught, write_script(net_, netlist_, data_, plan), population, neuron)) return true;
    }
    return false;
  }

  /// The same while what has learnt sees these presentations, with the target and with another.
  bool has_use(simulator& taught, const script& world, std::size_t population, std::uint32_t neuron) const {
    script world_other = world;
    for (stimulus_event& e : world_other.events) {
      if (e.population != population || e.what != stimulus_event::action::clamp) continue;
      e.values[neuron] = e.values[neuron] == 0 ? 1 : 0;
    }
    const auto a = taught.clone(), b = taught.clone();
    player play_a(world, *a), play_b(world_other, *b);
    std::set<std::pair<std::size_t, std::size_t>> settled;
    while (!play_a.done()) {
      play_a.run_tick();
      play_b.run_tick();
      for (const projection& p : net_.projections) {
        if (p.from.population != population) continue;
        bool use = false;
        each_connection(net_, p, [&](std::size_t pre, std::size_t post, std::size_t) {
          if (pre == neuron && !use) use = differs_in_use(*a, *b, p.to.population, post, settled);
        });
        if (use) return true;
      }
    }
    return false;
  }

  /// Whether an output is not 0 in either run, in the first tick in which a neuron differs between the two.
  bool differs_in_use(const simulator& a, const simulator& b, std::size_t population, std::size_t neuron,
                      std::set<std::pair<std::size_t, std::size_t>>& settled) const {
    if (settled.count({population, neuron}) != 0) return false;
    bool use = false, differs = false;
    for (std::size_t f = 0; f < net_.populations[population].model->fields.size(); ++f) {
      const double x = a.value({population, f}, neuron, 0), y = b.value({population, f}, neuron, 0);
      if (same_bits(x, y)) continue;
      differs = true;
      use = use || (x != 0 && y != 0);
    }
    if (differs) settled.insert({population, neuron});
    return use;
  }

  bool constant_target(std::uint32_t column) const {
    for (std::uint32_t row = 1; row < data_.train.target.rows(); ++row) {
      if (!same_bits(data_.train.target.at(row, column), data_.train.target.at(0, column))) return false;
    }
    return true;
  }

  /// Whether a neuron's outputs, or those of neurons that hear it alone, are the modulators of synapses.
  bool opens_gates(std::size_t population, std::size_t neuron) const {
    std::vector<std::vector<control_map::part>> heard = no_control(net_).neurons;
    heard[population][neuron] = control_map::part::source;
    spread(heard);
    const auto opens = [&](const projection& p) {
      if (!p.learns() || !p.gate) return false;
      const auto& marks = heard[p.gate->population];
      return std::any_of(marks.begin(), marks.end(), [](auto mark) { return mark != control_map::part::none; });
    };
    return std::any_of(net_.projections.begin(), net_.projections.end(), opens);
  }

  /// Whether the circuit learns otherwise if what a teacher tells a neuron is told with other samples.
  bool values_matter(const stimulus& teacher, std::uint32_t neuron) const {
    constexpr std::uint64_t presentations = 6;
    const std::vector<presentation_times> times(presentations, draw_times(netlist_.timeline, 0));
    const script world = write_script(net_, netlist_, data_, times);
    script world_other = world;
    std::size_t row = 0;
    for (stimulus_event& e : world_other.events) {
      if (e.population != teacher.population || e.what != stimulus_event::action::clamp) continue;
      e.values[neuron] = other_value(row++, teacher.column_of(neuron), e.values[neuron]);
    }
    const auto learnt = [&](const script& taught) {
      const auto sim = make_simulator(net_);
      sim->silence_noise();
      player(taught, *sim).run_to(taught.ticks());
      return weights_that_learn(*sim);
    };
    return !same_weights(learnt(world), learnt(world_other));
  }

  /// What another sample has in the column; if all have the same, that.
  double other_value(std::size_t row, std::uint32_t column, double value) const {
    const std::uint32_t rows = data_.train.target.rows();
    for (std::uint32_t n = 1; n < rows; ++n) {
      const double other = data_.train.target.at(static_cast<std::uint32_t>((row + n) % rows), column);
      if (!same_bits(other, value)) return other;
    }
    return value;
  }

  /// Neurons that hear nothing but control pass it on.
  void note_relays() { spread(result_.neurons); }

  void spread(std::vector<std::vector<control_map::part>>& marks) const {
    // What a fixed synapse of no weight brings is nothing.
    constexpr double nothing = 1e-6;
    for (bool more = true; more;) {
      more = false;
      std::vector<std::vector<bool>> hears(net_.populations.size()), other(net_.populations.size());
      for (std::size_t p = 0; p < hears.size(); ++p) {
        hears[p].resize(net_.populations[p].size);
        other[p].resize(net_.populations[p].size);
      }
      for (std::size_t w = 0; w < fixed_.size(); ++w) {
        const projection& p = net_.projections[w];
        each_connection(net_, p, [&](std::size_t pre, std::size_t post, std::size_t k) {
          if (!fixed_[w].empty() && std::abs(fixed_[w][k]) < nothing) return;
          const bool control = marks[p.from.population][pre] != control_map::part::none;
          (control ? hears : other)[p.to.population][post] = true;
        });
      }
      for (std::size_t p = 0; p < hears.size(); ++p) {
        for (std::size_t i = 0; i < hears[p].size(); ++i) {
          control_map::part& mark = marks[p][i];
          if (mark != control_map::part::none || !hears[p][i] || other[p][i] || stimulated_.count(p) != 0) continue;
          mark = control_map::part::relay;
          more = true;
        }
      }
    }
  }

  void note_pure() {
    for (std::size_t p = 0; p < result_.pure.size(); ++p) {
      for (std::size_t i = 0; i < result_.pure[p].size(); ++i) {
        result_.pure[p][i] = result_.neurons[p][i] != control_map::part::none && still_.same[p][i];
      }
    }
  }

  const circuit& net_;
  const description& netlist_;
  const data_set& data_;
  const stillness& still_;
  std::set<std::size_t> stimulated_;        ///< populations that data enter
  std::vector<std::vector<double>> fixed_;  ///< [projection]: weights that stay; empty: links, and those that learn
  control_map result_;
};

/// The first difference in the state of neurons that are not control, if any.
std::optional<suppression_result> difference(const circuit& c, const snapshot& with, const snapshot& without,
                                             const control_map& control, tick_t tick) {
  std::size_t row = 0;
  for (std::size_t p = 0; p < c.populations.size(); ++p) {
    for (std::size_t f = 0; f < c.populations[p].model->fields.size(); ++f, ++row) {
      for (std::size_t i = 0; i < c.populations[p].size; ++i) {
        if (control.of(p, i) != control_map::part::none || same_bits(with.fields[row][i], without.fields[row][i]))
          continue;
        return suppression_result{false, tick, {false, p, i}, f, tick, with.fields[row][i], without.fields[row][i]};
      }
    }
  }
  return std::nullopt;
}

/// Holds what no stimulus drives at its first value.
void silence(simulator& s, const control_map& control, const snapshot& first) {
  const circuit& c = s.net();
  std::vector<std::size_t> row{0};
  for (const population& p : c.populations) row.push_back(row.back() + p.model->fields.size());
  for (const control_source& source : control.sources) {
    const population& p = c.populations[source.population];
    for (std::size_t f = 0; f < p.model->fields.size(); ++f) {
      if (p.model->fields[f].by != writer::step) continue;
      s.perturb({source.population, f}, source.neuron, 0, first.fields[row[source.population] + f][source.neuron]);
    }
  }
}

}  // namespace

bool control_map::any() const {
  return !sources.empty() || std::find(stimuli.begin(), stimuli.end(), true) != stimuli.end();
}

control_map no_control(const circuit& c) {
  control_map map;
  for (const population& p : c.populations) {
    map.neurons.emplace_back(p.size, control_map::part::none);
    map.pure.emplace_back(p.size, false);
  }
  map.stimuli.resize(c.stimuli.size());
  return map;
}

control_map find_control(const circuit& c, const description& netlist, const data_set& data, const stillness& still,
                         bool timers) {
  return finder(c, netlist, data, still).find(timers);
}

std::vector<std::string> senders_of(const circuit& c, const control_map& control) {
  std::vector<std::string> names;
  const auto add = [&](std::size_t population, std::string_view what) {
    const std::string name = c.populations[population].name + std::string(what);
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (const control_source& s : control.sources) add(s.population, "");
  for (const stimulus& s : c.stimuli) {
    if (s.role == stimulus_role::imposed) add(s.population, " (imposed)");
  }
  return names;
}

suppression_result suppress_control(const circuit& c, const script& world, const control_map& control) {
  const auto with = make_simulator(c);
  const auto without = make_simulator(c);
  player play_with(world, *with);
  player play_without(world, *without, control.stimuli);
  suppression_result result;
  snapshot first;
  const std::vector<std::vector<double>> born = weights_that_learn(*with);
  while (!play_with.done()) {
    const tick_t t = play_with.played();
    if (t > 0) silence(*without, control, first);
    play_with.run_tick();
    play_without.run_tick();
    const snapshot a = read_snapshot(*with);
    const snapshot b = read_snapshot(*without);
    if (const auto found = difference(c, a, b, control, t)) return *found;
    if (t == 0) first = b;
    result.until = t + 1;
    if (!same_weights(weights_that_learn(*with), born) || !same_weights(weights_that_learn(*without), born)) break;
  }
  return result;
}

}  // namespace locus
