#pragma once
/// Weight transport: does a feedback path use the weights of the forward path, because the netlist shares them or
/// because something copies them while the circuit runs? And how like each other are the two (magnitude, sign,
/// symmetry), whether they are one weight or not?

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "sim/audit/copying.hpp"
#include "sim/audit/feedback_measures.hpp"
#include "sim/audit/script.hpp"

namespace locus {

/// Two projections that lead opposite ways (ways.hpp). `forward` leads away from the inputs; where that says nothing,
/// it is the one that owns the weights, or the first of the two.
struct weight_pair {
  std::size_t forward = 0;
  std::size_t feedback = 0;
  bool transposed = true;        ///< how their connections are held against each other (each_common)
  bool shared = false;           ///< one weight, used twice
  bool born_equal = false;       ///< the same numbers at the start, in weights of their own
  std::optional<tick_t> parted;  ///< born equal: first tick after which they differ
  std::size_t connection = 0;    ///< where, of the feedback
  pair_measures birth, end;
  following feedback_follows;  ///< what the feedback does when forward weights are disturbed
  following forward_follows;   ///< the other way round

  [[nodiscard]] bool copied() const { return feedback_follows.copies || forward_follows.copies; }
  [[nodiscard]] bool transports() const { return shared || copied(); }
  /// Whether it could not be said if one follows the other.
  [[nodiscard]] bool unknown() const {
    return !transports() && ((feedback_follows.asked && feedback_follows.disturbed == 0) ||
                             (forward_follows.asked && forward_follows.disturbed == 0));
  }
};

struct transport_result {
  std::vector<weight_pair> pairs;  ///< all that are opposite, join the same columns and have connections in common, and
                                   ///< whatever else transports or is declared as a copy
  std::vector<std::pair<std::size_t, std::size_t>>
      parallel;      ///< (owner, user) that share weights and lead the same way
  tick_t ticks = 0;  ///< watched
};

/// Runs the script with and without disturbances. Requires: c.lanes == 1.
[[nodiscard]] transport_result find_transport(const circuit& c, const script& world,
                                              const copying_options& options = {});

}  // namespace locus
