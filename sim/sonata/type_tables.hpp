#pragma once
/// The types of nodes and edges as tables for programs (CSV), and the parameters of their models (JSON).

#include <string>

#include "sim/circuit/circuit.hpp"

namespace locus::sonata {

/// One row a population or projection, whose id is the index in the circuit. Columns are separated by single spaces.
/// What differs from edge to edge (`syn_weight`) has no column: a reader would take "NULL" for a number.
[[nodiscard]] std::string node_types(const circuit& c);
[[nodiscard]] std::string edge_types(const circuit& c);

/// The parameters by name, as readers take them; none if there is no model.
[[nodiscard]] std::string parameters_as_json(const model_declaration* model, const parameter_block& parameters);

}  // namespace locus::sonata
