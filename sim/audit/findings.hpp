#pragma once
/// Turns what the mechanisms found into sentences.

#include <string>
#include <vector>

#include "sim/audit/alignment.hpp"
#include "sim/audit/audit.hpp"
#include "sim/audit/clocks.hpp"
#include "sim/audit/cone.hpp"
#include "sim/audit/control.hpp"
#include "sim/audit/equivalence.hpp"
#include "sim/audit/interpreter.hpp"

namespace locus {

[[nodiscard]] std::vector<evidence> describe_writes(const circuit& c, const write_tallies& writes,
                                                    const control_map& control);
[[nodiscard]] evidence describe(const circuit& c, const tracing_difference& d);
[[nodiscard]] std::vector<evidence> describe(const circuit& c, const cone_result& cone);
/// Runs that should be the same and are not.
[[nodiscard]] std::vector<evidence> describe_runs(const circuit& c, const clock_result& clocks);
/// What keeps time, and the weights that depend on how long presentations last.
[[nodiscard]] std::vector<evidence> describe_lengths(const circuit& c, const clock_result& clocks,
                                                     const stillness& still, const alignment& gates);
/// A way within a tick that is too long.
[[nodiscard]] evidence describe_way(const way_in_a_tick& way);
[[nodiscard]] evidence describe(const circuit& c, const suppression_result& s);
[[nodiscard]] std::vector<evidence> describe(const circuit& c, const equivalence_result& e);

/// "hidden1.value[3].delta", "hidden1.forward[2][17].theta"
[[nodiscard]] std::string name_of(const circuit& c, const entity_ref& who, std::size_t field);

/// Differences from the published circuits, and limits of the measurement.
[[nodiscard]] std::vector<std::string> footnotes(const description& netlist, const circuit& c);

}  // namespace locus
