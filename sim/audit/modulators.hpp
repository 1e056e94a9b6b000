#pragma once
/// Is a modulator that is joined one-to-one to the neurons of a layer really theirs? Wires prove nothing: they can have
/// the weight 0, come too late, end at a port that nobody reads, or say something only when nothing is learnt. So they
/// are cut, and what is learnt without them is looked at.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/audit/script.hpp"
#include "sim/audit/wiring.hpp"

namespace locus {

/// What ties the modulators of a projection to the neurons at the end where they sit, [modulator].
struct modulator_ties {
  std::vector<bool> joined;  ///< by a one-to-one wire, in either direction
  std::vector<bool> near;    ///< joined, and the wire matters to what its synapses learn, or they learn nothing
  bool one_signal = false;   ///< all that change do so in the same way, but for size and level
};

/// Runs the script with and without wires. Requires: c.lanes == 1, and that the projection learns with a modulator at
/// one of its ends.
[[nodiscard]] modulator_ties measure_ties(const circuit& c, const script& world, std::size_t projection);

/// Presentations that a script for this needs: fewer in large circuits, but not too few.
[[nodiscard]] std::uint64_t presentations_to_tie(const circuit& c, const timeline_description& timeline);

/// Which modulators of a projection are near the synapses that they gate, [modulator]; of one that gates everywhere, a
/// single entry.
struct gate_nearness {
  std::vector<bool> near;
  bool one_signal = false;  ///< all of them say the same
};

/// `cut_wires`: near is what measure_ties() finds near; otherwise what is joined. Requires: as measure_ties().
[[nodiscard]] gate_nearness near_modulators(const circuit& c, const script& world, std::size_t projection,
                                            bool cut_wires = true);

/// Presentations that take some 500 million products, at least `fewest`; each `longer` times as long as the timeline
/// says.
[[nodiscard]] std::uint64_t affordable_presentations(const circuit& c, const timeline_description& timeline,
                                                     std::uint64_t fewest, std::uint64_t longer);

}  // namespace locus
