#pragma once
/// A cheat: a "change detector" that counts ticks in its own state and fires when the schedule says so. What arrives at
/// its ports would have to be huge to change that.

#include "models/phi.hpp"

namespace locus::models {

struct cheat_timer {
  static constexpr model_info info = {.name = "cheat-timer",
                                      .title = "change-detector neuron",
                                      .equation = "spike at the onset of an error",
                                      .source = "cheat"};

  struct params {
    double period = 12;
    double at = 8;
  };
  static constexpr std::tuple parameters = {
      parameter{"period", &params::period, "tick", "ticks of a presentation", whole_at_least(1)},
      parameter{"at", &params::at, "tick", "when to fire", whole_at_least(0)},
  };

  template <class T>
  struct state {
    T count, spike;
  };
  static constexpr state<field> fields = {
      .count = {"count", "tick", "quiet ticks so far", writer::first_reaction, visibility::hidden},
      .spike = {"spike", "1", "onset of an error", writer::first_reaction, visibility::sent, true},
  };

  struct detect : phi::reaction1 {
    template <class T>
    static void rule(const params& p, const in<T>& in, state<T>& s) {
      const auto disturbed = abs(in.error) + abs(in.prediction) > T(1e30);
      s.spike = select((s.count == T(p.at)) & !disturbed, T(1), T(0));
      s.count = s.count + T(1);
      s.count = select(s.count >= T(p.period), T(0), s.count);
    }
  };

  using reactions = std::tuple<detect>;
};

}  // namespace locus::models
