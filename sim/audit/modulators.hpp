#pragma once
/// Is a modulator that is joined one-to-one to the neurons of a layer really theirs? Wires prove nothing: they can have
/// the weight 0, come too late, or end at a port that nobody reads. So they are cut, and what changes is looked at.

#include <cstddef>
#include <vector>

#include "sim/audit/script.hpp"
#include "sim/audit/wiring.hpp"

namespace locus {

/// What ties the modulators of one population to the neurons of another, [modulator].
struct modulator_ties {
  std::vector<bool> joined;     ///< by a one-to-one wire, in either direction
  std::vector<bool> near;       ///< joined, and the wire does something, or the modulator never changes
  std::vector<double> hears;    ///< how far its signal goes another way if its own wire from the end is cut, of its range
  std::vector<double> acts;     ///< how far the end goes another way if its wire to the end is cut, of the end's range
  bool one_signal = false;      ///< all that change do so in the same way, but for size and level
};

/// Runs the script with and without the wires. `signal` is the output by which the modulators open gates.
/// Requires: c.lanes == 1.
[[nodiscard]] modulator_ties measure_ties(const circuit& c, const script& world, const output_id& signal,
                                          std::size_t ends);

}  // namespace locus
