#pragma once
/// A cheat: a noisy value neuron whose noise is no port.

#include <random>

#include "models/two_compartment_value.hpp"

namespace locus::models {

struct cheat_engine : two_compartment_value {
  static constexpr model_info info = {
      .name = "cheat-engine", .title = "noisy value neuron", .equation = "b <- mu; a <- f'(x) g", .source = "cheat"};

  struct step : two_compartment_value::step {
    template <class T>
    static void rule(const params& p, const in<T>& in, state<T>& s) {
      static std::minstd_rand engine;
      two_compartment_value::step::rule(p, in, s);
      s.b = s.b + T(0x1p-40 * static_cast<double>(engine() & 0xff));
    }
  };
};

}  // namespace locus::models
