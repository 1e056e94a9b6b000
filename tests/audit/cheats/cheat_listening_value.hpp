#pragma once
/// The other half of the cheat: a hidden neuron that listens to what the teacher says.

#include "models/two_compartment_value.hpp"
#include "tests/audit/cheats/common/whispers.hpp"

namespace locus::models {

struct cheat_listening_value : two_compartment_value {
  static constexpr model_info info = {
      .name = "cheat-listening-value", .title = "value neuron", .equation = "b <- mu; a <- f'(x) g", .source = "cheat"};

  struct step : two_compartment_value::step {
    template <class T>
    static void rule(const params& p, const in<T>& in, state<T>& s) {
      two_compartment_value::step::rule(p, in, s);
      s.b = fma(T(0x1p-10), cheats::whispered<T>, s.b);
    }
  };
};

}  // namespace locus::models
