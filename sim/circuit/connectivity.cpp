#include "sim/circuit/connectivity.hpp"

#include <fmt/format.h>

#include <set>

#include "sim/core/random.hpp"

namespace locus {
namespace {

/// Distinct sources for one target (Floyd's sampling), ascending.
std::set<std::uint32_t> draw_sources(const random_stream& random, std::uint32_t target, std::uint32_t before,
                                     std::uint32_t degree) {
  std::set<std::uint32_t> chosen;
  for (std::uint32_t j = before - degree; j < before; ++j) {
    const auto candidate = static_cast<std::uint32_t>(random.below(std::uint64_t{j} + 1, target, j));
    if (!chosen.insert(candidate).second) chosen.insert(j);
  }
  return chosen;
}

}  // namespace

sparse_connections connect_sparse(const projection_description& d, std::uint32_t before, std::uint32_t after) {
  std::vector<std::set<std::uint32_t>> sources(after);
  if (std::holds_alternative<one_to_one>(d.connect)) {
    for (std::uint32_t i = 0; i < after; ++i) sources[i].insert(i);
  } else if (const auto* indegree = std::get_if<fixed_indegree>(&d.connect)) {
    if (indegree->degree > before) {
      throw usage_error(
          d.at, fmt::format("projection \"{}\": fixed_indegree = {}: must not exceed the {} neurons of \"{}\"", d.name,
                            indegree->degree, before, d.from.population));
    }
    const random_stream random(indegree->seed, "connections", d.name);
    for (std::uint32_t i = 0; i < after; ++i) sources[i] = draw_sources(random, i, before, indegree->degree);
  } else if (const auto* chance = std::get_if<connection_probability>(&d.connect)) {
    const random_stream random(chance->seed, "connections", d.name);
    for (std::uint32_t i = 0; i < after; ++i) {
      for (std::uint32_t j = 0; j < before; ++j) {
        if (random.uniform(i, j) < chance->probability) sources[i].insert(sources[i].end(), j);
      }
    }
  } else {
    for (const auto& [pre, post] : std::get<explicit_pairs>(d.connect).pairs) {
      if (pre >= before || post >= after) {
        throw usage_error(d.at, fmt::format("projection \"{}\": the pair [{}, {}] is outside {} sources and {} targets",
                                            d.name, pre, post, before, after));
      }
      if (!sources[post].insert(pre).second) {
        throw usage_error(d.at, fmt::format("projection \"{}\": the pair [{}, {}] is listed twice", d.name, pre, post));
      }
    }
  }
  sparse_connections c;
  c.start.push_back(0);
  for (const auto& row : sources) {
    c.source.insert(c.source.end(), row.begin(), row.end());
    c.start.push_back(c.source.size());
  }
  return c;
}

}  // namespace locus
