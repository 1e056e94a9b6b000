#pragma once
/// What experimenters do to a circuit between two ticks: clamps that stay, impositions and perturbations for the next
/// tick.

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "sim/core/errors.hpp"
#include "sim/engine/network_state.hpp"

namespace locus {

/// A population's state imposed for one tick.
template <class P>
struct imposition {
  std::size_t population;
  std::size_t port;         ///< index: whose values are imposed
  aligned_vector<P> added;  ///< on top of them, as a field; empty: nothing
};

/// One number of a field, for one tick.
template <class P>
struct perturbation {
  output_id field;
  std::size_t at;  ///< offset in the field
  P value;
};

template <class P>
class stimulation {
 public:
  explicit stimulation(network_state<P>& network) : network_(network) {}

  /// values[neuron * lanes + lane] on a population's clamp, put on before tick `now`.
  void clamp(std::size_t population, std::span<const double> values, tick_t now) {
    population_state<P>& p = clampable(population);
    const std::size_t lanes = network_.lanes;
    if (values.size() != p.size * lanes) throw internal_error("clamp: wrong number of values");
    for (std::size_t i = 0; i < p.size; ++i) {
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        p.clamped[field_offset(i, lane, lanes)] = static_cast<P>(values[i * lanes + lane]);
      }
    }
    put_on(p, now);
  }

  /// The same in one lane; the others keep what they have. V: float or double.
  template <class V>
  void clamp_lane(std::size_t population, std::size_t lane, std::span<const V> values, tick_t now) {
    population_state<P>& p = clampable(population);
    if (values.size() != p.size || lane >= network_.lanes) throw internal_error("clamp_lane: wrong number of values");
    for (std::size_t first = 0; first < p.size; first += panel_width) {
      P* const to = p.clamped.data() + field_offset(first, lane, network_.lanes);
      const V* const from = values.data() + first;
      const std::size_t count = std::min(panel_width, p.size - first);
      if (count == panel_width) {  // by way of an array that neither overlaps: a few vector instructions
        std::array<P, panel_width> block;
        std::transform(from, from + panel_width, block.begin(), [](V value) { return static_cast<P>(value); });
        std::copy_n(block.begin(), panel_width, to);
      } else {
        std::transform(from, from + count, to, [](V value) { return static_cast<P>(value); });
      }
    }
    put_on(p, now);
  }

  /// Whether there was a clamp to be taken off.
  bool release(std::size_t population) {
    population_state<P>& p = clampable(population);
    if (!p.clamp_on) return false;
    p.clamp_on = false;
    p.clamp_changed = true;
    return true;
  }

  /// Replaces what was to be imposed on the population.
  void impose(std::size_t population, port_id source, std::span<const double> added) {
    population_state<P>& p = clampable(population);
    const std::size_t lanes = network_.lanes;
    if (!added.empty() && added.size() != p.size * lanes) throw internal_error("impose: wrong number of values");
    std::erase_if(impositions, [&](const imposition<P>& each) { return each.population == population; });
    imposition<P> next{population, network_.port_index(source), {}};
    if (!added.empty()) next.added.resize(p.clamped.size());
    for (std::size_t k = 0; k < added.size(); ++k) {
      next.added[field_offset(k / lanes, k % lanes, lanes)] = static_cast<P>(added[k]);
    }
    impositions.push_back(std::move(next));
    p.imposed_next = true;
  }

  void perturb(output_id field, std::size_t neuron, std::size_t lane, double value) {
    perturbations.push_back({field, field_offset(neuron, lane, network_.lanes), static_cast<P>(value) + P(0)});
  }

  /// Takes over what `other` has waiting for the next tick.
  void take_over(const stimulation& other) {
    impositions = other.impositions;
    perturbations = other.perturbations;
    for (const imposition<P>& each : impositions) network_.populations[each.population].imposed_next = true;
  }

  std::vector<imposition<P>> impositions;  ///< of the next tick, in the order of the calls
  std::vector<perturbation<P>> perturbations;

 private:
  population_state<P>& clampable(std::size_t population) {
    if (!network_.net.populations[population].model->has_clamp) {
      throw internal_error("population " + network_.net.populations[population].name + " cannot be clamped");
    }
    return network_.populations[population];
  }

  static void put_on(population_state<P>& p, tick_t now) {
    p.clamp_on = p.clamp_changed = true;
    p.clamp_since = now;
  }

  network_state<P>& network_;
};

}  // namespace locus
