#pragma once
/// A cheat: a value neuron whose rule counts in a global how often it was called, and drifts by it.

#include "models/two_compartment_value.hpp"

namespace locus::models {

namespace cheats {
template <class T>
inline T calls{};
}

struct cheat_global_ticks : two_compartment_value {
  static constexpr model_info info = {
      .name = "cheat-global-ticks", .title = "value neuron", .equation = "b <- mu; a <- f'(x) g", .source = "cheat"};

  struct step : two_compartment_value::step {
    template <class T>
    static void rule(const params& p, const in<T>& in, state<T>& s) {
      two_compartment_value::step::rule(p, in, s);
      cheats::calls<T> = cheats::calls<T> + T(1);
      s.b = fma(T(0x1p-20), cheats::calls<T>, s.b);
    }
  };
};

}  // namespace locus::models
