#include "sim/audit/copying.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <set>

#include "sim/audit/feedback_measures.hpp"
#include "sim/core/errors.hpp"
#include "sim/core/random.hpp"

namespace locus {
namespace {

constexpr std::size_t looks = 3;           ///< at the ends of so many presentations
constexpr std::size_t disturbed_each = 8;  ///< connections for each pair

/// Of what came of the disturbances, and of the weights themselves (source s, target t), on common connections. Each
/// run counts alike, however far the source's weights went in it.
struct response {
  double st = 0, tt = 0;  ///< over the sum of ds^2
  std::uint64_t runs = 0;
  double weights_st = 0, weights_ss = 0, weights_tt = 0;

  [[nodiscard]] double factor() const { return runs > 0 ? st / static_cast<double>(runs) : 0; }
  [[nodiscard]] double explained() const { return share(st, static_cast<double>(runs), tt); }
  [[nodiscard]] double weights_factor() const { return weights_ss > 0 ? weights_st / weights_ss : 0; }
  [[nodiscard]] double weights_explained() const { return share(weights_st, weights_ss, weights_tt); }
  [[nodiscard]] static double share(double st, double ss, double tt) {
    return ss > 0 && tt > 0 ? st / ss * st / tt : 0;
  }
};

/// When a run begins, and the presentations at whose ends it is looked at.
struct moment {
  tick_t tick = 0;
  std::size_t first = 0, last = 0;
};

using weights_at = std::map<std::size_t, std::vector<double>>;  ///< by projection

class disturbing {
 public:
  disturbing(const circuit& c, const script& world, const std::vector<watched_pair>& pairs,
             const copying_options& options, bool silent)
      : net_(c),
        world_(world),
        pairs_(pairs),
        options_(options),
        silent_(silent),
        random_(options.seed, "audit", "copying"),
        responses_(pairs.size()),
        disturbed_(pairs.size()) {
    for (const watched_pair& pair : pairs) involved_.insert({pair.source, pair.target});
    choose_moments();
    choose_connections();
    divide_into_rounds();
  }

  std::vector<following> run() {
    run_quiet();
    for (std::size_t m = 0; m < moments_.size(); ++m) {
      for (const std::set<std::size_t>& sources : rounds_) run_disturbed(m, sources);
      kept_[m].reset();
    }
    std::vector<following> all;
    for (std::size_t n = 0; n < pairs_.size(); ++n) all.push_back(judge(n));
    return all;
  }

 private:
  /// Always before a presentation's teacher comes, so that all runs see as many updates; fewer in large circuits.
  void choose_moments() {
    std::uint64_t weights = 0;
    for (const std::size_t i : involved_) weights += net_.connections(net_.projections[i]);
    const std::size_t most = weights <= 100'000 ? 6 : weights <= 1'000'000 ? 3 : 2;
    const std::size_t spans = world_.spans.size(), whole = spans >= looks ? spans - looks + 1 : 1;
    for (std::size_t m = 0; m < std::min(most, 3 * whole); ++m) {
      const std::size_t at = m % whole;
      const presentation_span& span = world_.spans[at];
      const tick_t ticks[] = {span.first, (span.first + span.onset) / 2, std::max(span.first, span.onset - 1)};
      moments_.push_back({ticks[(m / whole + at) % std::size(ticks)], at, std::min(at + looks, spans)});
    }
    std::stable_sort(moments_.begin(), moments_.end(),
                     [](const moment& a, const moment& b) { return a.tick < b.tick; });
  }

  /// A few of the connections that each pair has in common.
  void choose_connections() {
    for (std::size_t n = 0; n < pairs_.size(); ++n) {
      const watched_pair& pair = pairs_[n];
      std::vector<std::size_t> chosen;
      std::uint64_t seen = 0;
      each_common(net_, net_.projections[pair.source], net_.projections[pair.target], pair.transposed,
                  [&](std::size_t source, std::size_t) {
                    if (chosen.size() < disturbed_each) chosen.push_back(source);
                    else if (const auto at = random_.below(seen + 1, n, seen); at < disturbed_each) chosen[at] = source;
                    ++seen;
                  });
      connections_[pair.source].insert(chosen.begin(), chosen.end());
      disturbed_[n] = chosen.size() * moments_.size();
    }
  }

  /// Several projections are disturbed at once, as long as none of them is one that is looked at.
  void divide_into_rounds() {
    std::map<std::size_t, std::set<std::size_t>> targets;
    for (const watched_pair& pair : pairs_) targets[pair.source].insert(pair.target);
    for (const auto& [source, watched] : targets) {
      const auto fits = [&, s = source, &w = watched](const std::set<std::size_t>& round) {
        return std::none_of(round.begin(), round.end(),
                            [&](std::size_t other) { return w.contains(other) || targets[other].contains(s); });
      };
      const auto round = std::find_if(rounds_.begin(), rounds_.end(), fits);
      if (round != rounds_.end()) round->insert(source);
      else rounds_.push_back({source});
    }
  }

  /// The run without disturbances comes first, as a whole: what a rule keeps in a static variable is then never mixed.
  void run_quiet() {
    std::size_t ends = 0;
    for (const moment& m : moments_) ends = std::max(ends, m.last);
    const auto sim = make_simulator(net_);
    if (silent_) sim->silence_noise();
    player play(world_, *sim);
    for (std::size_t span = 0; span < ends; ++span) {
      while (kept_.size() < moments_.size() && moments_[kept_.size()].first == span) {
        play.run_to(moments_[kept_.size()].tick);
        kept_.push_back(sim->clone());
        players_.emplace_back(play, *kept_.back());
      }
      play.run_to(world_.spans[span].last);
      quiet_.push_back(read(*sim));
    }
  }

  weights_at read(const simulator& s) const {
    weights_at all;
    for (const std::size_t i : involved_) all[i] = s.weights(i);
    return all;
  }

  void run_disturbed(std::size_t m, const std::set<std::size_t>& sources) {
    const auto sim = kept_[m]->clone();
    player play(players_[m], *sim);
    weights_at by;
    for (const std::size_t source : sources) by[source] = disturb(*sim, source, m);
    try {
      for (std::size_t span = moments_[m].first; span < moments_[m].last; ++span) {
        play.run_to(world_.spans[span].last);
        const weights_at now = read(*sim);
        for (std::size_t n = 0; n < pairs_.size(); ++n) {
          if (!sources.contains(pairs_[n].source)) continue;
          add(n, now, quiet_[span], by.at(pairs_[n].source), responses_[n][span - moments_[m].first]);
        }
      }
    } catch (const nonfinite_error&) {
      // A circuit that cannot bear the disturbance tells nothing more.
    }
  }

  /// By an eighth to a quarter of what its weights are on average, up or down; returns by how much.
  std::vector<double> disturb(simulator& sim, std::size_t source, std::size_t m) {
    std::vector<double> weights = sim.weights(source), by(weights.size());
    double square = 0;
    for (const double w : weights) square += w * w;
    const double size = square > 0 ? std::sqrt(square / static_cast<double>(weights.size())) : 1;
    for (const std::size_t k : connections_[source]) {
      const double u = random_.uniform(k, m * net_.projections.size() + source);
      by[k] = size * (u < 0.5 ? -0.125 - 0.25 * u : 0.25 * u);
      weights[k] += by[k];
    }
    sim.set_weights(source, weights);
    return by;
  }

  /// What is no copy may still do as the source does: two synapses that learn by one product are led away together if
  /// the circuit answers to a disturbance with a larger one. Then nothing can be said.
  void add(std::size_t n, const weights_at& now, const weights_at& quiet, const std::vector<double>& by,
           response& total) const {
    const watched_pair& pair = pairs_[n];
    const auto &s = now.at(pair.source), &t = now.at(pair.target);
    const auto &s0 = quiet.at(pair.source), &t0 = quiet.at(pair.target);
    double st = 0, ss = 0, tt = 0, disturbed = 0, answered = 0, weights_st = 0, weights_ss = 0, weights_tt = 0;
    each_common(net_, net_.projections[pair.source], net_.projections[pair.target], pair.transposed,
                [&](std::size_t i, std::size_t k) {
                  const double ds = s[i] - s0[i], dt = t[k] - t0[k];
                  st += ds * dt;
                  ss += ds * ds;
                  tt += dt * dt;
                  disturbed += by[i] * by[i];
                  answered += (ds - by[i]) * (ds - by[i]);
                  weights_st += s[i] * t[k];
                  weights_ss += s[i] * s[i];
                  weights_tt += t[k] * t[k];
                });
    if (!std::isfinite(ss + tt + weights_ss + weights_tt) || !(ss > 0) || answered > disturbed) return;
    total.st += st / ss;
    total.tt += tt / ss;
    total.runs += 1;
    total.weights_st += weights_st;
    total.weights_ss += weights_ss;
    total.weights_tt += weights_tt;
  }

  following judge(std::size_t n) const {
    following result;
    result.asked = true;
    for (const response& s : responses_[n]) {
      if (s.runs < std::min<std::size_t>(2, moments_.size())) continue;
      const double factor = s.factor(), of_weights = s.weights_factor();
      const bool as_weights =
          s.weights_explained() >= 0.999 && std::abs(factor - of_weights) <= 0.1 * std::abs(of_weights);
      const bool copies =
          s.explained() >= options_.least_explained && (std::abs(factor) >= options_.least_factor || as_weights);
      const auto size = [](double f, double e) { return std::abs(f) * e; };
      if (result.disturbed != 0 &&
          (copies < result.copies ||
           (copies == result.copies && size(factor, s.explained()) <= size(result.factor, result.explained)))) {
        continue;
      }
      result = {true, disturbed_[n], factor, s.explained(), copies};
    }
    return result;
  }

  const circuit& net_;
  const script& world_;
  const std::vector<watched_pair>& pairs_;
  const copying_options& options_;
  bool silent_;  ///< without noise
  random_stream random_;
  std::set<std::size_t> involved_;
  std::vector<moment> moments_;
  std::map<std::size_t, std::set<std::size_t>> connections_;  ///< that are disturbed, by source
  std::vector<std::set<std::size_t>> rounds_;
  std::vector<std::unique_ptr<simulator>> kept_;        ///< [moment]
  std::vector<player> players_;                         ///< [moment]: where they are in the script
  std::vector<weights_at> quiet_;                       ///< [presentation]: at its end
  std::vector<std::array<response, looks>> responses_;  ///< [pair][presentation after the disturbance]
  std::vector<std::uint64_t> disturbed_;                ///< [pair]
};

}  // namespace

std::vector<following> measure_copying(const circuit& c, const script& world, const std::vector<watched_pair>& pairs,
                                       const copying_options& options) {
  if (pairs.empty()) return {};
  std::vector<following> all = disturbing(c, world, pairs, options, false).run();
  const auto copies = [](const following& f) { return f.copies; };
  if (c.noise_ports().empty() || std::none_of(all.begin(), all.end(), copies)) return all;
  // Feedback that learns the forward weights from their answers to noise, fast: without noise it cannot.
  const std::vector<following> without = disturbing(c, world, pairs, options, true).run();
  for (std::size_t n = 0; n < all.size(); ++n) all[n].copies = all[n].copies && without[n].copies;
  return all;
}

}  // namespace locus
