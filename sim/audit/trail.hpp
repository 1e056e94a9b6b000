#pragma once
/// How a value came to be what it is: a chain of steps back to the read where it went astray.

#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "sim/audit/wiring.hpp"
#include "sim/core/random.hpp"
#include "sim/core/tick.hpp"

namespace locus {

enum class step_kind {
  passed_on,       ///< who computed its state from the step before
  smuggled,        ///< who used a value of another entity that came over no connection
  shared_weight,   ///< who received a message weighed with a weight that another synapse owns
  many_places,     ///< a weight that serves at many places learnt from all of them
  far_post,        ///< a synapse saw a neuron that it does not touch, as its postsynaptic end
  far_gate,        ///< a synapse saw a neuron that is neither its end nor tied to one, as its modulator
  control_signal,  ///< a source of control sent
  imposed,         ///< a state was imposed from outside
};
inline constexpr std::size_t step_kinds = 8;

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

/// All trails of a run. Step 0 stands for none. A step that is made again (the same entity by the same way) is the same
/// step with a new tick and value, and no trail visits an entity twice, so that long runs do not need more memory than
/// short ones.
class trails {
 public:
  std::uint32_t add(const trail_step& s) {
    const std::uint64_t key = key_of(s);
    const auto [place, made] = known_.try_emplace(key, static_cast<std::uint32_t>(steps_.size() + 1));
    if (made && steps_.size() >= limit) {
      known_.erase(place);
      // What is full still tells that something happened: by the trail so far, or the last that began in this way.
      return s.before != 0 ? s.before : begun_[static_cast<std::size_t>(s.kind)];
    }
    if (made) {
      steps_.push_back(s);
      steps_.back().length = s.before == 0 ? 1 : step(s.before).length + 1;
    } else {
      trail_step& again = steps_[place->second - 1];
      again.tick = s.tick;
      again.source_tick = s.source_tick;
      again.value = s.value;
    }
    if (s.before == 0) begun_[static_cast<std::size_t>(s.kind)] = place->second;
    return place->second;
  }
  [[nodiscard]] const trail_step& step(std::uint32_t id) const { return steps_.at(id - 1); }

  /// The step of a trail at which it visited `who`; 0: nowhere.
  [[nodiscard]] std::uint32_t visit(std::uint32_t last, const entity_ref& who) const {
    for (std::uint32_t id = last; id != 0; id = step(id).before) {
      if (step(id).who == who) return id;
    }
    return 0;
  }

  /// The one of two trails that tells its story in fewer steps; 0 stands for none.
  [[nodiscard]] std::uint32_t shorter(std::uint32_t a, std::uint32_t b) const {
    if (a == 0 || b == 0) return a == 0 ? b : a;
    return step(b).length < step(a).length ? b : a;
  }

  /// From the origin to `last`.
  [[nodiscard]] std::vector<trail_step> chain(std::uint32_t last) const {
    std::vector<trail_step> all;
    for (std::uint32_t id = last; id != 0; id = step(id).before) all.push_back(step(id));
    return {all.rbegin(), all.rend()};
  }

 private:
  /// Some 150 MB.
  static constexpr std::size_t limit = 1'000'000;

  static std::uint64_t key_of(const trail_step& s) {
    std::uint64_t key = 0;
    for (const std::uint64_t part :
         {std::uint64_t{s.before}, static_cast<std::uint64_t>(s.kind), std::uint64_t{s.who.is_synapse},
          std::uint64_t{s.who.group}, std::uint64_t{s.who.index}, std::uint64_t{s.source.is_synapse},
          std::uint64_t{s.source.group}, std::uint64_t{s.source.index}, std::uint64_t{s.field}}) {
      key = mix_bits(key ^ part);
    }
    return key;
  }

  std::vector<trail_step> steps_;
  std::unordered_map<std::uint64_t, std::uint32_t> known_;
  std::array<std::uint32_t, step_kinds> begun_{};  ///< [kind]: the last that began so
};

}  // namespace locus
