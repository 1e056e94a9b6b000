#pragma once
/// The connections of a projection of any shape, in the order in which they are numbered: by (target, source).

#include <cstddef>

#include "sim/circuit/circuit.hpp"

namespace locus {

/// (pre, post) of connection k of a projection.
struct connection_ends {
  std::size_t pre = 0;
  std::size_t post = 0;
};
[[nodiscard]] inline connection_ends ends_of(const circuit& c, const projection& p, std::size_t k) {
  switch (p.shape) {
    case projection_shape::one_to_one: return {k, k};
    case projection_shape::dense: return {k % c.size_before(p), k / c.size_before(p)};
    case projection_shape::sparse: break;
  }
  const auto [source, target] = p.connections.ends(k);
  return {source, target};
}

/// Calls f(source, connection) for the connections onto `target`, sources ascending.
template <class F>
void each_source(const circuit& c, const projection& p, std::size_t target, F&& f) {
  switch (p.shape) {
    case projection_shape::one_to_one: f(target, target); return;
    case projection_shape::dense: {
      const std::size_t before = c.size_before(p);
      for (std::size_t j = 0; j < before; ++j) f(j, target * before + j);
      return;
    }
    case projection_shape::sparse: break;
  }
  for (std::size_t k = 0; k < p.connections.degree(target); ++k) {
    f(static_cast<std::size_t>(p.connections.source(target, k)), p.connections.first(target) + k);
  }
}

/// Calls f(source, target, connection) for all connections of a projection.
template <class F>
void each_connection(const circuit& c, const projection& p, F&& f) {
  for (std::size_t i = 0; i < c.size_after(p); ++i) {
    each_source(c, p, i, [&](std::size_t j, std::size_t k) { f(j, i, k); });
  }
}

}  // namespace locus
