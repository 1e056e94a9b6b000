#pragma once
/// The netlist of a command.

#include <string>
#include <vector>

#include "sim/netlist/netlist.hpp"
#include "tools/locus/command.hpp"

namespace locus::tools {

/// The netlist that the arguments name, with --set applied. Prints the netlist's warnings on stderr.
struct loaded_netlist {
  document text;
  description netlist;
};
[[nodiscard]] loaded_netlist load_netlist(const parsed_arguments& given);
[[nodiscard]] loaded_netlist load_netlist(document text);

}  // namespace locus::tools
