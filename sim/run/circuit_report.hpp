#pragma once
/// What `locus describe` says of a circuit: tables for people, JSON for programs.

#include <string>

#include "sim/circuit/census.hpp"
#include "sim/circuit/circuit.hpp"

namespace locus {

/// `name` is the netlist's.
[[nodiscard]] std::string description_as_text(const std::string& name, const circuit& c, const census& n);
[[nodiscard]] std::string description_as_json(const std::string& name, const circuit& c, const census& n);

}  // namespace locus
