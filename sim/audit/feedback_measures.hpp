#pragma once
/// How like each other the weights of two projections are, on the connections that both have: magnitude, sign and
/// symmetry.

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "sim/circuit/connections.hpp"

namespace locus {

/// The weight of the connection of `p` from neuron `pre` to neuron `post`, if it has one.
[[nodiscard]] inline std::optional<std::size_t> connection_between(const circuit& c, const projection& p,
                                                                   std::size_t pre, std::size_t post) {
  switch (p.shape) {
    case projection_shape::one_to_one: return pre == post ? std::optional(pre) : std::nullopt;
    case projection_shape::dense: return post * c.size_before(p) + pre;
    case projection_shape::shared_window: {
      const auto weight = p.window->find(static_cast<std::uint32_t>(pre), static_cast<std::uint32_t>(post));
      return weight ? std::optional<std::size_t>(*weight) : std::nullopt;
    }
    case projection_shape::sparse: break;
  }
  const auto found = p.connections.find(static_cast<std::uint32_t>(pre), static_cast<std::uint32_t>(post));
  return found ? std::optional<std::size_t>(*found) : std::nullopt;
}

/// Calls f(connection of `a`, connection of `b`) for each connection of `b` that has its like in `a`: the one between
/// the same two neurons the other way round (`transposed`), or from and to the neurons of the same numbers.
template <class F>
void each_common(const circuit& c, const projection& a, const projection& b, bool transposed, F&& f) {
  each_connection(c, b, [&](std::size_t pre, std::size_t post, std::size_t k) {
    const auto other = transposed ? connection_between(c, a, post, pre) : connection_between(c, a, pre, post);
    if (other) f(*other, k);
  });
}

inline constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// Of feedback weights b against forward weights f. Not a number: cannot be said, since all weights of one are 0.
struct pair_measures {
  std::uint64_t common = 0;         ///< connections compared
  double magnitude = not_a_number;  ///< |b| / |f|
  double same_sign = not_a_number;  ///< share of the connections on which neither is 0 (Liao, Leibo and Poggio 2016)
  double angle = not_a_number;      ///< between b and f, degrees (Lillicrap et al. 2016)
  std::optional<double> factor;     ///< b = factor f to rounding, and f is not the same number everywhere
};

/// forward[n] and feedback[n] belong together. `single`: numbers in f32.
[[nodiscard]] pair_measures measure_pair(const std::vector<double>& forward, const std::vector<double>& feedback,
                                         bool single);

/// What is told of one pair of opposite projections.
struct feedback_report {
  std::string forward, feedback;
  std::string relation;  ///< "shared", "copied", "born equal", "born proportional", "apart"
  pair_measures birth, end;
  tick_t ticks = 0;                 ///< watched
  std::optional<double> follows;    ///< how far the feedback follows disturbances of the forward weights
  std::optional<double> explained;  ///< and how much of what it does that is
};

}  // namespace locus
