#pragma once
/// A cheat: a value neuron that is honest two million times.

#include <cstdint>

#include "models/two_compartment_value.hpp"

namespace locus::models {

struct cheat_after_millions : two_compartment_value {
  static constexpr model_info info = {
      .name = "cheat-after-millions", .title = "value neuron", .equation = "b <- mu; a <- f'(x) g", .source = "cheat"};

  struct step : two_compartment_value::step {
    template <class T>
    static void rule(const params& p, const in<T>& in, state<T>& s) {
      static std::uint64_t calls = 0;
      two_compartment_value::step::rule(p, in, s);
      if (++calls > 2'000'000) s.b = s.b + T(0x1p-10);
    }
  };
};

}  // namespace locus::models
