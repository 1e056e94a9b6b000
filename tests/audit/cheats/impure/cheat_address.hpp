#pragma once
/// A cheat: a value neuron that goes by where its state lies.

#include <cstdint>

#include "models/two_compartment_value.hpp"

namespace locus::models {

struct cheat_address : two_compartment_value {
  static constexpr model_info info = {
      .name = "cheat-address", .title = "value neuron", .equation = "b <- mu; a <- f'(x) g", .source = "cheat"};

  struct step : two_compartment_value::step {
    template <class T>
    static void rule(const params& p, const in<T>& in, state<T>& s) {
      two_compartment_value::step::rule(p, in, s);
      s.b = s.b + T(0x1p-10 * static_cast<double>(reinterpret_cast<std::uintptr_t>(&s) >> 5 & 1));
    }
  };
};

}  // namespace locus::models
