#pragma once
/// The audit of a circuit: what is measured, and what it comes to. Verdicts follow from behaviour and connections
/// alone, never from a model's name or from what a model says about itself.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/audit/angles.hpp"
#include "sim/audit/feedback_measures.hpp"
#include "sim/audit/locking.hpp"
#include "sim/core/tick.hpp"
#include "sim/data/data_set.hpp"
#include "sim/netlist/description.hpp"

namespace locus {

enum class criterion {
  equivalence,
  local_plasticity,
  local_computation,
  no_weight_transport,
  partial_autonomy,
  full_autonomy
};
inline constexpr criterion all_criteria[] = {criterion::equivalence,       criterion::local_plasticity,
                                             criterion::local_computation, criterion::no_weight_transport,
                                             criterion::partial_autonomy,  criterion::full_autonomy};

/// "local-plasticity"
[[nodiscard]] std::string_view name_of(criterion c) noexcept;
/// What it means and how it is measured.
[[nodiscard]] std::string_view explanation_of(criterion c) noexcept;

enum class outcome { holds, fails, not_measured };

/// One entity on the way of a value.
struct path_step {
  std::string entity;  ///< "hidden1.value[3]"
  std::string what;    ///< "delta at tick 10"
};

/// Why a criterion fails.
struct evidence {
  std::string
      mechanism;     ///< "read sets", "causal cone", "clocks", "control", "equivalence", "weight transport", "purity"
  std::string text;  ///< one sentence that names entities, states, tick and values
  std::uint64_t count = 1;
  tick_t tick = 0;
  std::vector<path_step> path;  ///< from the source to the write; empty: none
};

struct verdict {
  criterion about = criterion::equivalence;
  outcome result = outcome::not_measured;
  std::string detail;  ///< "bit-identical", "5460 messages per update"; may be empty
  std::vector<evidence> reasons;
  std::string missing;  ///< not measured: why, and what would have to be done
};

/// What a projection's synapses learn from: the higher, the less local.
///   0  the own weight and the outputs of the two end neurons
///   1  these, and what the synapse itself has kept
///   2  these, and a modulator that is joined one-to-one to one of the ends
///   3  these, and a signal that a whole population shares
///   4  the state or the weights of others
struct plasticity_class {
  std::string projection;
  int level = 0;
  std::string uses;  ///< "weight, pre, post, modulator hidden1.phi.spike"
  int keeps = 1;     ///< numbers in a synapse, its weight among them
  tick_t age = 0;  ///< of the oldest message that a change of the weight goes back to, also by way of what the synapse
                   ///< has kept, in ticks; at most those that were watched
  std::string shared;  ///< of class 3: who sends the signal, to how many, how many values it took
};

struct audit_report {
  std::string name;
  std::vector<verdict> verdicts;          ///< in the order of all_criteria
  std::vector<plasticity_class> classes;  ///< by projections that learn
  std::vector<std::string> control;       ///< populations that send control, or whose state is imposed
  std::vector<std::string> noise;         ///< populations that draw random numbers
  std::vector<std::string> measured;      ///< what was measured, with numbers, one sentence each
  std::vector<feedback_report> feedback;  ///< pairs of opposite projections, how like each other they are
  locking_result locking;                 ///< when weights change within a presentation
  std::optional<angle_result> angles;     ///< between its updates and another circuit's
  std::vector<std::string> notes;  ///< how the circuit differs from the published ones, limits of the measurement

  [[nodiscard]] const verdict& of(criterion c) const { return verdicts.at(static_cast<std::size_t>(c)); }
  [[nodiscard]] bool holds(criterion c) const { return of(c).result == outcome::holds; }
  /// The highest of all projections'; nothing if nothing learns.
  [[nodiscard]] std::optional<int> locality() const;
};

/// What is audited.
struct audit_subject {
  std::string name;
  description netlist;
  std::optional<description> twin;         ///< backpropagation with the same weights; none: equivalence is not measured
  std::optional<description> deeper;       ///< the same with one more hidden layer
  std::optional<description> angled = {};  ///< the circuit to whose updates angles are measured
};

/// Mechanisms can be left out, so that tests can show what each is there for.
struct audit_mechanisms {
  bool read_sets = true;  ///< of traced numbers
  bool tracing = true;    ///< traced against production values
  bool cone = true;
  bool clocks = true;
  bool stillness = true;  ///< who keeps time, of circuits that learn otherwise in longer presentations
  bool alignment = true;  ///< whether gates wait for the teacher, of these
  bool ties = true;       ///< what wires of modulators do; else that they are there
  bool control = true;
  bool equivalence = true;
  bool transport = true;
  bool purity = true;  ///< of models
};

struct audit_options {
  std::uint64_t seed = 1;
  std::uint64_t presentations = 2;     ///< traced; more if messages or a first change of a weight take longer
  std::uint64_t updates = 20;          ///< for equivalence, in each run
  std::uint64_t seeds = 3;             ///< initialisations for equivalence
  std::uint64_t stretched = 32;        ///< presentations with longer parts, at most
  std::uint64_t disturbances = 160;    ///< of the causal cone
  std::uint64_t max_synapses = 20000;  ///< traced; of more, a sample
  audit_mechanisms use;
  std::function<void(const std::string& stage, std::uint64_t done, std::uint64_t total)> on_progress;
};

/// Throws user_error if the circuit cannot run. Deterministic for a seed.
[[nodiscard]] audit_report audit(const audit_subject& subject, const data_set& data, const audit_options& options = {});

}  // namespace locus
