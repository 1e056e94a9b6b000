#pragma once
/// A cheat: a value neuron that behaves otherwise when an environment variable is set.

#include <cstdlib>

#include "models/two_compartment_value.hpp"

namespace locus::models {

struct cheat_environment : two_compartment_value {
  static constexpr model_info info = {
      .name = "cheat-environment", .title = "value neuron", .equation = "b <- mu; a <- f'(x) g", .source = "cheat"};

  struct step : two_compartment_value::step {
    template <class T>
    static void rule(const params& p, const in<T>& in, state<T>& s) {
      two_compartment_value::step::rule(p, in, s);
      if (std::getenv("LOCUS_CHEATS") != nullptr) s.b = s.b + T(0x1p-10);
    }
  };
};

}  // namespace locus::models
