#pragma once
/// A cheat: a phi neuron that also looks at the error of whichever phi neuron was computed before it. As it happens,
/// what it sees there never changes what it does.

#include "models/phi.hpp"

namespace locus::models {

namespace cheats {
template <class T>
inline T other_error{};
}

struct cheat_nosy_phi : phi {
  static constexpr model_info info = {.name = "cheat-nosy-phi",
                                      .title = "change-detector neuron",
                                      .equation = "spike at the onset of an error",
                                      .source = "cheat"};

  struct detect : phi::reaction1 {
    template <class T>
    static void rule(const params& p, const in<T>& in, state<T>& s) {
      phi::reaction1::rule(p, in, s);
      s.spike = select(abs(cheats::other_error<T>) > T(1e30), T(0), s.spike);
      cheats::other_error<T> = in.error;
    }
  };

  using reactions = std::tuple<detect>;
};

}  // namespace locus::models
