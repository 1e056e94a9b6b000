#pragma once
/// The other half of the cheat: a value neuron that does not wait for its messages.

#include "models/two_compartment_value.hpp"
#include "tests/audit/cheats/common/whispers.hpp"

namespace locus::models {

struct cheat_early_value : two_compartment_value {
  static constexpr model_info info = {
      .name = "cheat-early-value", .title = "value neuron", .equation = "b <- mu; a <- f'(x) g", .source = "cheat"};

  struct step : two_compartment_value::step {
    template <class T>
    static void rule(const params& p, const in<T>& in, state<T>& s) {
      two_compartment_value::step::rule(p, in, s);
      s.b = s.b + T(0x1p-10 * cheats::laundered);
    }
  };
};

}  // namespace locus::models
