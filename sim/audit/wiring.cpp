#include "sim/audit/wiring.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/audit/feedback_measures.hpp"
#include "sim/circuit/entity_names.hpp"

namespace locus {

std::string name_of(const circuit& c, const entity_ref& e) {
  if (!e.is_synapse) return c.populations[e.group].name + index_text(c, e.group, e.index);
  const projection& p = c.projections[e.group];
  const auto [pre, post] = ends_of(c, p, e.index);
  return p.name + index_text(c, p, post, pre);
}

std::size_t owner_connection(const circuit& c, const projection& p, std::size_t k) {
  if (p.window) return p.window->in_owner(k);
  const auto [pre, post] = ends_of(c, p, k);
  const projection& owner = c.projections[*p.shared_with];
  return *(p.transposed ? connection_between(c, owner, post, pre) : connection_between(c, owner, pre, post));
}

std::vector<bool> attached(const circuit& c, std::size_t modulators, std::size_t ends) {
  const std::size_t n = c.populations[modulators].size;
  std::vector<bool> joined(n, false);
  if (modulators == ends) return std::vector<bool>(n, true);
  if (c.populations[ends].size != n) return joined;
  for (const projection& p : c.projections) {
    const bool out = p.from.population == modulators && p.to.population == ends;
    const bool in = p.from.population == ends && p.to.population == modulators;
    if (!out && !in) continue;
    std::vector<std::size_t> partners(n), own(n);
    each_connection(c, p, [&](std::size_t pre, std::size_t post, std::size_t) {
      const std::size_t modulator = out ? pre : post;
      ++partners[modulator];
      if (pre == post) ++own[modulator];
    });
    for (std::size_t i = 0; i < n; ++i) joined[i] = joined[i] || (partners[i] == 1 && own[i] == 1);
  }
  return joined;
}

hop_graph::hop_graph(const circuit& c) {
  first_.push_back(0);
  for (const population& p : c.populations) first_.push_back(first_.back() + p.size);
  next_.resize(size());
  for (const projection& p : c.projections) {
    const auto edge = [&](std::size_t from, std::size_t index, std::size_t post) {
      next_[neuron(from, index)].push_back(static_cast<std::uint32_t>(neuron(p.to.population, post)));
    };
    each_connection(c, p, [&](std::size_t pre, std::size_t post, std::size_t) {
      edge(p.from.population, pre, post);
      if (!p.learns()) return;
      for (const std::size_t seen : seen_populations(p)) edge(seen, post, post);
      if (!p.gate) return;
      edge(p.gate->population, modulator_of(p, {pre, post}), post);
    });
  }
  for (auto& targets : next_) {
    std::sort(targets.begin(), targets.end());
    targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
  }
}

std::vector<std::uint32_t> hop_graph::distances(const std::vector<std::size_t>& sources) const {
  std::vector<std::uint32_t> hops(size(), unreachable);
  std::vector<std::size_t> front = sources;
  for (const std::size_t s : front) hops[s] = 0;
  for (std::uint32_t distance = 1; !front.empty(); ++distance) {
    std::vector<std::size_t> reached;
    for (const std::size_t from : front) {
      for (const std::uint32_t to : next_[from]) {
        if (hops[to] != unreachable) continue;
        hops[to] = distance;
        reached.push_back(to);
      }
    }
    front = std::move(reached);
  }
  return hops;
}

}  // namespace locus
