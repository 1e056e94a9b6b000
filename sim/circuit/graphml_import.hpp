#pragma once
/// A circuit from GraphML, entity by entity, as `write_graphml` writes it (README.md, "GraphML").

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/netlist/description.hpp"

namespace locus {

struct graphml_circuit {
  std::vector<population_description> populations;  ///< in the order of their first neurons
  std::vector<projection_description> projections;  ///< in the order that their edges tell, or of their first ones
  std::optional<std::string> settings;              ///< the rest of the netlist: long_form_settings()
};

/// `text` is a file's, `file` what errors call it. Throws usage_error with file and line for what is no GraphML, and
/// for vertices and edges that make no circuit.
[[nodiscard]] graphml_circuit read_graphml(std::string_view text, const std::string& file);

}  // namespace locus
