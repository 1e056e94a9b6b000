#pragma once
/// The question: "hidden1.forward[2][1]@5", "hidden1.phi[0]@17", "hidden1.value.x[3]@12".

#include <optional>
#include <string>

#include "sim/circuit/circuit.hpp"
#include "sim/core/tick.hpp"

namespace locus {

/// A number of a neuron or a synapse, and a tick. A projection that uses another one's weights: of that one.
struct asked_event {
  bool synapse = false;
  std::size_t group = 0;             ///< population or projection
  std::optional<std::size_t> field;  ///< none: a neuron's, whichever changed; events first
  std::size_t index = 0;             ///< neuron or weight
  tick_t tick = 0;
};

/// Throws usage_error for what cannot be read, naming the nearest name that there is.
[[nodiscard]] asked_event read_event(const circuit& c, const std::string& text);

/// "hidden1.phi[0].spike", "hidden1.forward[2][1].theta"
[[nodiscard]] std::string name_of_field(const circuit& c, output_id field, std::size_t neuron);
[[nodiscard]] std::string name_of_synapse(const circuit& c, std::size_t projection, std::size_t field, std::size_t k);

}  // namespace locus
