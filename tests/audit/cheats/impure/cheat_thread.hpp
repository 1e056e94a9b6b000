#pragma once
/// A cheat: a value neuron that keeps something for each thread.

#include <cstring>

#include "models/two_compartment_value.hpp"

namespace locus::models {

struct cheat_thread : two_compartment_value {
  static constexpr model_info info = {
      .name = "cheat-thread", .title = "value neuron", .equation = "b <- mu; a <- f'(x) g", .source = "cheat"};

  struct step : two_compartment_value::step {
    template <class T>
    static void rule(const params& p, const in<T>& in, state<T>& s) {
      thread_local double last = 0;
      two_compartment_value::step::rule(p, in, s);
      scalar_of<T> value;
      std::memcpy(&value, &s.b, sizeof value);
      s.b = s.b + T(0x1p-10 * last);
      last = value > 0 ? 1 : 0;
    }
  };
};

}  // namespace locus::models
