#include "sim/audit/control.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

namespace locus {
namespace {

/// Sent outputs of all neurons, [population][field][neuron].
using outputs = std::vector<std::vector<std::vector<double>>>;

outputs read_outputs(const simulator& s) {
  const circuit& c = s.net();
  outputs all(c.populations.size());
  for (std::size_t p = 0; p < all.size(); ++p) {
    for (std::size_t f = 0; f < c.populations[p].model->fields.size(); ++f) {
      std::vector<double>& values = all[p].emplace_back();
      if (c.populations[p].model->fields[f].seen != visibility::sent) continue;
      for (std::size_t i = 0; i < c.populations[p].size; ++i) values.push_back(s.value({p, f}, i, 0));
    }
  }
  return all;
}

class finder {
 public:
  finder(const circuit& c, const script& world, const data_set& data) : net_(c), world_(world), data_(data), graph_(c) {
    result_.stimuli.resize(c.stimuli.size());
    for (const population& p : c.populations) result_.neurons.emplace_back(p.size, control_map::part::none);
  }

  control_map find() {
    note_declared();
    note_reach();
    watch();
    note_relays();
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

  /// Which neurons data can reach.
  void note_reach() {
    std::vector<std::size_t> entries;
    for (const stimulus& s : net_.stimuli) {
      if (s.role != stimulus_role::input && s.role != stimulus_role::teacher) continue;
      stimulated_.insert(s.population);
      for (std::size_t n = 0; n < net_.populations[s.population].size; ++n)
        entries.push_back(graph_.neuron(s.population, n));
    }
    hops_ = graph_.distances(entries);
  }

  /// Without noise: a neuron that changes by its own draws alone keeps no time.
  void watch() {
    simulator_options options;
    options.silent_noise = true;
    const auto sim = make_simulator(net_, options);
    player play(world_, *sim);
    std::vector<bool> held(net_.populations.size(), false);
    while (!play.done()) {
      const tick_t t = play.played();
      std::vector<bool> touched(net_.populations.size(), false);
      for (const stimulus_event& e : world_.events) {
        if (e.tick != t) continue;
        touched[e.population] = true;
        held[e.population] = e.what == stimulus_event::action::clamp;
      }
      play.run_tick();
      const outputs now = read_outputs(*sim);
      if (t > 0) compare(t, now, touched, held);
      last_ = now;
    }
    if (data_.train.count() > 1) note_timing_teachers();
  }

  void compare(tick_t t, const outputs& now, const std::vector<bool>& touched, const std::vector<bool>& held) {
    for (std::size_t p = 0; p < now.size(); ++p) {
      for (std::size_t i = 0; i < net_.populations[p].size; ++i) {
        const std::size_t n = graph_.neuron(p, i);
        const bool deaf = graph_.is_source(n);
        const bool unreached = hops_[n] == hop_graph::unreachable;
        if (!deaf && !unreached) continue;
        for (std::size_t f = 0; f < now[p].size(); ++f) {
          if (now[p][f].empty() || same_bits(now[p][f][i], last_[p][f][i])) continue;
          judge(t, p, i, deaf, touched[p], held[p],
                fmt::format("{}: {} -> {}", net_.name_of(output_id{p, f}), last_[p][f][i], now[p][f][i]));
        }
      }
    }
  }

  void judge(tick_t t, std::size_t p, std::size_t i, bool deaf, bool touched, bool held, const std::string& change) {
    if (stimulated_.count(p) == 0) {
      // What is cut off from the data may settle during the first presentation (a bias alone moves it).
      if (!deaf && t < world_.spans.front().last) return;
      add(p, i, fmt::format("no data reach it, yet it changes at tick {} ({})", t, change));
    } else if (deaf && held && !touched) {
      add(p, i, fmt::format("it changes at tick {} while its stimulus holds still ({})", t, change));
    } else if (deaf && touched) {
      moved_.insert({p, i});
    }
  }

  /// Teacher neurons that nothing in the circuit predicts, whose number is the same in all samples.
  void note_timing_teachers() {
    for (const stimulus& s : net_.stimuli) {
      if (s.role != stimulus_role::teacher) continue;
      for (std::uint32_t i = 0; i < net_.populations[s.population].size; ++i) {
        if (moved_.count({s.population, i}) == 0 || !constant_target(i)) continue;
        add(s.population, i,
            fmt::format("its stimulus is {} in every sample: it tells the time and nothing else",
                        data_.train.target.at(0, i)));
      }
    }
  }

  bool constant_target(std::uint32_t column) const {
    for (std::uint32_t sample = 1; sample < data_.train.count(); ++sample) {
      if (!same_bits(data_.train.target.at(sample, column), data_.train.target.at(0, column))) return false;
    }
    return true;
  }

  /// Neurons that hear nothing but control pass it on.
  void note_relays() {
    for (bool more = true; more;) {
      more = false;
      std::vector<std::vector<bool>> hears(net_.populations.size()), other(net_.populations.size());
      for (std::size_t p = 0; p < hears.size(); ++p) {
        hears[p].resize(net_.populations[p].size);
        other[p].resize(net_.populations[p].size);
      }
      for (const projection& p : net_.projections) {
        each_connection(net_, p, [&](std::size_t pre, std::size_t post, std::size_t) {
          const bool control = result_.neurons[p.from.population][pre] != control_map::part::none;
          (control ? hears : other)[p.to.population][post] = true;
        });
      }
      for (std::size_t p = 0; p < hears.size(); ++p) {
        for (std::size_t i = 0; i < hears[p].size(); ++i) {
          control_map::part& mark = result_.neurons[p][i];
          if (mark != control_map::part::none || !hears[p][i] || other[p][i] || stimulated_.count(p) != 0) continue;
          mark = control_map::part::relay;
          more = true;
        }
      }
    }
  }

  const circuit& net_;
  const script& world_;
  const data_set& data_;
  hop_graph graph_;
  std::vector<std::uint32_t> hops_;
  std::set<std::size_t> stimulated_;                     ///< populations that data enter
  std::set<std::pair<std::size_t, std::size_t>> moved_;  ///< deaf neurons that change when their stimulus does
  outputs last_;
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

bool same_weights(const snapshot& a, const snapshot& b) {
  for (std::size_t i = 0; i < a.weights.size(); ++i) {
    if (!std::equal(a.weights[i].begin(), a.weights[i].end(), b.weights[i].begin(), same_bits<double>)) return false;
  }
  return true;
}

}  // namespace

bool control_map::any() const {
  return !sources.empty() || std::find(stimuli.begin(), stimuli.end(), true) != stimuli.end();
}

control_map find_control(const circuit& c, const script& world, const data_set& data) {
  return finder(c, world, data).find();
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
    if (!same_weights(a, first) || !same_weights(b, first)) break;
  }
  return result;
}

}  // namespace locus
