#pragma once
/// The audit of a circuit: what is measured, and what it comes to. Verdicts follow from behaviour and connections
/// alone, never from a model's name or from what a model says about itself.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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
  std::string mechanism;  ///< "read sets", "causal cone", "clocks", "control", "equivalence", "weight transport"
  std::string text;       ///< one sentence that names entities, states, tick and values
  std::uint64_t count = 1;
  tick_t tick = 0;
  std::vector<path_step> path;  ///< from the source to the write; empty: none
};

struct verdict {
  criterion about = criterion::equivalence;
  outcome result = outcome::not_measured;
  std::string detail;  ///< "bit-identical", "5460 messages per update"; may be empty
  std::vector<evidence> reasons;
};

struct audit_report {
  std::string name;
  std::vector<verdict> verdicts;      ///< in the order of all_criteria
  std::vector<std::string> control;   ///< populations that send control, or whose state is imposed
  std::vector<std::string> noise;     ///< populations that draw random numbers
  std::vector<std::string> measured;  ///< what was measured, with numbers, one sentence each
  std::vector<std::string> notes;     ///< how the circuit differs from the published ones, limits of the measurement

  [[nodiscard]] const verdict& of(criterion c) const { return verdicts.at(static_cast<std::size_t>(c)); }
  [[nodiscard]] bool holds(criterion c) const { return of(c).result == outcome::holds; }
};

/// What is audited.
struct audit_subject {
  std::string name;
  description netlist;
  std::optional<description> twin;    ///< backpropagation with the same weights; none: equivalence is not measured
  std::optional<description> deeper;  ///< the same with one more hidden layer
};

/// Mechanisms can be left out, so that tests can show what each is there for.
struct audit_mechanisms {
  bool read_sets = true;  ///< of traced numbers
  bool tracing = true;    ///< traced against production values
  bool cone = true;
  bool clocks = true;
  bool control = true;
  bool equivalence = true;
  bool transport = true;
};

struct audit_options {
  std::uint64_t seed = 1;
  std::uint64_t presentations = 2;     ///< traced
  std::uint64_t updates = 20;          ///< for equivalence, in each run
  std::uint64_t seeds = 3;             ///< initialisations for equivalence
  std::uint64_t jittered = 8;          ///< presentations with jitter
  std::uint64_t disturbances = 160;    ///< of the causal cone
  std::uint64_t max_synapses = 20000;  ///< traced; of more, a sample
  audit_mechanisms use;
  std::function<void(const std::string& stage, std::uint64_t done, std::uint64_t total)> on_progress;
};

/// Throws user_error if the circuit cannot run. Deterministic for a seed.
[[nodiscard]] audit_report audit(const audit_subject& subject, const data_set& data, const audit_options& options = {});

}  // namespace locus
