#pragma once
/// Does learning wait for the teacher, or for a time? The part before the teacher is made longer, by few ticks and by
/// many. What waits for the teacher opens when the teacher comes, however long the wait was; a timer is then closed.

#include <cstdint>
#include <vector>

#include "sim/audit/script.hpp"

namespace locus {

/// A signal that opens in the netlist's own presentations after the teacher's onset, and not in longer ones.
struct closed_gate {
  std::size_t projection = 0;
  output_id signal;  ///< the modulator's output; without a modulator, what the synapses see of their targets
  tick_t input = 0;  ///< ticks by which the input was shown longer before the teacher
  tick_t rest = 0;   ///< ticks by which the presentation before lasted longer
  double open = 0,
         left = 0;  ///< the signal's largest values, summed over neurons: in own presentations, in longer ones
};

struct alignment {
  std::vector<closed_gate> closed;  ///< one of each projection: for the longest wait
  bool measured = false;            ///< there is a teacher, and some signal opened
};

/// Requires: c.lanes == 1. Noise is heard in the presentation before only.
[[nodiscard]] alignment measure_alignment(const circuit& c, const description& netlist, const data_set& data);

}  // namespace locus
