#pragma once
/// Update locking: how long the weights of a circuit wait within a presentation until they change. The words are those
/// of Jaderberg et al. 2017: a layer that must wait until a signal has gone through the layers after it is locked
/// (forward, backward, update locking).

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/audit/script.hpp"

namespace locus {

/// Smallest and largest over the presentations in which weights changed.
struct tick_bounds {
  tick_t least = 0, most = 0;
  friend bool operator==(const tick_bounds&, const tick_bounds&) = default;
};

/// When the weights of one projection, or of all, or something else that synapses keep, change a bit. Changed in the
/// tick in which something comes on: 0.
struct locking {
  std::string projection;           ///< "": the weights of all that learn
  std::string field;                ///< of its synapses; "": theta, which is their weight
  std::uint64_t presentations = 0;  ///< in which they changed
  std::uint64_t changes = 0;        ///< ticks in which they did
  tick_bounds first;                ///< first change, in ticks after the presentation's first tick
  tick_bounds first_after_teacher;  ///< the same, after the teacher's onset; below 0: before it
  tick_bounds last_after_teacher;   ///< last change of a presentation, after the teacher's onset
  tick_bounds span;                 ///< from the first change of a presentation to its last
};

struct locking_result {
  std::vector<locking> projections;  ///< all fields of those that learn
  locking all;                       ///< weights: theta, and what messages are multiplied with
  std::uint64_t presentations = 0;   ///< watched
};

/// "hidden1.forward", or "hidden1.forward.m" for what is no weight or not the only one.
[[nodiscard]] std::string name_of(const locking& l);

/// Runs the script and compares all that synapses keep after each tick. Requires: c.lanes == 1.
[[nodiscard]] locking_result measure_locking(const circuit& c, const script& world);

/// Sentences for audit_report::measured: the whole first, then what differs from it.
[[nodiscard]] std::vector<std::string> locking_measured(const locking_result& result);

}  // namespace locus
