#pragma once
/// The partners of a neuron, and what goes between them and it in a tick.

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <vector>

#include "sim/circuit/circuit.hpp"
#include "sim/core/tick.hpp"

namespace locus {

/// What is known of a circuit in one lane at a tick; nothing: not recorded.
class known_values {
 public:
  known_values() = default;
  virtual ~known_values() = default;
  known_values(const known_values&) = delete;
  known_values& operator=(const known_values&) = delete;

  struct message {
    double sent = 0, value = 0;
  };
  [[nodiscard]] virtual std::optional<double> field(output_id of, std::size_t neuron, tick_t at) = 0;
  /// What messages are multiplied with. `weights`: numbers of weights, ascending.
  [[nodiscard]] virtual std::vector<std::optional<double>> weights(std::size_t projection,
                                                                   const std::vector<std::size_t>& weights,
                                                                   tick_t at) = 0;
  /// The column of a weight among those that were recorded.
  [[nodiscard]] virtual std::optional<std::size_t> column(std::size_t projection, std::size_t weight) = 0;
  /// The message of that tick from one neuron to another, if it was logged.
  [[nodiscard]] virtual std::optional<message> logged(std::size_t projection, std::size_t source, std::size_t target,
                                                      tick_t at) = 0;
};

/// {"population", "neuron", "tick", "place", "incoming": [...], "incoming_total", "outgoing": [...], "outgoing_total"}:
/// of each side the 500 with the largest values.
[[nodiscard]] nlohmann::json neighbourhood(const circuit& c, std::size_t population, std::size_t neuron, tick_t at,
                                           known_values& known);

}  // namespace locus
