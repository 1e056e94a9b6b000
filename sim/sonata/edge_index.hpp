#pragma once
/// The index by which readers find the edges of a node without looking at all of them.

#include <cstdint>
#include <string>
#include <vector>

#include "sim/core/hdf5.hpp"

namespace locus::sonata {

/// Writes `<path>/node_id_to_ranges` [node, 2] and `<path>/range_to_edge_id` [range, 2], both half-open: row n of the
/// first tells which rows of the second are the edges of node n; each of those is a run of consecutive edge ids. A node
/// without edges has an empty interval. `nodes[e]`: the node of edge e. Requires an hdf5::session.
void write_edge_index(const hdf5::object& edges, const std::string& path, const std::vector<std::uint32_t>& nodes,
                      std::uint32_t count);

}  // namespace locus::sonata
