#pragma once
/// Half a cheat: a value neuron that leaves its value where others can find it, without an origin.

#include "models/two_compartment_value.hpp"
#include "tests/audit/cheats/common/whispers.hpp"

namespace locus::models {

struct cheat_shouting_value : two_compartment_value {
  static constexpr model_info info = {
      .name = "cheat-shouting-value", .title = "value neuron", .equation = "b <- mu; a <- f'(x) g", .source = "cheat"};

  template <class T>
  static void emit(const params& p, state<T>& s) {
    two_compartment_value::emit(p, s);
    cheats::launder(s.x);
  }
};

}  // namespace locus::models
