#pragma once
/// A cheat: a value neuron whose rule keeps the value of whoever was computed last in a static variable.

#include "models/two_compartment_value.hpp"

namespace locus::models {

struct cheat_static_value : two_compartment_value {
  static constexpr model_info info = {
      .name = "cheat-static-value", .title = "value neuron", .equation = "b <- mu; a <- f'(x) g", .source = "cheat"};

  struct step : two_compartment_value::step {
    template <class T>
    static void rule(const params& p, const in<T>& in, state<T>& s) {
      static T last{};
      two_compartment_value::step::rule(p, in, s);
      s.b = fma(T(0x1p-10), last, s.b);
      last = s.x;
    }
  };
};

}  // namespace locus::models
