#pragma once
/// What the outside world does in a stretch of time, written down in advance, so that the same world can be played to
/// several simulators and to the interpreter, tick by tick. One lane.

#include <cstdint>
#include <vector>

#include "sim/core/bits.hpp"
#include "sim/data/data_set.hpp"
#include "sim/engine/simulator.hpp"
#include "sim/experiment/presenter.hpp"
#include "sim/experiment/stimulus_plan.hpp"

namespace locus {

struct stimulus_event {
  using action = stimulus_change::action;
  tick_t tick = 0;
  action what = action::clamp;
  std::size_t stimulus = 0;  ///< index in circuit::stimuli
  std::size_t population = 0;
  std::vector<double> values;  ///< clamp; impose: what is added, or nothing
};

struct presentation_span {
  tick_t first = 0;  ///< input on
  tick_t onset = 0;  ///< teacher on
  tick_t last = 0;   ///< one past the last tick
};

struct script {
  std::vector<stimulus_event> events;  ///< in the order in which they take effect
  std::vector<presentation_span> spans;

  [[nodiscard]] tick_t ticks() const { return spans.empty() ? 0 : spans.back().last; }
};

/// A training sample and how long it is shown.
struct planned_presentation {
  std::uint32_t sample = 0;
  presentation_times times;
};

/// Presentations one after the other. Tick 0 is the first. Requires: c.lanes == 1. Throws usage_error if the circuit
/// does not fit the data.
[[nodiscard]] script write_script(const circuit& c, const description& netlist, const data_set& data,
                                  const std::vector<planned_presentation>& plan);

/// The same for the training samples in the netlist's order.
[[nodiscard]] script write_script(const circuit& c, const description& netlist, const data_set& data,
                                  const std::vector<presentation_times>& times);

/// Plays a script to a simulator that stands at its first tick.
class player {
 public:
  /// Both must outlive the player. Events of stimuli for which `leave_out` is true are not played.
  player(const script& events, simulator& s, std::vector<bool> leave_out = {});

  /// Goes on from where `other` is, with a simulator that is in the state of its own (simulator::clone()).
  player(const player& other, simulator& s);

  /// Plays the events of the next tick and runs it. Requires: !done().
  void run_tick();
  void run_to(tick_t tick);
  [[nodiscard]] bool done() const { return played_ >= script_.ticks(); }
  [[nodiscard]] tick_t played() const { return played_; }  ///< ticks so far

 private:
  void play_events();

  const script& script_;
  simulator& simulator_;
  std::vector<bool> leave_out_;
  std::size_t next_ = 0;
  tick_t first_;
  tick_t played_ = 0;
};

/// All bytes of a simulator's fields and weights, in the circuit's precision.
struct snapshot {
  std::vector<std::vector<double>> fields;   ///< [field in the order of populations][neuron], lane 0
  std::vector<std::vector<double>> weights;  ///< [projection]; empty without synapses
  /// [projection][field but theta]: what else synapses keep that learn
  std::vector<std::vector<std::vector<double>>> synapses;

  friend bool operator==(const snapshot&, const snapshot&) = default;
};
[[nodiscard]] snapshot read_snapshot(const simulator& s);

/// Of the projections that learn, in their order: theta, and then what messages are multiplied with, if that is another
/// field.
[[nodiscard]] std::vector<std::vector<double>> weights_that_learn(const simulator& s);

}  // namespace locus
