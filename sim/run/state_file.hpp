#pragma once
/// The state of a simulator in a file.

#include <string>

#include "sim/engine/simulator.hpp"

namespace locus {

/// Writes all that simulator::serialize() saves, atomically, with the circuit's precision and the bits version. Throws
/// usage_error if the file exists (unless `force`), run_error if it cannot be written.
void save_state(const std::string& file, simulator& s, bool force);

/// Takes `s` to such a state, of a simulator of the same circuit. Throws run_error, after which `s` must not be used.
/// Requires: no other threads run, if this process is to survive whatever file.
void load_state(const std::string& file, simulator& s);

}  // namespace locus
