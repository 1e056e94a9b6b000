#pragma once
/// What a row of a table of types says of its population.

#include <cstdint>
#include <string>
#include <vector>

#include "sim/netlist/description.hpp"
#include "sim/sonata/import_tables.hpp"

namespace locus::sonata {

/// The name of a model of Locus; "link" for a plain link. Throws usage_error, which says how to name one.
[[nodiscard]] std::string model_of(const type_row& type, const std::string& population);

/// The parameters in the file that `dynamics_params` names, in that folder of components.
[[nodiscard]] std::vector<parameter_setting> parameters_of(const type_row& type, const circuit_config_reader& config,
                                                           const std::string& component);

/// Sizes of the grid on which `size` nodes lie; none: a row.
[[nodiscard]] std::vector<std::uint32_t> shape_of(const type_row& type, std::uint32_t size);

/// The ports of edges, and what their synapses see: `from`, `to`, `pre`, `post`, `gate`, `gate_at`. Throws usage_error
/// unless `from` and `to` are at these populations.
void read_ends(const type_row& type, const std::string& source, const std::string& target, projection_description& out);

}  // namespace locus::sonata
