#pragma once
/// The group /circuit of a trace, by which the trace explains itself.

#include <string_view>

#include "sim/circuit/circuit.hpp"
#include "sim/core/hdf5.hpp"

namespace locus {

/// Whether the groups of populations or projections have an attribute of that name, which is no parameter. A parameter
/// of such a name is written with a "_" at its end.
[[nodiscard]] bool is_circuit_attribute(std::string_view name);

/// Writes /circuit/populations and /circuit/projections. Requires: a session.
void write_circuit_group(const hdf5::object& file, const circuit& c);

}  // namespace locus
