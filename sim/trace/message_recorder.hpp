#pragma once
/// /messages: every message of a small circuit.

#include "sim/trace/table_recorder.hpp"

namespace locus {

/// A message is what the simulator counts as one (activity::messages and links): one delivery over one connection, in
/// one lane, whose sender or weight changed; in the first tick everybody sends. Found from the values and weights of
/// successive ticks, and nothing else. Requires: the recorder sees the run from its first tick on, nothing is
/// perturbed, and weights change by learning alone.
[[nodiscard]] std::unique_ptr<table_recorder> make_message_recorder(const circuit& c, std::uint64_t limit,
                                                                    const trace_layout& layout);

}  // namespace locus
