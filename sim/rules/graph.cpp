#include "sim/rules/graph.hpp"

#include <algorithm>
#include <bit>

namespace locus::rules {

bool operator==(const node& x, const node& y) noexcept {
  return x.op == y.op && x.index == y.index && x.a == y.a && x.b == y.b && x.c == y.c &&
         std::bit_cast<std::uint64_t>(x.value) == std::bit_cast<std::uint64_t>(y.value);
}

node_id graph::add(const node& n) {
  const auto [found, is_new] = ids_.try_emplace(n, static_cast<node_id>(nodes_.size()));
  if (is_new) nodes_.push_back(n);
  return found->second;
}

std::size_t graph::hash_of::operator()(const node& n) const noexcept {
  std::uint64_t mixed = std::bit_cast<std::uint64_t>(n.value);
  for (const std::uint64_t part : {std::uint64_t{static_cast<std::uint8_t>(n.op)}, std::uint64_t{n.index},
                                   std::uint64_t{n.a}, std::uint64_t{n.b}, std::uint64_t{n.c}})
    mixed = (mixed ^ (mixed >> 29U) ^ part) * 0x9e3779b97f4a7c15U;
  return static_cast<std::size_t>(mixed ^ (mixed >> 32U));
}

bool rule::writes_field(std::uint32_t field) const noexcept {
  return std::any_of(writes.begin(), writes.end(), [&](const assignment& w) { return w.field == field; });
}

std::vector<bool> reached_from(const graph& nodes, const std::vector<node_id>& roots) {
  std::vector<bool> reached(nodes.size(), false);
  for (const node_id root : roots) reached[root] = true;
  for (std::size_t n = nodes.size(); n-- > 0;) {
    if (reached[n]) each_operand(nodes[static_cast<node_id>(n)], [&](node_id operand) { reached[operand] = true; });
  }
  return reached;
}

std::vector<std::uint32_t> ports_of(const rule& r) {
  std::vector<node_id> roots;
  for (const assignment& w : r.writes) roots.push_back(w.value);
  const std::vector<bool> reached = reached_from(r.nodes, roots);
  std::vector<std::uint32_t> ports;
  for (node_id id = 0; id < r.nodes.size(); ++id) {
    if (reached[id] && r.nodes[id].op == operation::port) ports.push_back(r.nodes[id].index);
  }
  std::sort(ports.begin(), ports.end());
  return ports;
}

}  // namespace locus::rules
