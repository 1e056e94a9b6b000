#include "sim/rules/graph.hpp"

#include <algorithm>
#include <bit>

namespace locus::rules {

bool operator==(const node& x, const node& y) noexcept {
  return x.op == y.op && x.index == y.index && x.a == y.a && x.b == y.b && x.c == y.c &&
         std::bit_cast<std::uint64_t>(x.value) == std::bit_cast<std::uint64_t>(y.value);
}

node_id graph::add(const node& n) {
  const auto found = std::find(nodes_.begin(), nodes_.end(), n);  // rules are short
  const auto id = static_cast<node_id>(found - nodes_.begin());
  if (found == nodes_.end()) nodes_.push_back(n);
  return id;
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

}  // namespace locus::rules
