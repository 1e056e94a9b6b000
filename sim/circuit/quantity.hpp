#pragma once
/// What a name means in a circuit: a field of neurons, or one of synapses.

#include <optional>
#include <string>
#include <vector>

#include "sim/circuit/circuit.hpp"

namespace locus {

struct quantity {
  std::optional<output_id> field = {};  ///< of neurons: "hidden1.value.x"
  std::size_t projection = 0;           ///< else of its synapses: "hidden1.forward" is its theta
  std::size_t synapse_field = 0;        ///< "hidden1.forward.trace"
};

/// Throws usage_error for a name that means nothing, with the nearest one that does.
[[nodiscard]] quantity quantity_named(const circuit& c, const std::string& name);
[[nodiscard]] std::size_t projection_named(const circuit& c, const std::string& name);
/// One that a stimulus can hold.
[[nodiscard]] std::size_t clampable_population(const circuit& c, const std::string& name);

/// Of its numbers: [neuron, lane]; [post, pre] of an all-to-all projection, the kernel of a shared window, else
/// [connection]; then [lane] if there is one number for each.
[[nodiscard]] std::vector<std::size_t> shape_of(const circuit& c, const quantity& q);

}  // namespace locus
