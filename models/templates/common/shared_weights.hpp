#pragma once
/// Weights that several edges of a network share, such as those of a recurrent network that is unrolled: one edge for
/// each step. The errors of these edges come at different times. In the tick in which an edge's errors are there, its
/// two ends are passed on to synapses that have the weights; they add up the products of all edges, and learn when the
/// errors have been everywhere. This is backpropagation through time.

#include <functional>
#include <string>

#include "models/templates/common/network.hpp"

namespace locus::templates {

/// The projections that have the weights of a group of edges, whose first has the forward projection of that name:
/// "a.to.b.weights", "a.to.b.feedback.weights".
[[nodiscard]] std::string shared_forward(const std::string& edge);
[[nodiscard]] std::string shared_feedback(const std::string& edge);

[[nodiscard]] bool shares_weights(const network& n);

/// Where a circuit has what such synapses need.
struct sharing_parts {
  std::function<std::string(std::size_t node)> now;  ///< 1 in the tick in which this node's errors are there
  std::string errors;                                ///< of a node, after its name: ".error.eps"
  std::string end;                                   ///< 1 when errors have been everywhere
};
/// Appends these synapses and their ends, if there are edges that share weights.
void add_shared_weights(description& out, const network& n, const sharing_parts& parts);

}  // namespace locus::templates
