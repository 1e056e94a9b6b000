#pragma once
/// The last ticks of a running circuit: all fields of all neurons, and all weights, to the bit, as far as they fit.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "sim/engine/simulator.hpp"
#include "sim/trace/layout.hpp"

namespace locus {

/// One variable of a circuit: a field of a population, or the weights of a projection.
struct ring_variable {
  variable_names names;
  std::optional<std::size_t> projection;  ///< whose weights; nothing: a field
  output_id field = {};
  std::size_t columns = 0, lanes = 1;
  std::size_t offset = 0;  ///< bytes in a frame of fields
  bool event = false;
  bool learns = false;  ///< weights: they may change

  [[nodiscard]] std::string full_name() const { return names.group + "." + names.variable; }
};

/// Sees every tick as observers do: weights are those that the tick used. Whoever reads it while a simulator runs has
/// to exclude the simulator's thread.
class tick_ring {
 public:
  /// `bytes`: about as much is kept; at least the last tick and the last weights.
  tick_ring(const circuit& c, std::size_t bytes);

  [[nodiscard]] const std::vector<ring_variable>& variables() const noexcept { return variables_; }
  [[nodiscard]] const ring_variable* find(std::string_view full_name) const noexcept;

  /// The next tick, after those that were taken.
  void take(tick_t tick, const simulator& s);
  /// The ticks up to `last` look as the last one.
  void hold(tick_t last);

  /// The ticks that are held.
  [[nodiscard]] window extent() const noexcept;

  /// [column], of one lane, at `tick`; NaN where it is not held. Weights have one lane.
  [[nodiscard]] std::vector<double> row(const ring_variable& v, std::uint32_t lane, tick_t tick) const;
  [[nodiscard]] std::optional<double> value(const ring_variable& v, std::size_t column, std::uint32_t lane,
                                            tick_t tick) const;
  /// Of weights: the first tick that used those that `tick` used, as far as it is held.
  [[nodiscard]] std::optional<tick_t> weights_since(const ring_variable& v, tick_t tick) const;

  /// What the last tick was, against the one before.
  [[nodiscard]] bool fields_changed() const noexcept { return fields_changed_; }
  [[nodiscard]] bool weights_changed() const noexcept { return weights_changed_; }
  [[nodiscard]] bool spiked() const noexcept { return spiked_; }

  /// Whether a variable (a field, or weights) at `tick` differs from the tick before, which is held too.
  [[nodiscard]] bool differs(const ring_variable& v, tick_t tick) const;
  /// Whether a field that is an event has a one in a lane.
  [[nodiscard]] bool has_event(const ring_variable& v, std::uint32_t lane, tick_t tick) const;

 private:
  struct frame {
    window ticks;
    std::vector<std::byte> bytes;
  };
  struct weights {
    tick_t since = 0;
    std::vector<std::byte> bytes;
  };

  [[nodiscard]] const frame* frame_at(tick_t tick) const;
  [[nodiscard]] const weights* weights_at(std::size_t projection, tick_t tick) const;
  [[nodiscard]] double number(const std::byte* bytes, std::size_t at) const noexcept;
  void take_weights(tick_t tick, const simulator& s);

  std::size_t width_;  ///< bytes of a number
  std::vector<ring_variable> variables_;
  std::size_t frame_bytes_ = 0, frames_kept_ = 1, weight_bytes_kept_ = 0, weight_bytes_ = 0;
  std::deque<frame> frames_;
  std::vector<std::deque<weights>> weights_;  ///< [projection]
  std::uint64_t weight_changes_ = 0;          ///< counted by the simulator when weights were last looked at
  bool fields_changed_ = false, weights_changed_ = false, spiked_ = false;
};

}  // namespace locus
