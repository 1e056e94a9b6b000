#include "sim/sonata/circuit_export.hpp"

#include <fmt/format.h>

#include "sim/sonata/configs.hpp"
#include "sim/sonata/names.hpp"
#include "sim/sonata/type_tables.hpp"

namespace locus::sonata {

namespace {

void write_components(output_folder& folder, const circuit& c) {
  for (const population& p : c.populations) {
    folder.write_text(fmt::format("{}/{}", neuron_models_folder, parameter_file(p)),
                      parameters_as_json(p.model, p.params));
  }
  for (const projection& p : c.projections) {
    folder.write_text(fmt::format("{}/{}", synapse_models_folder, parameter_file(p)),
                      parameters_as_json(p.synapse, p.params));
  }
}

}  // namespace

weights_of_projection initial_weights_of(const circuit& c) {
  return [&c](std::size_t index) { return edge_weights{initial_weights(c, index), "initial"}; };
}

void write_circuit(output_folder& folder, const circuit& c, const weights_of_projection& weights, const origin& from,
                   const progress& tell) {
  folder.write_text("netlist.toml", from.netlist);
  write_nodes(folder.file("network/nodes.h5"), c, from);
  write_edges(folder.file("network/edges.h5"), c, weights, from, tell);
  folder.write_text("network/node_types.csv", node_types(c));
  folder.write_text("network/edge_types.csv", edge_types(c));
  write_components(folder, c);
  folder.write_text("node_sets.json", node_sets(c, {}));
  folder.write_text("circuit_config.json", circuit_config(c, {}));
}

}  // namespace locus::sonata
