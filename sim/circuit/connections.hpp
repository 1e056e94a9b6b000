#pragma once
/// The connections of a projection of any shape, in the order in which they are numbered: by (target, source).
///
/// Weights have the numbers of their connections, but those of a shared window: its weights are numbered as its kernel
/// is, and the ends of such a weight are those of the first place at which it serves.

#include <cstddef>
#include <vector>

#include "sim/circuit/circuit.hpp"

namespace locus {

/// (pre, post) of weight k of a projection.
struct connection_ends {
  std::size_t pre = 0;
  std::size_t post = 0;
};
[[nodiscard]] inline connection_ends ends_of(const circuit& c, const projection& p, std::size_t k) {
  switch (p.shape) {
    case projection_shape::one_to_one: return {k, k};
    case projection_shape::dense: return {k % c.size_before(p), k / c.size_before(p)};
    case projection_shape::shared_window: {
      const auto [source, target] = p.window->first_use(k);
      return {source, target};
    }
    case projection_shape::sparse: break;
  }
  const auto [source, target] = p.connections.ends(k);
  return {source, target};
}

/// Which neuron of its modulator's population a connection's synapse sees.
[[nodiscard]] inline std::size_t modulator_of(const projection& p, const connection_ends& at) {
  switch (p.gate_at) {
    case gate_end::pre: return at.pre;
    case gate_end::post: return at.post;
    case gate_end::everywhere: break;
  }
  return 0;
}

/// Calls f(source, weight) for the connections onto `target`, sources ascending.
template <class F>
void each_source(const circuit& c, const projection& p, std::size_t target, F&& f) {
  switch (p.shape) {
    case projection_shape::one_to_one: f(target, target); return;
    case projection_shape::dense: {
      const std::size_t before = c.size_before(p);
      for (std::size_t j = 0; j < before; ++j) f(j, target * before + j);
      return;
    }
    case projection_shape::shared_window:
      p.window->each_source(static_cast<std::uint32_t>(target), [&](std::uint32_t source, std::uint64_t weight) {
        f(static_cast<std::size_t>(source), static_cast<std::size_t>(weight));
      });
      return;
    case projection_shape::sparse: break;
  }
  for (std::size_t k = 0; k < p.connections.degree(target); ++k) {
    f(static_cast<std::size_t>(p.connections.source(target, k)), p.connections.first(target) + k);
  }
}

/// Calls f(source, target, weight) for all connections of a projection.
template <class F>
void each_connection(const circuit& c, const projection& p, F&& f) {
  for (std::size_t i = 0; i < c.size_after(p); ++i) {
    each_source(c, p, i, [&](std::size_t j, std::size_t k) { f(j, i, k); });
  }
}

/// Calls f(source, target, weight) for all weights of a projection, each once.
template <class F>
void each_weight(const circuit& c, const projection& p, F&& f) {
  if (p.shape != projection_shape::shared_window) return each_connection(c, p, f);
  for (std::size_t k = 0; k < c.weights(p); ++k) {
    const connection_ends at = ends_of(c, p, k);
    f(at.pre, at.post, k);
  }
}

/// All connections of a projection, listed.
[[nodiscard]] inline sparse_connections listed_connections(const circuit& c, const projection& p) {
  sparse_connections all;
  std::vector<std::uint32_t> sources;
  for (std::size_t i = 0; i < c.size_after(p); ++i) {
    sources.clear();
    each_source(c, p, i, [&](std::size_t j, std::size_t) { sources.push_back(static_cast<std::uint32_t>(j)); });
    all.add_target(sources);
  }
  return all;
}

}  // namespace locus
