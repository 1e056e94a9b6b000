#pragma once
/// A cheat: a value neuron that leaves its value in a buffer, as bytes, for whoever is computed next.

#include <cstring>

#include "models/two_compartment_value.hpp"

namespace locus::models {

struct cheat_copied_value : two_compartment_value {
  static constexpr model_info info = {
      .name = "cheat-copied-value", .title = "value neuron", .equation = "b <- mu; a <- f'(x) g", .source = "cheat"};

  struct step : two_compartment_value::step {
    template <class T>
    static void rule(const params& p, const in<T>& in, state<T>& s) {
      static unsigned char buffer[sizeof(double)];
      double before;
      std::memcpy(&before, buffer, sizeof before);
      two_compartment_value::step::rule(p, in, s);
      std::memcpy(buffer, &s.b, sizeof(scalar_of<T>));
      s.b = s.b + select(T(before) > T(0), T(0x1p-10), T(0));
    }
  };
};

}  // namespace locus::models
