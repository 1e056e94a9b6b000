#pragma once
/// What things of a circuit are called in SONATA's files.

#include <string>

#include "sim/circuit/circuit.hpp"

namespace locus::sonata {

/// `<source population>__<target population>__<projection>`: "input.value__hidden1.error__hidden1.forward"
[[nodiscard]] std::string edge_population(const circuit& c, const projection& p);

/// "locus:value"; a plain link is "locus:link".
[[nodiscard]] std::string model_template(const model_declaration* model);

/// Files of parameters, within the folders that circuit_config.json names. A plain link has one too, without
/// parameters: NEST takes what stands in the table as the name of a file.
[[nodiscard]] std::string parameter_file(const population& p);
[[nodiscard]] std::string parameter_file(const projection& p);

inline constexpr auto neuron_models_folder = "components/point_neuron_models";
inline constexpr auto synapse_models_folder = "components/synaptic_models";

}  // namespace locus::sonata
