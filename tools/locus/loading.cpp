#include "tools/locus/loading.hpp"

#include "tools/locus/output.hpp"

namespace locus::tools {

loaded_netlist load_netlist(const parsed_arguments& given) {
  loaded_netlist loaded(document::from_file(given.text("netlist"), given.texts("set")));
  for (const std::string& warning : loaded.netlist.warnings) tell("warning: " + warning);
  return loaded;
}

}  // namespace locus::tools
