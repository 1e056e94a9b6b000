#pragma once
/// A circuit from SONATA's files, as the description of a netlist. What Locus has exported comes back as it was; the
/// files of others need columns in their tables of types that say how their nodes and edges are to be simulated
/// (README.md, "Circuits from SONATA").

#include <optional>
#include <string>
#include <vector>

#include "sim/netlist/description.hpp"

namespace locus::sonata {

struct imported_circuit {
  std::optional<double> dt;                         ///< milliseconds of a tick, if any rule reads it
  std::vector<population_description> populations;  ///< in the order of their types
  std::vector<projection_description> projections;  ///< likewise; connections and weights stay in the file of edges
  std::vector<std::string> notes;                   ///< what did not come back as it was
};

/// The config that a folder has, or `path` itself.
[[nodiscard]] std::string circuit_config_path(const std::string& path);

/// Reads what a circuit_config.json names. `dt`: milliseconds of a tick, unless the files say it; without either, 1.
/// Positions are those in the tables of types. Throws run_error and usage_error
/// that name the file and what is wrong. Requires: this process may die of a damaged HDF5 file.
[[nodiscard]] imported_circuit read_circuit(const std::string& config, std::optional<double> dt = std::nullopt);

}  // namespace locus::sonata
