/// A graph in GraphML, by way of the circuit that it tells to a netlist.

#include "sim/circuit/graphml_import.hpp"
#include "tests/fuzz/writing.hpp"

using namespace locus;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  graphml_circuit graph;
  if (!fuzzing::accepted([&] { graph = read_graphml(fuzzing::text_of(data, size), "fuzzed"); })) return 0;
  description netlist;
  netlist.populations = graph.populations;
  netlist.projections = graph.projections;
  const std::string text = graph.settings.value_or("") + long_form_network(netlist);
  if (fuzzing::may_name_models(text)) return 0;
  if (fuzzing::accepted([&] { netlist = read_netlist(document::from_text(text, "netlist"), all_templates()); }))
    fuzzing::write_and_outline(netlist);
  return 0;
}
