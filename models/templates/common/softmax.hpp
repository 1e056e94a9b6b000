#pragma once
/// Softmax and cross-entropy at the outputs of a network: a normaliser knows the largest of the logits and the sum of
/// their exponentials, and a unit for each output divides by that sum (Bridle 1990).

#include <string>

#include "models/templates/common/network.hpp"

namespace locus::templates {

/// Ticks by which probabilities follow the logits. What goes to the normaliser and back takes a tick each way: if it
/// took none, each output would know all the others at once, which is not local.
inline constexpr std::int64_t softmax_ticks = 4;
[[nodiscard]] inline std::int64_t ticks_of_softmax(const network& n) { return n.softmax ? softmax_ticks : 0; }

/// Appends a node's softmax units and normaliser, which hear `logits`, an output of the node.
void add_softmax(description& out, const network_node& node, const std::string& logits, bool at_once = false);

/// Appends error neurons, with these parameters, that compare its probabilities with what label neurons hold; both are
/// parts of the node. The softmax units hear mu of these error neurons.
void add_softmax_errors(description& out, const network_node& node, bool at_once = false,
                        std::vector<parameter_setting> error_params = {});

}  // namespace locus::templates
