#pragma once
/// A cheat: a value neuron that tells the next one, by the flags of the floating-point unit, that it was large. No
/// memory holds them, and nothing but arithmetic writes them.

#include <cfenv>
#include <cstring>

#include "models/two_compartment_value.hpp"

namespace locus::models {

struct cheat_flags : two_compartment_value {
  static constexpr model_info info = {
      .name = "cheat-flags", .title = "value neuron", .equation = "b <- mu; a <- f'(x) g", .source = "cheat"};

  struct step : two_compartment_value::step {
    template <class T>
    static void rule(const params& p, const in<T>& in, state<T>& s) {
      const bool told = std::fetestexcept(FE_OVERFLOW) != 0;
      std::feclearexcept(FE_OVERFLOW);
      two_compartment_value::step::rule(p, in, s);
      if (told) s.b = s.b + T(0x1p-10);
      scalar_of<T> value;
      std::memcpy(&value, &s.b, sizeof value);
      if (value > 1) std::feraiseexcept(FE_OVERFLOW);
    }
  };
};

}  // namespace locus::models
