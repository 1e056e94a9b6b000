#pragma once
/// Where control comes from, found by what the sources are and do, not by what they are called.
///
/// Allowed from outside are data: one value per neuron and presentation, and constants. A source is control if the
/// netlist stamps it onto the timeline (roles control and imposed), if no data can reach it and its outputs change all
/// the same (a clock in a neuron's clothing), if it changes while a stimulus holds it, or if a teacher's neuron carries
/// the same number in every sample and so tells nothing but the time.

#include <string>
#include <vector>

#include "sim/audit/script.hpp"
#include "sim/audit/wiring.hpp"

namespace locus {

struct control_source {
  std::size_t population = 0;
  std::size_t neuron = 0;
  std::string why;
};

struct control_map {
  enum class part : std::uint8_t { none, source, relay };  ///< relay: hears nothing but control

  std::vector<control_source> sources;
  std::vector<std::vector<part>> neurons;  ///< [population][neuron]
  std::vector<bool> stimuli;               ///< [stimulus]: is control

  [[nodiscard]] bool any() const;
  [[nodiscard]] part of(std::size_t population, std::size_t neuron) const { return neurons[population][neuron]; }
};

/// Watches one run of the script on the production engine.
[[nodiscard]] control_map find_control(const circuit& c, const script& world, const data_set& data);

/// The populations that send control, and those whose state is imposed ("hidden1.value (imposed)"); each once.
[[nodiscard]] std::vector<std::string> senders_of(const circuit& c, const control_map& control);

/// What the neurons do when all control is silent.
struct suppression_result {
  bool same = true;  ///< all trajectories are the same bits until the first weight change
  tick_t until = 0;  ///< ticks compared
  entity_ref who;    ///< the first difference
  std::size_t field = 0;
  tick_t tick = 0;
  double with_control = 0, without = 0;
};
[[nodiscard]] suppression_result suppress_control(const circuit& c, const script& world, const control_map& control);

}  // namespace locus
