#pragma once
/// Backpropagation as a circuit, in parts: a forward sweep, then the errors' way back while a controller holds the
/// phase, then one update of all weights when another controller says "now" (Song, Lukasiewicz, Xu and Bogacz 2020,
/// Eqs. 1-4). Circuits that differ from it in their feedback alone take the parts and leave out add_feedback.

#include <string>

#include "models/templates/common/network.hpp"

namespace locus::templates {

/// How the units and the forward synapses of such a circuit are made.
struct backpropagation_parts {
  std::string hidden_model = "backprop-hidden";
  std::string synapse;                    ///< empty: the network's, with its parameters
  std::vector<parameter_setting> params;  ///< of a model of their own
};

/// Units, the controllers "phase" and "update", and the forward synapses.
void add_backpropagation_without_feedback(const network& n, description& out, const backpropagation_parts& parts = {});

/// Feedback synapses over an edge as backpropagation has them: they see delta and rate, learn with the update, and have
/// the edge's connections, turned round. Their weights are still to be chosen.
[[nodiscard]] synapses feedback_synapses(const network& n, const network_edge& e);

/// Input, teacher, and warnings of bounds that the timeline does not keep.
void add_backpropagation_stimuli(const network& n, description& out);

/// The whole circuit.
void build_backpropagation(const network& n, description& out);

}  // namespace locus::templates
