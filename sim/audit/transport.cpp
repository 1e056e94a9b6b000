#include "sim/audit/transport.hpp"

#include <algorithm>
#include <set>

namespace locus {
namespace {

/// The connection of `forward` that runs the other way between the same two neurons as connection k of `feedback`.
std::size_t opposite(const circuit& c, const projection& forward, const projection& feedback, std::size_t k) {
  const std::size_t pre = k % c.size_before(feedback), post = k / c.size_before(feedback);
  return pre * c.size_before(forward) + post;
}

/// A feedback connection whose weight is not its opposite's.
std::optional<std::size_t> difference(const circuit& c, const weight_pair& pair, const std::vector<double>& forward,
                                      const std::vector<double>& feedback) {
  for (std::size_t k = 0; k < feedback.size(); ++k) {
    const std::size_t other = opposite(c, c.projections[pair.forward], c.projections[pair.feedback], k);
    if (!same_bits(feedback[k], forward[other])) return k;
  }
  return std::nullopt;
}

/// Equal weights say something only if they are not all the same number.
bool telling(const std::vector<double>& weights) { return std::set<double>(weights.begin(), weights.end()).size() > 1; }

/// Whether `back` leads from where `forward` leads to, and the other way round.
bool opposite_ways(const projection& forward, const projection& back) {
  return back.from.population == forward.to.population && back.to.population == forward.from.population;
}

bool opposite_shapes(const circuit& c, const projection& a, const projection& b) {
  return a.synapse != nullptr && b.synapse != nullptr && a.shape == projection_shape::dense &&
         b.shape == projection_shape::dense && c.size_before(a) == c.size_after(b) &&
         c.size_after(a) == c.size_before(b);
}

}  // namespace

transport_result find_transport(const circuit& c, const script& world) {
  const auto sim = make_simulator(c);
  transport_result result;
  for (std::size_t f = 0; f < c.projections.size(); ++f) {
    if (c.projections[f].synapse == nullptr || c.projections[f].shared_with) continue;
    const std::vector<double> forward = sim->weights(f);
    for (std::size_t b = 0; b < c.projections.size(); ++b) {
      const projection& back = c.projections[b];
      if (b == f || !opposite_shapes(c, c.projections[f], back)) continue;
      weight_pair pair{f, b, back.shared_with == f && back.transposed, {}, 0};
      const bool named = pair.shared || (back.copied_from == f && back.transposed);
      // Without a word in the netlist, the later of the two is called the feedback.
      if (!named && (b < f || back.shared_with || !telling(forward) || !opposite_ways(c.projections[f], back)))
        continue;
      if (difference(c, pair, forward, sim->weights(b))) continue;
      result.pairs.push_back(pair);
    }
  }
  player play(world, *sim);
  while (!play.done() && !result.pairs.empty()) {
    play.run_tick();
    for (weight_pair& pair : result.pairs) {
      if (pair.parted) continue;
      const auto k = difference(c, pair, sim->weights(pair.forward), sim->weights(pair.feedback));
      if (!k) continue;
      pair.parted = play.played() - 1;
      pair.connection = *k;
    }
  }
  result.ticks = world.ticks();
  return result;
}

}  // namespace locus
