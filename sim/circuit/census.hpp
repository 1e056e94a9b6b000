#pragma once
/// Counts: how many entities of which kind a circuit has, what comes from outside, and what a run will need.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/circuit/circuit.hpp"
#include "sim/core/whole_number.hpp"

namespace locus {

struct population_count {
  std::string name;
  std::string model;
  std::string title;  ///< what the model is, one line
  std::uint32_t size = 0;
};

struct projection_count {
  std::string name;
  std::string model;  ///< "link" for a plain link
  std::string title;  ///< what the synapse is, one line; empty for a plain link
  std::string role;   ///< the last part of the name, such as "forward"; empty for a plain link
  projection_shape shape = projection_shape::dense;
  std::string wiring;  ///< sparse only: what made the connections
  std::uint32_t before = 0;
  std::uint32_t after = 0;
  std::uint64_t connections = 0;
  bool exact = true;  ///< false: the expected number of random connections
  std::uint32_t delay = 0, longest_delay = 0;
  bool plastic = false;     ///< its weights change by its own rule
  std::string gate;         ///< output of the modulator; empty: none
  std::string shared_with;  ///< projection whose weights it uses; empty: has its own
};

/// Entities of one kind: neurons by their model's title, synapses by role and title.
struct kind_count {
  std::string role;   ///< empty for neurons
  std::string title;  ///< as in the model's declaration
  std::uint64_t count = 0;

  /// "42 error neurons", "2368 forward: synapses with a gated Hebbian rule"
  [[nodiscard]] std::string text() const;
};

/// What the outside world does to a population.
struct outside_source {
  std::string population;
  std::uint32_t size = 0;
  stimulus_role role = stimulus_role::input;
  std::optional<std::uint32_t> first_column;  ///< input, teacher: of the data; none: takes all
  std::string answer;                         ///< teacher: what is compared with the target
  std::int64_t onset = 0;                     ///< control: first tick, from the teacher's onset,
  bool from_end = false;                      ///< or from its end
  std::int64_t ticks = 0;                     ///< control: number of ticks; 0: as long as the teacher is on
  double value = 0;                           ///< control
  std::string source;                         ///< imposed: the port whose value is imposed
  imposed_with with = imposed_with::input;
  double sigma = 0;  ///< imposed: of the noise on it
};

/// Bytes that a simulator holds, predicted from the circuit or its outline alone.
struct memory_prediction {
  std::uint64_t weights = 0;  ///< with the connections of sparse projections and what notes changed weights
  std::uint64_t state = 0;
  std::uint64_t ports = 0;     ///< with the zeros that an unconnected port reads
  std::uint64_t delays = 0;    ///< messages under way
  std::uint64_t building = 0;  ///< on top of them while initial weights are made, one projection after the other
  [[nodiscard]] std::uint64_t total() const noexcept {
    return bounded_sum(bounded_sum(weights, state), bounded_sum(ports, delays));
  }
};

/// What one of several processes has to hold and to tell.
struct rank_prediction {
  memory_prediction memory;
  std::uint64_t told = 0;  ///< bytes, in a tick in which everything changes
};

struct census {
  std::vector<population_count> populations;
  std::vector<projection_count> projections;
  std::vector<kind_count> neuron_kinds, synapse_kinds;  ///< in the order in which the netlist first names them
  std::uint64_t neurons = 0;
  std::uint64_t synapses = 0;
  std::uint64_t links = 0;
  std::uint64_t plastic_weights = 0;
  std::vector<outside_source> sources;   ///< input and teacher
  std::vector<outside_source> controls;  ///< control and imposed state; none in an autonomous circuit
  std::uint64_t messages_per_tick = 0;   ///< at most, in all lanes: when every neuron's output changes
  std::uint64_t links_per_tick = 0;      ///< the same over plain links
  memory_prediction memory;
  std::vector<rank_prediction> ranks;  ///< [rank], if there are several

  /// Whether the numbers of connections are what a run will have, and not expectations.
  [[nodiscard]] bool exact() const;
};

/// `ranks`: the number of processes that will run it.
[[nodiscard]] census take_census(const circuit& c, std::size_t ranks = 1);
/// `keeps`: whose memory it is, one of several ranks.
[[nodiscard]] memory_prediction predict_memory(const circuit& c, const partition& keeps = {});

/// The bytes of neurons' states that a rank tells the others in a tick in which everything changes. Weights that are
/// used turned round, which are told when they have changed, are not among them.
[[nodiscard]] std::uint64_t predict_exchange(const circuit& c, const partition& rank);

/// The plural of a title: "error neurons", "senders of control signals".
[[nodiscard]] std::string plural(std::string_view title);

}  // namespace locus
