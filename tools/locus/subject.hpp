#pragma once
/// What an audit looks at, from a netlist's file.

#include <string>
#include <vector>

#include "sim/audit/audit.hpp"

namespace locus::tools {

/// The netlist with overrides ("circuit.lanes=1"), its backpropagation twin (`twin`: a netlist; empty: the one that
/// circuit.twin names, or the short form gives) and its deeper variant. Prints the netlist's warnings on stderr. Throws
/// usage_error.
[[nodiscard]] audit_subject read_subject(const std::string& file, const std::vector<std::string>& overrides,
                                         const std::string& twin = {});

}  // namespace locus::tools
