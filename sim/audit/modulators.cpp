#include "sim/audit/modulators.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "sim/audit/cut_circuit.hpp"
#include "sim/circuit/connections.hpp"
#include "sim/engine/field_values.hpp"

namespace locus {
namespace {

/// An effect that is smaller than this share of what a synapse learns is none.
constexpr double felt = 0.01;
/// Signals that differ by less than this share of their range are one.
constexpr double one_signal_within = 1e-3;

/// What the synapses of each modulator learn with and without some wires.
class tie_test {
 public:
  tie_test(const circuit& c, const script& world, std::size_t projection, std::size_t modulators, std::size_t ends)
      : net_(c),
        world_(world),
        learns_(projection),
        at_pre_(c.projections[projection].gate_at == gate_end::pre),
        modulators_(modulators),
        ends_(ends) {
    const auto sim = make_simulator(c);
    start_ = sim->weights(projection);
    player(world, *sim).run_to(world.ticks());
    whole_ = sim->weights(projection);
  }

  /// Whether any synapse of a modulator learns.
  [[nodiscard]] std::vector<bool> learns() const {
    std::vector<bool> some(net_.populations[modulators_].size, false);
    each_connection(net_, net_.projections[learns_], [&](std::size_t pre, std::size_t post, std::size_t k) {
      if (!same_bits(start_[k], whole_[k])) some[at_pre_ ? pre : post] = true;
    });
    return some;
  }

  /// How far modulators' signals go another way, over their range, if all is cut that leads from every second end: for
  /// those that belong to these ends (own), and for the others.
  struct effect {
    std::vector<double> own, others;
  };
  [[nodiscard]] effect signals_without_ends() const {
    const output_id signal = *net_.projections[learns_].gate;
    const std::size_t n = net_.populations[modulators_].size;
    effect found{std::vector<double>(n, 0), std::vector<double>(n, 0)};
    for (std::size_t parity = 0; parity < std::min<std::size_t>(2, n); ++parity) {
      const cut_circuit cut(net_, [&](std::size_t w, std::size_t pre, std::size_t) {
        return net_.projections[w].from.population == ends_ && pre % 2 == parity;
      });
      if (!cut.any()) continue;
      const auto whole = make_simulator(net_), less = cut.start();
      player play_whole(world_, *whole), play_less(world_, *less);
      constexpr double infinity = std::numeric_limits<double>::infinity();
      std::vector<double> low(n, infinity), high(n, -infinity), apart(n, 0);
      while (!play_whole.done()) {
        play_whole.run_tick();
        play_less.run_tick();
        const std::vector<double> a = field_values(*whole, signal), b = field_values(*less, signal);
        for (std::size_t m = 0; m < n; ++m) {
          low[m] = std::min(low[m], a[m]);
          high[m] = std::max(high[m], a[m]);
          apart[m] = std::max(apart[m], std::abs(a[m] - b[m]));
        }
      }
      for (std::size_t m = 0; m < n; ++m) {
        (m % 2 == parity ? found.own : found.others)[m] = high[m] > low[m] ? apart[m] / (high[m] - low[m]) : 0;
      }
    }
    return found;
  }

  /// How far what a modulator's synapses learn goes another way, over the larger of both, if the wire from it to its
  /// partner is cut, or that from its partner.
  [[nodiscard]] std::vector<double> learning_without(std::size_t from, std::size_t to) const {
    const std::size_t n = net_.populations[modulators_].size;
    std::vector<double> found(n, 0);
    for (std::size_t parity = 0; parity < std::min<std::size_t>(2, n); ++parity) {
      const cut_circuit cut(net_, [&](std::size_t w, std::size_t pre, std::size_t post) {
        const projection& p = net_.projections[w];
        // What is learnt stays, to be compared.
        return w != learns_ && p.from.population == from && p.to.population == to && pre == post && pre % 2 == parity;
      });
      if (!cut.any()) continue;
      const auto sim = cut.start();
      player(world_, *sim).run_to(world_.ticks());
      const std::vector<double> distances = distance(sim->weights(learns_));
      for (std::size_t m = parity; m < n; m += 2) found[m] = distances[m];
    }
    return found;
  }

 private:
  /// [modulator]
  std::vector<double> distance(const std::vector<double>& cut) const {
    const std::size_t n = net_.populations[modulators_].size;
    std::vector<double> apart(n, 0), most(n, 0);
    each_connection(net_, net_.projections[learns_], [&](std::size_t pre, std::size_t post, std::size_t k) {
      const std::size_t m = at_pre_ ? pre : post;
      const double a = whole_[k] - start_[k], b = cut[k] - start_[k];
      apart[m] += (a - b) * (a - b);
      most[m] += std::max(a * a, b * b);
    });
    for (std::size_t m = 0; m < n; ++m) apart[m] = most[m] > 0 ? std::sqrt(apart[m] / most[m]) : 0;
    return apart;
  }

  const circuit& net_;
  const script& world_;
  std::size_t learns_;
  bool at_pre_;
  std::size_t modulators_, ends_;
  std::vector<double> start_, whole_;
};

/// The signals of some modulators over the script, each between 0 and 1; those that never change are left out.
std::vector<std::vector<double>> signals(const circuit& c, const script& world, const output_id& signal) {
  const auto sim = make_simulator(c);
  player play(world, *sim);
  constexpr std::size_t most = 64;
  const std::size_t n = c.populations[signal.population].size, step = n / most + 1;
  std::vector<std::vector<double>> all(n);
  while (!play.done()) {
    play.run_tick();
    const std::vector<double> now = field_values(*sim, signal);
    for (std::size_t i = 0; i < n; i += step) all[i].push_back(now[i]);
  }
  std::vector<std::vector<double>> told;
  for (std::size_t i = 0; i < n; i += step) {
    const auto [low, high] = std::minmax_element(all[i].begin(), all[i].end());
    if (same_bits(*low, *high)) continue;
    const double from = *low, range = *high - *low;
    for (double& v : all[i]) v = (v - from) / range;
    told.push_back(std::move(all[i]));
  }
  return told;
}

/// Whether data enter a population: each of its neurons has a column of its own.
bool has_stimulus(const circuit& c, std::size_t population) {
  return std::any_of(c.stimuli.begin(), c.stimuli.end(), [&](const stimulus& s) {
    return s.population == population && (s.role == stimulus_role::input || s.role == stimulus_role::teacher);
  });
}

bool all_one(const std::vector<std::vector<double>>& signals) {
  if (signals.size() < 2) return false;
  for (const auto& each : signals) {
    for (std::size_t t = 0; t < each.size(); ++t) {
      if (std::abs(each[t] - signals.front()[t]) > one_signal_within) return false;
    }
  }
  return true;
}

}  // namespace

modulator_ties measure_ties(const circuit& c, const script& world, std::size_t index) {
  const projection& p = c.projections[index];
  const std::size_t modulators = p.gate->population;
  const std::size_t ends = p.gate_at == gate_end::pre ? p.from.population : p.to.population;
  modulator_ties ties;
  ties.joined = ties.near = attached(c, modulators, ends);
  if (modulators == ends) return ties;
  if (std::find(ties.joined.begin(), ties.joined.end(), true) == ties.joined.end()) return ties;
  const tie_test test(c, world, index, modulators, ends);
  ties.one_signal = all_one(signals(c, world, *p.gate));
  const std::vector<bool> learns = test.learns();
  for (std::size_t m = 0; m < ties.near.size(); ++m) ties.near[m] = ties.joined[m] && !learns[m];
  const auto all_near = [&] { return ties.near == ties.joined; };
  // Does the modulator hear its partner?
  const std::vector<double> hears = test.learning_without(ends, modulators);
  for (std::size_t m = 0; m < ties.near.size(); ++m) {
    ties.near[m] = ties.near[m] || (ties.joined[m] && hears[m] >= felt);
  }
  if (all_near()) return ties;
  // Or does it act on its partner, and says something of its own?
  if (!ties.one_signal || has_stimulus(c, modulators)) {
    const std::vector<double> acts = test.learning_without(modulators, ends);
    for (std::size_t m = 0; m < ties.near.size(); ++m) {
      ties.near[m] = ties.near[m] || (ties.joined[m] && acts[m] >= felt);
    }
    return ties;
  }
  // Or does it hear the partner over others, more than the partners of its neighbours?
  const tie_test::effect over = test.signals_without_ends();
  for (std::size_t m = 0; m < ties.near.size(); ++m) {
    const bool own = over.own[m] >= felt && over.own[m] >= 2 * over.others[m];
    ties.near[m] = ties.near[m] || (ties.joined[m] && own);
  }
  return ties;
}

gate_nearness near_modulators(const circuit& c, const script& world, std::size_t index, bool cut_wires) {
  const projection& p = c.projections[index];
  const modulator_ties ties = measure_ties(c, world, index);
  gate_nearness found{cut_wires ? ties.near : ties.joined, ties.one_signal};
  if (p.gate_at != gate_end::everywhere) return found;
  // One neuron that all synapses see is near only where there is no other end than that which it is joined to.
  const bool only = c.populations[p.to.population].size == 1;
  return {std::vector<bool>(1, only && ties.near[0]), !only};
}

std::uint64_t affordable_presentations(const circuit& c, const timeline_description& timeline, std::uint64_t fewest,
                                       std::uint64_t longer) {
  constexpr std::uint64_t products = 500'000'000;
  std::uint64_t each_tick = 0;
  for (const population& p : c.populations) each_tick += 16 * std::uint64_t{p.size};
  for (const projection& p : c.projections) each_tick += c.connections(p);
  const std::uint64_t each = longer * longest_presentation(timeline) * std::max<std::uint64_t>(each_tick, 1);
  return std::max(fewest, products / std::max<std::uint64_t>(each, 1));
}

std::uint64_t presentations_to_tie(const circuit& c, const timeline_description& timeline) {
  return std::min<std::uint64_t>(16, affordable_presentations(c, timeline, 2, 1));
}

}  // namespace locus
