#pragma once
/// The causal cone, measured on the production engine as a black box: one state or weight of one of two equal
/// simulators is disturbed, and after each tick everything is compared bit for bit. What differs must lie within what
/// the circuit's connections allow: messages over connections, one register a tick, delays.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/audit/script.hpp"
#include "sim/audit/wiring.hpp"

namespace locus {

struct cone_options {
  std::uint64_t seed = 1;
  std::size_t disturbances = 48;  ///< at least one in each population and each projection
  tick_t follow = 8;              ///< ticks
};

/// A difference where none can have come over connections.
struct cone_violation {
  entity_ref disturbed;
  std::size_t disturbed_field = 0;  ///< or weight_field
  tick_t at = 0;
  entity_ref reached;
  std::size_t field = 0;  ///< or weight_field
  tick_t tick = 0;
  double undisturbed = 0, found = 0;
};

struct cone_result {
  std::vector<cone_violation> violations;  ///< the first of each disturbance
  std::size_t disturbances = 0;
  std::size_t absorbed = 0;          ///< left no trace
  std::vector<std::uint32_t> reach;  ///< [ticks after the disturbance]: largest distance in neuron hops
  std::uint32_t per_tick = 0;        ///< most hops gained in one tick
  std::size_t levels = 0;            ///< of reactions within a tick: what bounds per_tick, by the circuit's making
};

/// The longest chain of projections from neurons to others that messages can cross within one tick, by reactions.
struct way_in_a_tick {
  std::vector<std::string> projections;  ///< in order
  std::size_t length = 0;                ///< there and back between a layer and its interneurons counts once
};
/// A sweep that takes no time has as many as the circuit has layers.
[[nodiscard]] way_in_a_tick longest_way_in_a_tick(const circuit& c);
/// More are no matter of one layer.
inline constexpr std::size_t longest_way_of_a_layer = 2;

[[nodiscard]] cone_result measure_cone(const circuit& c, const script& world, const cone_options& options = {});

}  // namespace locus
