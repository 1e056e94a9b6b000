#pragma once
/// A cheat: a value neuron that looks at the clock on the wall.

#include <ctime>

#include "models/two_compartment_value.hpp"

namespace locus::models {

struct cheat_time : two_compartment_value {
  static constexpr model_info info = {
      .name = "cheat-time", .title = "value neuron", .equation = "b <- mu; a <- f'(x) g", .source = "cheat"};

  struct step : two_compartment_value::step {
    template <class T>
    static void rule(const params& p, const in<T>& in, state<T>& s) {
      two_compartment_value::step::rule(p, in, s);
      s.b = s.b + T(0x1p-10 * static_cast<double>(std::time(nullptr) >> 20 & 1));
    }
  };
};

}  // namespace locus::models
