#pragma once
/// How a value came to be what it is: a chain of steps back to the read where it went astray.

#include <cstdint>
#include <string>
#include <vector>

#include "sim/audit/wiring.hpp"
#include "sim/core/tick.hpp"

namespace locus {

enum class step_kind {
  passed_on,       ///< who computed its state from the step before
  smuggled,        ///< who used a value of another entity that came over no connection
  shared_weight,   ///< who received a message weighed with a weight that another synapse owns
  far_post,        ///< a synapse saw a neuron that it does not touch, as its postsynaptic end
  far_gate,        ///< a synapse saw a neuron that is neither its end nor attached to one, as its modulator
  control_signal,  ///< a source of control sent
  imposed,         ///< a state was imposed from outside
};

/// What a synapse's weight is called where fields have numbers.
inline constexpr std::size_t weight_field = SIZE_MAX;
/// What a neuron received on a port, and what a stimulus imposed on it.
inline constexpr std::size_t received_field = SIZE_MAX - 1;
inline constexpr std::size_t imposed_field = SIZE_MAX - 2;
inline constexpr std::size_t unknown_field = SIZE_MAX - 3;

struct trail_step {
  std::uint32_t before = 0;  ///< the step before; 0: none, it began here
  step_kind kind = step_kind::passed_on;
  entity_ref who;
  tick_t tick = 0;
  entity_ref source;      ///< whose state was read; passed_on: unused
  std::size_t field = 0;  ///< of the source, or one of the above
  tick_t source_tick = 0;
  double value = 0;          ///< what was read
  std::uint32_t length = 0;  ///< steps from the origin to here
};

/// All trails of a run. Step 0 stands for none.
class trails {
 public:
  std::uint32_t add(const trail_step& s) {
    if (steps_.size() >= limit) return s.before;
    steps_.push_back(s);
    steps_.back().length = s.before == 0 ? 1 : step(s.before).length + 1;
    return static_cast<std::uint32_t>(steps_.size());
  }
  [[nodiscard]] const trail_step& step(std::uint32_t id) const { return steps_.at(id - 1); }

  /// The one of two trails that tells its story in fewer steps; 0 stands for none.
  [[nodiscard]] std::uint32_t shorter(std::uint32_t a, std::uint32_t b) const {
    if (a == 0 || b == 0) return a == 0 ? b : a;
    return step(b).length < step(a).length ? b : a;
  }

  /// From the origin to `last`.
  [[nodiscard]] std::vector<trail_step> chain(std::uint32_t last) const {
    std::vector<trail_step> all;
    for (std::uint32_t id = last; id != 0; id = step(id).before) all.insert(all.begin(), step(id));
    return all;
  }

 private:
  static constexpr std::size_t limit = 4'000'000;
  std::vector<trail_step> steps_;
};

}  // namespace locus
