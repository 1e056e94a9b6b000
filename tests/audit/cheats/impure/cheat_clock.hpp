#pragma once
/// A cheat: a value neuron that looks at a clock that counts nanoseconds.

#include <ctime>

#include "models/two_compartment_value.hpp"

namespace locus::models {

struct cheat_clock : two_compartment_value {
  static constexpr model_info info = {
      .name = "cheat-clock", .title = "value neuron", .equation = "b <- mu; a <- f'(x) g", .source = "cheat"};

  struct step : two_compartment_value::step {
    template <class T>
    static void rule(const params& p, const in<T>& in, state<T>& s) {
      two_compartment_value::step::rule(p, in, s);
      timespec now{};
      ::clock_gettime(CLOCK_MONOTONIC, &now);
      s.b = s.b + T(0x1p-10 * static_cast<double>(now.tv_sec >> 20 & 1));
    }
  };
};

}  // namespace locus::models
