#pragma once
/// Where control comes from, found by what the sources do, not by what they are called.
///
/// Allowed from outside are data: one value per neuron and presentation, and constants. A source is control if the
/// netlist stamps it onto the timeline (roles control and imposed), if it keeps time (sim/audit/stillness.hpp), or if
/// it is a teacher's neuron that tells nothing but the time: nothing in the circuit predicts what it is taught, what it
/// is taught does not matter, and it opens the gates of synapses.

#include <string>
#include <vector>

#include "sim/audit/script.hpp"
#include "sim/audit/stillness.hpp"
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
  std::vector<std::vector<bool>> pure;     ///< [population][neuron]: control and nothing else, whatever the data

  [[nodiscard]] bool any() const;
  [[nodiscard]] part of(std::size_t population, std::size_t neuron) const { return neurons[population][neuron]; }
};

/// Nothing is control.
[[nodiscard]] control_map no_control(const circuit& c);

/// `timers`: what starts late is control too, because what the circuit learns depends on how long presentations last.
[[nodiscard]] control_map find_control(const circuit& c, const description& netlist, const data_set& data,
                                       const stillness& still, bool timers);

/// The populations that send control, and those whose state is imposed ("hidden1.value (imposed)"); each once.
[[nodiscard]] std::vector<std::string> senders_of(const circuit& c, const control_map& control);

/// What the neurons do when all control is silent.
struct suppression_result {
  bool same = true;  ///< all trajectories are the same bits until a weight changes: theta, or what messages are
                     ///< multiplied with
  tick_t until = 0;  ///< ticks compared
  entity_ref who;    ///< the first difference
  std::size_t field = 0;
  tick_t tick = 0;
  double with_control = 0, without = 0;
};
[[nodiscard]] suppression_result suppress_control(const circuit& c, const script& world, const control_map& control);

}  // namespace locus
