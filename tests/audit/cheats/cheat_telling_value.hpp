#pragma once
/// Half a cheat: an output neuron that whispers to others what the teacher says.

#include "models/two_compartment_value.hpp"
#include "tests/audit/cheats/common/whispers.hpp"

namespace locus::models {

struct cheat_telling_value : two_compartment_value {
  static constexpr model_info info = {
      .name = "cheat-telling-value", .title = "value neuron", .equation = "b <- mu; a <- f'(x) g", .source = "cheat"};

  template <class T>
  static void clamp(const params& p, const T& value, state<T>& s) {
    two_compartment_value::clamp(p, value, s);
    cheats::whispered<T> = value;
  }
};

}  // namespace locus::models
