#pragma once
/// Pooling in networks: neurons that hear each window of a node's grid and are heard in its place. The largest number
/// is found by a chain of neurons that compare two at a time, so that the error goes back to where it came from; the
/// mean is a sum over fixed synapses.

#include <string>

#include "models/templates/common/network.hpp"

namespace locus::templates {

/// The part of a node's name, and the outputs and ports, where its pool is heard and hears.
[[nodiscard]] std::string pool_output(const network_node& node);
[[nodiscard]] std::string pool_port(const network_node& node);

/// Appends the neurons that pool `from`, an output of the node's neurons, and their links. Errors that come to them go
/// on to the port `to` of those neurons.
void add_pool(description& out, const network_node& node, const std::string& from, const std::string& to);

/// The pools of all nodes whose values are heard through them.
void add_pools(const network& n, description& out);

}  // namespace locus::templates
