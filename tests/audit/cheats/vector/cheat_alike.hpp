#pragma once
/// A cheat: value neurons that notice when all that are computed in one vector are told the same, and that is much.

#include <algorithm>
#include <cstring>
#include <iterator>

#include "models/two_compartment_value.hpp"

namespace locus::models {

struct cheat_alike : two_compartment_value {
  static constexpr model_info info = {
      .name = "cheat-alike", .title = "value neuron", .equation = "b <- mu; a <- f'(x) g", .source = "cheat"};

  struct step : two_compartment_value::step {
    template <class T>
    static void rule(const params& p, const in<T>& in, state<T>& s) {
      two_compartment_value::step::rule(p, in, s);
      if constexpr (sizeof(T) >= 2 * sizeof(scalar_of<T>) && requires { T::width; }) {
        scalar_of<T> values[sizeof(T) / sizeof(scalar_of<T>)];
        std::memcpy(values, &in.prediction, sizeof values);
        const bool alike = std::all_of(std::begin(values), std::end(values), [&](auto v) { return v == values[0]; });
        if (alike && values[0] > 1000) s.b = s.b + T(1);
      }
    }
  };
};

}  // namespace locus::models
