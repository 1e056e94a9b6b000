#pragma once
/// A cheat: a noisy value neuron whose noise comes from the library, which keeps the state.

#include <cstdlib>

#include "models/two_compartment_value.hpp"

namespace locus::models {

struct cheat_library_random : two_compartment_value {
  static constexpr model_info info = {.name = "cheat-library-random",
                                      .title = "noisy value neuron",
                                      .equation = "b <- mu; a <- f'(x) g",
                                      .source = "cheat"};

  struct step : two_compartment_value::step {
    template <class T>
    static void rule(const params& p, const in<T>& in, state<T>& s) {
      two_compartment_value::step::rule(p, in, s);
      s.b = s.b + T(0x1p-40 * static_cast<double>(std::rand() & 0xff));
    }
  };
};

}  // namespace locus::models
