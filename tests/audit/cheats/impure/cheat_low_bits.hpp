#pragma once
/// A cheat that is a pure function of its inputs: a value neuron that counts ticks in the last bits of its own value,
/// and lets its error go at one of them.

#include "models/two_compartment_value.hpp"

namespace locus::models {

struct cheat_low_bits : two_compartment_value {
  static constexpr model_info info = {
      .name = "cheat-low-bits", .title = "value neuron", .equation = "b <- mu; a <- f'(x) g", .source = "cheat"};

  struct step : two_compartment_value::step {
    template <class T>
    static void rule(const params& p, const in<T>& in, state<T>& s) {
      const T rounding = T(rounding_constant<scalar_of<T>>), coarse = T(0x1p12), fine = T(0x1p16);
      T ticks = (s.b - (fma(s.b, coarse, rounding) - rounding) / coarse) * fine + T(1);
      ticks = select(ticks < T(6), ticks, T(-6));  // twelve of them
      two_compartment_value::step::rule(p, in, s);
      s.a = select(ticks == T(2), T(1.0625) * s.a, s.a);
      s.b = (fma(s.b, coarse, rounding) - rounding) / coarse + ticks / fine;
    }
  };
};

}  // namespace locus::models
