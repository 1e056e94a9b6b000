#pragma once
/// A cheat: a value neuron that is honest only where numbers are not those of the engine's kernels.

#include "models/two_compartment_value.hpp"

namespace locus::models {

struct cheat_when_traced : two_compartment_value {
  static constexpr model_info info = {
      .name = "cheat-when-traced", .title = "value neuron", .equation = "b <- mu; a <- f'(x) g", .source = "cheat"};

  struct step : two_compartment_value::step {
    template <class T>
    static void rule(const params& p, const in<T>& in, state<T>& s) {
      two_compartment_value::step::rule(p, in, s);
      if constexpr (requires { T::width; }) s.b = fma(T(0x1p-10), s.x, s.b);
    }
  };
};

}  // namespace locus::models
