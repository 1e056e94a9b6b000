#pragma once
/// The netlist of a command.

#include "sim/run/loading.hpp"
#include "tools/locus/command.hpp"

namespace locus::tools {

/// The netlist that the arguments name, with --set applied. Prints the netlist's warnings on stderr.
[[nodiscard]] loaded_netlist load_netlist(const parsed_arguments& given);

}  // namespace locus::tools
