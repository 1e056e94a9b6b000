#pragma once
/// What a disturbance can have reached by a given tick, by the circuit's connections alone.

#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "sim/audit/wiring.hpp"
#include "sim/circuit/schedule.hpp"

namespace locus {

/// Follows the possible spread tick by tick: commit, messages by level, learning; as the engine does, but with "may
/// differ" instead of numbers.
class closure {
 public:
  explicit closure(const circuit& c);

  /// Before the next tick: the field is committed otherwise in that tick.
  void disturb_field(output_id field, std::size_t neuron) { disturbed_.push_back({field, neuron}); }
  /// Before the next tick: the weight is another one from then on.
  void disturb_weight(std::size_t projection, std::size_t connection);

  void run_tick();

  [[nodiscard]] bool field(output_id f, std::size_t neuron) const {
    return fields_[f.population][f.field][neuron] != 0;
  }
  [[nodiscard]] bool weight(std::size_t projection, std::size_t connection) const {
    return weights_[projection][connection] != 0;
  }

 private:
  using marks = std::vector<std::uint8_t>;
  struct disturbance {
    output_id field;
    std::size_t neuron = 0;
  };

  /// What an output was in the last ticks.
  struct late_marks {
    std::vector<marks> ring;
    std::size_t oldest = 0;
  };

  void commit();
  void write(std::size_t population, writer by, const phase_info& phase);
  void deliver(std::size_t population, std::size_t port);
  void learn(std::size_t projection);
  void make_late(output_id output, std::uint32_t delay);
  [[nodiscard]] const marks& arriving(output_id output, std::uint32_t delay) const;

  const circuit& net_;
  std::vector<scheduled_reaction> schedule_;
  std::vector<std::vector<marks>> fields_, ports_;  ///< [population][field or port][neuron]
  std::vector<marks> weights_;                      ///< [projection]
  std::map<std::tuple<std::size_t, std::size_t, std::uint32_t>, late_marks> late_;  ///< (population, field, delay)
  std::vector<std::vector<std::vector<std::size_t>>> incoming_;
  std::vector<disturbance> disturbed_;
};

}  // namespace locus
