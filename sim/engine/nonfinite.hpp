#pragma once
/// Finds the first non-finite number and says where it is.

#include <fmt/format.h>

#include <cmath>
#include <string>

#include "sim/circuit/connections.hpp"
#include "sim/circuit/entity_names.hpp"
#include "sim/engine/network_state.hpp"

namespace locus {

/// "hidden1.value.x[3], lane 0, tick 17: inf", or "" if the population's fields are all finite.
template <class P>
[[nodiscard]] std::string nonfinite_field(const network_state<P>& network, std::size_t n, tick_t tick) {
  const population_state<P>& p = network.populations[n];
  for (std::size_t f = 0; f < p.fields.size(); ++f) {
    for (std::size_t i = 0; i < p.size; ++i) {
      for (std::size_t lane = 0; lane < network.lanes; ++lane) {
        const P v = p.fields[f][field_offset(i, lane, network.lanes)];
        if (std::isfinite(v)) continue;
        return fmt::format("{}{}, lane {}, tick {}: {}", network.net.name_of(output_id{n, f}),
                           index_text(network.net, n, i), lane, tick, v);
      }
    }
  }
  return {};
}

/// "hidden1.forward.theta[3][17], tick 17: inf", or "" if all numbers of the projection's synapses are finite.
template <class P>
[[nodiscard]] std::string nonfinite_weight(const network_state<P>& network, std::size_t projection, tick_t tick) {
  const projection_state<P>& state = network.projections[projection];
  std::string what;
  const locus::projection& p = network.net.projections[projection];
  if (state.fields().empty()) return what;
  for (std::size_t f = 0; f < state.fields().size(); ++f) {
    const synapse_field& field = *state.fields()[f].declared;
    std::size_t k = state.first_weight(state.mine());
    state.each_weight(state.mine(), [&](std::size_t, std::size_t, std::size_t at) {
      const std::size_t number = k++;
      for (std::size_t lane = 0; what.empty() && lane < (field.per_lane ? network.lanes : 1); ++lane) {
        const P value = state.value(f, at, lane);
        if (std::isfinite(value)) continue;
        const auto [pre, post] = ends_of(network.net, p, number);
        what = fmt::format("{}.{}{}{}, tick {}: {}", p.name, field.name, index_text(network.net, p, post, pre),
                           field.per_lane ? fmt::format(", lane {}", lane) : "", tick, value);
      }
    });
  }
  return what;
}

}  // namespace locus
