#include "tools/locus/loading.hpp"

#include "models/templates/catalogue.hpp"
#include "tools/locus/output.hpp"

namespace locus::tools {

loaded_netlist load_netlist(const parsed_arguments& given) {
  return load_netlist(document::from_file(given.text("netlist"), given.texts("set")));
}

loaded_netlist load_netlist(document text) {
  description netlist = read_netlist(text, all_templates());
  for (const std::string& warning : netlist.warnings) tell("warning: " + warning);
  return {std::move(text), std::move(netlist)};
}

}  // namespace locus::tools
