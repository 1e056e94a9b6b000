#include "sim/sonata/configs.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sim/core/json_text.hpp"
#include "sim/sonata/names.hpp"
#include "sim/sonata/sonata_file.hpp"

namespace locus::sonata {

namespace {

// Keys in the order in which they are written.
using json = nlohmann::ordered_json;

std::string set_name(const report_entry& r) { return "report:" + r.name; }

/// Adds the set of a report's nodes, and the sets of which it is made.
void add_set(json& sets, const report_entry& r) {
  json members = json::array();
  for (const recorded_nodes& each : r.cells) {
    std::string name = each.population;
    if (!each.nodes.empty()) {
      name = fmt::format("{}:{}", set_name(r), each.population);
      sets[name] = {{"population", each.population}, {"node_id", each.nodes}};
    }
    members.push_back(name);
  }
  sets[set_name(r)] = members;
}

json sets_of(const circuit& c, const std::vector<report_entry>& reports) {
  json sets = json::object();
  for (const population& p : c.populations) sets[p.name] = {{"population", p.name}};
  for (const report_entry& r : reports) add_set(sets, r);
  return sets;
}

json as_json(const report_entry& r) {
  return {{"type", r.synapses ? "synapse" : "compartment"},
          {"variable_name", r.variable},
          {"cells", set_name(r)},
          {"sections", r.synapses ? "all" : "soma"},
          {"unit", r.unit},
          {"dt", r.step_ms},
          {"start_time", r.start_ms},
          {"end_time", r.stop_ms},
          {"file_name", r.file},
          {"enabled", true}};
}

}  // namespace

std::string circuit_config(const circuit& c, const std::vector<report_entry>& reports) {
  json nodes = {{"nodes_file", "$NETWORK_DIR/nodes.h5"}, {"node_types_file", "$NETWORK_DIR/node_types.csv"}};
  for (const population& p : c.populations) nodes["populations"][p.name] = {{"type", "point_neuron"}};
  json edges = {{"edges_file", "$NETWORK_DIR/edges.h5"}, {"edge_types_file", "$NETWORK_DIR/edge_types.csv"}};
  for (const projection& p : c.projections) edges["populations"][edge_population(c, p)] = {{"type", "chemical"}};
  const auto folder = [](const char* name) { return fmt::format("$BASE_DIR/{}", name); };
  return json_text({{"target_simulator", "NEST"},
                    {"manifest", {{"$BASE_DIR", "."}, {"$NETWORK_DIR", "$BASE_DIR/network"}}},
                    {"components",
                     {{"point_neuron_models_dir", folder(neuron_models_folder)},
                      {"synaptic_models_dir", folder(synapse_models_folder)}}},
                    {"networks", {{"nodes", json::array({nodes})}, {"edges", json::array({edges})}}},
                    {"node_sets_file", "$BASE_DIR/node_sets.json"},
                    {"node_sets", sets_of(c, reports)},
                    {"metadata", {{"tick_ms", tick_ms(c)}, {"time", time_text(tick_ms(c))}}}});
}

std::string node_sets(const circuit& c, const std::vector<report_entry>& reports) {
  return json_text(sets_of(c, reports));
}

std::string simulation_config(const simulation_entry& s) {
  json config = {
      {"manifest", {{"$BASE_DIR", "."}, {"$OUTPUT_DIR", "$BASE_DIR/output"}}},
      {"network", "$BASE_DIR/circuit_config.json"},
      {"node_sets_file", "$BASE_DIR/node_sets.json"},
      {"run", {{"tstop", s.stop_ms}, {"dt", s.tick_ms}, {"random_seed", s.seed}}},
      {"output", {{"output_dir", "$OUTPUT_DIR"}, {"spikes_file", s.spikes_file}, {"spikes_sort_order", "by_time"}}},
      {"metadata",
       {{"program", "locus " + s.version},
        {"netlist_sha256", s.netlist_sha256},
        {"tick_ms", s.tick_ms},
        {"complete", s.complete},
        {"lane", s.lane},
        {"lanes", s.lanes}}}};
  for (const report_entry& r : s.reports) config["reports"][r.name] = as_json(r);
  return json_text(config);
}

}  // namespace locus::sonata
