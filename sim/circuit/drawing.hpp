#pragma once
/// Pictures of a circuit: Graphviz for the eye, GraphML for other programs.

#include <cstddef>
#include <iosfwd>
#include <string>

#include "sim/circuit/circuit.hpp"

namespace locus {

/// One vertex for each neuron and synapse, or one for each population and each projection with synapses.
enum class drawing_scale { entity, population };

/// Up to this many neurons and synapses are drawn one by one.
inline constexpr std::size_t entity_drawing_limit = 2000;

/// Takes an outline, too; so does drawing populations.
[[nodiscard]] drawing_scale suitable_scale(const circuit& c);

void write_dot(std::ostream& out, const circuit& c, drawing_scale scale);
/// `settings`: what is no entity, as long_form_settings() has it.
void write_graphml(std::ostream& out, const circuit& c, drawing_scale scale, const std::string& settings = {});

}  // namespace locus
