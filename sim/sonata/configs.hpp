#pragma once
/// circuit_config.json, node_sets.json and simulation_config.json: what tells readers where everything is.

#include <cstdint>
#include <string>
#include <vector>

#include "sim/circuit/circuit.hpp"

namespace locus::sonata {

/// Nodes of one population that were recorded; all of them if `nodes` is empty.
struct recorded_nodes {
  std::string population;
  std::vector<std::uint32_t> nodes;
};

/// One file of a report.
struct report_entry {
  std::string name;      ///< "x", "hidden1.forward.theta"
  std::string variable;  ///< "x", "theta"
  std::string unit;
  std::string file;  ///< from the folder of outputs
  bool synapses = false;
  double start_ms = 0, stop_ms = 0, step_ms = 1;
  std::vector<recorded_nodes> cells;
};

/// One set a population, and for each report one ("report:x") of the nodes that it has.
[[nodiscard]] std::string node_sets(const circuit& c, const std::vector<report_entry>& reports);

/// Has the node sets too: bmtk looks for the file of sets in the folder where it runs.
[[nodiscard]] std::string circuit_config(const circuit& c, const std::vector<report_entry>& reports);

/// A run in one lane.
struct simulation_entry {
  double stop_ms = 0, tick_ms = 1;
  std::uint64_t seed = 0;
  std::string spikes_file;  ///< from the folder of outputs
  std::vector<report_entry> reports;
  std::string version, netlist_sha256;
  bool complete = true;
  std::uint32_t lane = 0, lanes = 1;
};
[[nodiscard]] std::string simulation_config(const simulation_entry& s);

}  // namespace locus::sonata
