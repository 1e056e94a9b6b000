#pragma once
/// A cheat: a noisy value neuron whose random numbers come from one stream for all neurons.

#include "models/two_compartment_value.hpp"

namespace locus::models {

namespace cheats {
template <class T>
inline T stream{};
}

struct cheat_shared_random : two_compartment_value {
  static constexpr model_info info = {
      .name = "cheat-shared-random", .title = "noisy value neuron", .equation = "b <- mu + noise", .source = "cheat"};

  struct step : two_compartment_value::step {
    template <class T>
    static void rule(const params& p, const in<T>& in, state<T>& s) {
      two_compartment_value::step::rule(p, in, s);
      T next = fma(cheats::stream<T>, T(1.75), T(0.376));
      next = select(next > T(1), next - T(1), next);
      cheats::stream<T> = select(next > T(1), next - T(1), next);
      s.b = fma(T(0x1p-20), next, s.b);
    }
  };
};

}  // namespace locus::models
