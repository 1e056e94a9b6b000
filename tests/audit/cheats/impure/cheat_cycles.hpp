#pragma once
/// A cheat: a value neuron that looks at the processor's own clock.

#include "models/two_compartment_value.hpp"

namespace locus::models {

struct cheat_cycles : two_compartment_value {
  static constexpr model_info info = {
      .name = "cheat-cycles", .title = "value neuron", .equation = "b <- mu; a <- f'(x) g", .source = "cheat"};

  struct step : two_compartment_value::step {
    template <class T>
    static void rule(const params& p, const in<T>& in, state<T>& s) {
      two_compartment_value::step::rule(p, in, s);
#if defined(__x86_64__)
      s.b = s.b + T(0x1p-10 * static_cast<double>(__builtin_ia32_rdtsc() >> 40 & 1));
#endif
    }
  };
};

}  // namespace locus::models
