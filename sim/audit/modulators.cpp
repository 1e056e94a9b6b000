#include "sim/audit/modulators.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

#include "sim/audit/cut_circuit.hpp"
#include "sim/engine/field_values.hpp"

namespace locus {
namespace {

/// An effect that is smaller than this share of what a neuron does is none.
constexpr double felt = 0.01;
/// Signals that differ by less than this share of their range are one.
constexpr double one_signal_within = 1e-3;

/// Lowest and highest value of each neuron's outputs, and the largest distance from another run.
class comparison {
 public:
  comparison(const circuit& c, std::vector<output_id> outputs)
      : size_(c.populations[outputs.front().population].size), outputs_(std::move(outputs)) {
    low_.assign(outputs_.size() * size_, INFINITY);
    high_.assign(outputs_.size() * size_, -INFINITY);
    distance_.assign(outputs_.size() * size_, 0);
  }

  void take(const simulator& whole, const simulator& cut) {
    for (std::size_t o = 0; o < outputs_.size(); ++o) {
      const std::vector<double> a = field_values(whole, outputs_[o]), b = field_values(cut, outputs_[o]);
      for (std::size_t i = 0; i < size_; ++i) {
        const std::size_t n = o * size_ + i;
        low_[n] = std::min(low_[n], a[i]);
        high_[n] = std::max(high_[n], a[i]);
        distance_[n] = std::max(distance_[n], std::abs(a[i] - b[i]));
      }
    }
  }

  /// The largest of a neuron's outputs' distances, each over the output's range; 0 if nothing moves.
  [[nodiscard]] double effect(std::size_t i) const {
    double most = 0;
    for (std::size_t n = i; n < distance_.size(); n += size_) {
      const double range = high_[n] - low_[n];
      if (range > 0) most = std::max(most, distance_[n] / range);
      else if (distance_[n] > 0) most = std::max(most, 1.0);
    }
    return most;
  }

 private:
  std::size_t size_;
  std::vector<output_id> outputs_;
  std::vector<double> low_, high_, distance_;
};

std::vector<output_id> outputs_of(const circuit& c, std::size_t population) {
  std::vector<output_id> all;
  for (std::size_t f = 0; f < c.populations[population].model->fields.size(); ++f) {
    if (c.populations[population].model->fields[f].seen == visibility::sent) all.push_back({population, f});
  }
  return all;
}

/// What neurons send with and without the wires, [neuron].
std::vector<double> effects(const circuit& c, const script& world, std::size_t from, std::size_t to,
                            const std::vector<output_id>& watched) {
  std::vector<double> all(watched.empty() ? 0 : c.populations[watched.front().population].size, 0);
  for (std::size_t parity = 0; parity < std::min<std::size_t>(2, all.size()); ++parity) {
    const cut_circuit without(c, [&](std::size_t w, std::size_t pre, std::size_t post) {
      const projection& p = c.projections[w];
      return p.from.population == from && p.to.population == to && pre == post && post % 2 == parity;
    });
    if (!without.any()) return all;
    const auto whole = make_simulator(c);
    const auto cut = without.start();
    player play_whole(world, *whole), play_cut(world, *cut);
    comparison seen(c, watched);
    while (!play_whole.done()) {
      play_whole.run_tick();
      play_cut.run_tick();
      seen.take(*whole, *cut);
    }
    for (std::size_t i = parity; i < all.size(); i += 2) all[i] = seen.effect(i);
  }
  return all;
}

/// The signals of some modulators over the script, each between 0 and 1; those that never change are left out.
std::vector<std::vector<double>> signals(const circuit& c, const script& world, const output_id& signal,
                                         std::vector<bool>& moves) {
  const auto sim = make_simulator(c);
  player play(world, *sim);
  constexpr std::size_t most = 64;
  const std::size_t n = c.populations[signal.population].size, step = n / most + 1;
  std::vector<double> first;
  std::vector<std::vector<double>> all(n);
  moves.assign(n, false);
  while (!play.done()) {
    play.run_tick();
    const std::vector<double> now = field_values(*sim, signal);
    if (first.empty()) first = now;
    for (std::size_t i = 0; i < n; ++i) {
      moves[i] = moves[i] || !same_bits(first[i], now[i]);
      if (i % step == 0) all[i].push_back(now[i]);
    }
  }
  std::vector<std::vector<double>> told;
  for (std::size_t i = 0; i < n; i += step) {
    if (!moves[i]) continue;
    const auto [low, high] = std::minmax_element(all[i].begin(), all[i].end());
    const double from = *low, range = *high - *low;
    for (double& v : all[i]) v = (v - from) / range;
    told.push_back(std::move(all[i]));
  }
  return told;
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

modulator_ties measure_ties(const circuit& c, const script& world, const output_id& signal, std::size_t ends) {
  const std::size_t modulators = signal.population;
  modulator_ties ties;
  ties.joined = ties.near = attached(c, modulators, ends);
  if (modulators == ends || std::find(ties.joined.begin(), ties.joined.end(), true) == ties.joined.end()) return ties;
  std::vector<bool> moves;
  ties.one_signal = all_one(signals(c, world, signal, moves));
  ties.hears = effects(c, world, ends, modulators, {signal});
  const auto heard = [&](std::size_t m) { return !moves[m] || ties.hears[m] >= felt; };
  bool settled = true;
  for (std::size_t m = 0; m < ties.joined.size(); ++m) settled = settled && (!ties.joined[m] || heard(m));
  ties.acts.assign(ties.joined.size(), 0);
  if (!settled && !ties.one_signal) ties.acts = effects(c, world, modulators, ends, outputs_of(c, ends));
  for (std::size_t m = 0; m < ties.joined.size(); ++m) {
    ties.near[m] = ties.joined[m] && (heard(m) || ties.acts[m] >= felt);
  }
  return ties;
}

}  // namespace locus
