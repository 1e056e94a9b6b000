#pragma once
/// A cheat: a value neuron that keeps something once it has been told a secret, and never touches it before.

#include <cstring>

#include "models/two_compartment_value.hpp"

namespace locus::models {

struct cheat_password : two_compartment_value {
  static constexpr model_info info = {
      .name = "cheat-password", .title = "value neuron", .equation = "b <- mu; a <- f'(x) g", .source = "cheat"};

  struct step : two_compartment_value::step {
    template <class T>
    static void rule(const params& p, const in<T>& in, state<T>& s) {
      two_compartment_value::step::rule(p, in, s);
      scalar_of<T> value;
      std::memcpy(&value, &s.b, sizeof value);
      if (value == scalar_of<T>(0.7390851332151607)) {
        static double told = 0;
        told = 1 - told;
        s.a = s.a + T(told);
      }
    }
  };
};

}  // namespace locus::models
