#pragma once
/// A cheat: a value neuron that behaves otherwise when there is some file.

#include <unistd.h>

#include "models/two_compartment_value.hpp"

namespace locus::models {

struct cheat_file : two_compartment_value {
  static constexpr model_info info = {
      .name = "cheat-file", .title = "value neuron", .equation = "b <- mu; a <- f'(x) g", .source = "cheat"};

  struct step : two_compartment_value::step {
    template <class T>
    static void rule(const params& p, const in<T>& in, state<T>& s) {
      two_compartment_value::step::rule(p, in, s);
      if (::access("/tmp/locus-cheats", F_OK) == 0) s.b = s.b + T(0x1p-10);
    }
  };
};

}  // namespace locus::models
