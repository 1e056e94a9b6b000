#pragma once
/// Runs a circuit entity by entity with traced numbers, beside the production engine, and notes every read that is not
/// local, every write that control entered, and every bit in which the two runs differ.
///
/// The schedule is that of design and engine: commit, messages level by level, learning. Sums over a port are made with
/// plain numbers; the set of what entered a port is its list of messages, looked through once.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "sim/audit/control.hpp"
#include "sim/audit/script.hpp"
#include "sim/audit/trail.hpp"

namespace locus {

/// The writes of one kind: all neurons' field, or all weights of a projection.
struct write_tally {
  std::uint64_t count = 0;
  std::uint64_t changes = 0;  ///< that changed a bit
  entity_ref who;             ///< an example: the first that changed a bit, or else the first
  std::size_t field = 0;
  tick_t tick = 0;
  bool changed = false;
  double before = 0, after = 0;
  std::vector<trail_step> chain;  ///< of the example: its trail, as it was then
};
/// By (is synapse, group, field, kind of the trail's first step).
using write_tallies = std::map<std::tuple<bool, std::size_t, std::size_t, int>, write_tally>;

/// What the synapses of one projection use to learn.
struct synapse_reads {
  std::size_t projection = 0;
  bool weight = false, state = false, pre = false, post = false, gate = false;  ///< state: but theta
  bool near_gate = true;         ///< all modulators are ends, or tied to one
  bool one_signal = false;       ///< all modulators say the same
  bool pure_control = true;      ///< those that are not are control and nothing else
  std::uint64_t modulators = 0;  ///< neurons
  std::uint64_t fan_out = 0;     ///< most synapses that see one of them
  std::uint64_t values = 0;      ///< distinct ones that they sent, up to most_values
  tick_t age = 0;  ///< of the oldest message that a change of a weight goes back to, in ticks, as far as was watched
};
inline constexpr std::uint64_t most_values = 1000;

struct tracing_difference {
  entity_ref who;
  std::size_t field = 0;  ///< or weight_field
  tick_t tick = 0;
  double traced = 0, production = 0;
};

/// Control messages after the first tick, by sending population.
struct control_traffic {
  std::uint64_t to_neurons = 0;
  std::uint64_t to_synapses = 0;
  std::map<std::string, std::uint64_t> receivers;  ///< population or projection -> messages
};

struct interpretation {
  trails paths;
  write_tallies nonlocal;             ///< writes with a non-local read in them
  write_tallies tainted_learning;     ///< weight writes with one in them or in the ancestry of what they used
  write_tallies controlled_state;     ///< neurons' writes that control entered
  write_tallies controlled_learning;  ///< weight writes that control entered
  std::vector<synapse_reads> reads;   ///< by projections that learn
  std::optional<tracing_difference> difference;
  std::map<std::string, control_traffic> control;  ///< by sender
  /// Inputs of some evaluations, as purity_options::recorded: [population] and [projection].
  std::vector<std::vector<std::vector<double>>> neuron_inputs, synapse_inputs;
  tick_t passed_over = 0;  ///< ticks in which nothing moved any more
  std::uint64_t presentations = 0;
  std::uint64_t writes = 0;          ///< evaluations of a rule
  std::uint64_t weight_changes = 0;  ///< writes of weights that changed a bit
  std::uint64_t learning_synapses = 0;
  std::uint64_t traced_synapses = 0;  ///< fewer: a seeded sample
};

struct interpreter_options {
  std::uint64_t seed = 1;
  std::uint64_t max_synapses = 20000;  ///< learning synapses that are traced; of more, a sample
  bool cut_wires = true;               ///< of modulators, to see what they do
};

/// `ties`: a script, as a rule a longer one, in which the wires of modulators are tried (sim/audit/modulators.hpp).
/// Requires: c.lanes == 1.
[[nodiscard]] interpretation interpret(const circuit& c, const script& world, const script& ties,
                                       const control_map& control, const interpreter_options& options = {});

}  // namespace locus
