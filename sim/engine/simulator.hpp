#pragma once
/// Runs a circuit, tick by tick. See sim/engine/README.md for what happens within a tick.

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/circuit/circuit.hpp"
#include "sim/core/archive.hpp"
#include "sim/core/rank_group.hpp"
#include "sim/core/tick.hpp"
#include "sim/engine/kernels.hpp"

namespace locus {

class simulator;

/// Sees every tick after its messages have been exchanged and before its learning: all that is seen belongs to one
/// tick, the weights being those that the tick used. Must not change the simulator.
class tick_observer {
 public:
  virtual ~tick_observer() = default;
  virtual void on_tick(tick_t tick, const simulator& s) = 0;
  /// Nothing changes in [first, last): every tick there looks as the last one seen.
  virtual void on_quiet(tick_t first, tick_t last, const simulator& s) = 0;
};

/// What happened so far.
struct activity {
  std::uint64_t ticks = 0;
  std::uint64_t messages = 0;        ///< synapse -> port, per lane, whose sender or weight changed
  std::uint64_t links = 0;           ///< the same over plain links
  std::uint64_t spikes = 0;          ///< ones of event outputs, all lanes
  std::uint64_t weight_changes = 0;  ///< ticks in which a projection learnt, summed over projections
  friend bool operator==(const activity&, const activity&) = default;
};

struct simulator_options {
  bool track_activity = true;         ///< false: compute everything in every tick (same bits; to check the tracking)
  std::optional<simd_target> target;  ///< default: chosen_target()
  tick_t first_tick = 0;              ///< what the clock shows at the start; nothing may depend on it
  std::size_t threads = 1;            ///< 0: as many as the circuit's size is worth; never changes a bit
  rank_group* ranks = nullptr;        ///< null: this process alone
  bool all_connections = true;        ///< this rank lists, compares or records synapses of others
  std::function<bool()> stop = {};    ///< asked before each tick that is computed; true ends advance() there

  /// What the circuit has to keep of its connections.
  [[nodiscard]] partition keeps() const {
    return ranks == nullptr || all_connections ? partition() : ranks->partition();
  }
};

/// What advance() throws where simulator_options::stop said so: between two ticks. It is no error.
class advance_stopped : public std::exception {
 public:
  [[nodiscard]] const char* what() const noexcept override { return "stopped"; }
};

/// A circuit in the course of time. Not thread-safe; two simulators share nothing.
class simulator {
 public:
  virtual ~simulator() = default;
  simulator() = default;
  simulator(const simulator&) = delete;
  simulator& operator=(const simulator&) = delete;

  [[nodiscard]] virtual const circuit& net() const noexcept = 0;

  /// The tick that runs next.
  [[nodiscard]] virtual tick_t now() const noexcept = 0;

  /// Runs the ticks [now, until). Throws nonfinite_error naming neuron and tick, unless the circuit records
  /// such numbers, and advance_stopped between two ticks. After nonfinite_error, or an observer's exception, a tick has
  /// been broken off in its middle: fields and counters can still be looked at, but weights are not read, nothing is
  /// saved and no tick is run any more (run_error).
  virtual void advance(tick_t until) = 0;

  /// From the next tick on, imposes values[neuron * lanes + lane] on a population's clamp, until released.
  virtual void clamp(std::size_t population, std::span<const double> values) = 0;
  virtual void release(std::size_t population) = 0;

  /// The same for one lane alone, values[neuron]; the other lanes keep what was last imposed on them (at first 0).
  virtual void clamp_lane(std::size_t population, std::size_t lane, std::span<const double> values) = 0;
  virtual void clamp_lane(std::size_t population, std::size_t lane, std::span<const float> values) = 0;

  /// In the next tick only, imposes on a population's clamp what the port says in that tick, plus
  /// added[neuron * lanes + lane] unless that is empty. Several impositions take effect in the order of the calls, so
  /// that a forward sweep can be imposed.
  virtual void impose(std::size_t population, port_id source, std::span<const double> added = {}) = 0;

  /// For observers, of the tick that they see: the tick in which the stimulus that holds a population came on; nothing
  /// if none holds it. An imposition holds for its one tick.
  [[nodiscard]] virtual std::optional<tick_t> held_since(std::size_t population) const noexcept = 0;

  /// Whether synapses learn (default true). Where they do not, theta stays as it is. A rule whose messages are
  /// multiplied with another field goes on for all but theta: what makes up the weight, as short-term plasticity, is no
  /// learning.
  virtual void set_learning(bool on) = 0;

  /// From the next tick on, all that neurons draw is 0, for good. For experiments.
  virtual void silence_noise() = 0;

  /// A field's value for one neuron and lane, after the last tick that ran.
  [[nodiscard]] virtual double value(output_id field, std::size_t neuron, std::size_t lane) const = 0;

  /// A field as [neuron][lane], size x lanes numbers in the circuit's own precision (float for f32).
  virtual void read_field(output_id field, void* destination) const = 0;

  /// In the next tick, one neuron's field in one lane is committed as `value` instead of what its rule says (a field
  /// that a reaction writes: before the reaction). For experiments: where does a disturbance reach? Message counts of
  /// that tick are not exact.
  virtual void perturb(output_id field, std::size_t neuron, std::size_t lane, double value) = 0;

  /// A projection's weights in the circuit's own precision: dense [post][pre], sparse in the order of connections.
  virtual void read_weights(std::size_t projection, void* destination) const = 0;

  /// The same as doubles.
  [[nodiscard]] virtual std::vector<double> weights(std::size_t projection) const = 0;
  /// A field of the state of a projection's synapses, by its number in their model's list: as weights are listed, and
  /// each with all lanes one after the other if it is kept for each lane. Requires: the projection learns.
  [[nodiscard]] virtual std::vector<double> synapse_field(std::size_t projection, std::size_t field) const = 0;
  /// The same in the circuit's precision, as read_weights.
  virtual void read_synapse_field(std::size_t projection, std::size_t field, void* destination) const = 0;
  /// Replaces the weights. Where that changes theta, the fields that begin with what depends on it begin anew, from
  /// what the other fields are: a weight that is another field follows.
  virtual void set_weights(std::size_t projection, std::span<const double> values) = 0;
  /// Replaces a field but theta, as synapse_field gives it.
  virtual void set_synapse_field(std::size_t projection, std::size_t field, std::span<const double> values) = 0;

  /// Takes over all that the synapses of another simulator of the same circuit have, as set_weights() and
  /// set_synapse_field() would.
  virtual void take_synapses(const simulator& from) = 0;

  [[nodiscard]] virtual const activity& counters() const noexcept = 0;

  /// The first non-finite number, if the circuit records those: "hidden1.value.x[3], lane 0, tick 17: inf".
  [[nodiscard]] virtual const std::optional<std::string>& nonfinite() const noexcept = 0;

  /// Panels of neurons that steps and reactions ran over: what tracking saves. Not a part of the results.
  [[nodiscard]] virtual std::uint64_t swept_panels() const noexcept = 0;

  /// Bytes held by state, ports, weights and indices.
  [[nodiscard]] virtual std::uint64_t memory() const noexcept = 0;

  virtual void observe(tick_observer* observer) = 0;  ///< null: nobody

  /// Saves or loads all state between two ticks: after loading, this simulator goes on as the one that was saved, to
  /// the bit, whatever its threads, instruction set and tracking. What was imposed or perturbed for the next tick is
  /// not part of it. Loading throws run_error if the archive is not of this circuit and first tick, and leaves a
  /// simulator that must not be used.
  virtual void serialize(archive& a) = 0;

  /// A second simulator in the same state, with what was imposed and perturbed for the next tick, of the same circuit
  /// and options; nobody observes it. Between two ticks. From there on the two share nothing.
  [[nodiscard]] virtual std::unique_ptr<simulator> clone() = 0;
};

/// A simulator at its first tick with the circuit's initial weights. The circuit must outlive it.
[[nodiscard]] std::unique_ptr<simulator> make_simulator(const circuit& c, const simulator_options& options = {});

}  // namespace locus
