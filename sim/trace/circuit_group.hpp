#pragma once
/// The group /circuit of a trace, by which the trace explains itself.

#include "sim/circuit/circuit.hpp"
#include "sim/core/hdf5.hpp"

namespace locus {

/// Writes /circuit/populations and /circuit/projections. Requires: a session.
void write_circuit_group(const hdf5::object& file, const circuit& c);

}  // namespace locus
