#include "sim/sonata/edge_index.hpp"

#include "sim/sonata/sonata_file.hpp"

namespace locus::sonata {

namespace {

/// The edges of each node, ascending: those of node n are edge[start[n]] ... edge[start[n + 1] - 1].
struct edges_by_node {
  std::vector<std::uint64_t> start, edge;
};

edges_by_node sort_edges(const std::vector<std::uint32_t>& nodes, std::uint32_t count) {
  edges_by_node sorted{std::vector<std::uint64_t>(std::size_t{count} + 1, 0), std::vector<std::uint64_t>(nodes.size())};
  for (const std::uint32_t n : nodes) ++sorted.start[n + 1];
  for (std::size_t n = 0; n < count; ++n) sorted.start[n + 1] += sorted.start[n];
  std::vector<std::uint64_t> next = sorted.start;
  for (std::uint64_t e = 0; e < nodes.size(); ++e) sorted.edge[next[nodes[e]]++] = e;
  return sorted;
}

}  // namespace

void write_edge_index(const hdf5::object& edges, const std::string& path, const std::vector<std::uint32_t>& nodes,
                      std::uint32_t count) {
  const edges_by_node sorted = sort_edges(nodes, count);
  const hdf5::object group = hdf5::open_group(edges, path);
  table_writer<std::uint64_t> of_nodes(group, "node_id_to_ranges", 2), ranges(group, "range_to_edge_id", 2);
  for (std::size_t n = 0; n < count; ++n) {
    of_nodes.add(ranges.rows());
    std::uint64_t k = sorted.start[n];
    while (k < sorted.start[n + 1]) {
      const std::uint64_t first = sorted.edge[k];
      std::uint64_t last = first;
      while (k < sorted.start[n + 1] && sorted.edge[k] == last) ++k, ++last;
      ranges.add(first);
      ranges.add(last);
    }
    of_nodes.add(ranges.rows());
  }
  (void)of_nodes.finish();
  (void)ranges.finish();
  add_alias(group, "node_id_to_ranges", "node_id_to_range");
}

}  // namespace locus::sonata
