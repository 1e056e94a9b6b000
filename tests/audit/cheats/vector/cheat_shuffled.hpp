#pragma once
/// A cheat: value neurons that are computed in one vector see each other.

#include <algorithm>
#include <cstring>
#include <iterator>

#include "models/two_compartment_value.hpp"

namespace locus::models {

struct cheat_shuffled : two_compartment_value {
  static constexpr model_info info = {
      .name = "cheat-shuffled", .title = "value neuron", .equation = "b <- mu; a <- f'(x) g", .source = "cheat"};

  struct step : two_compartment_value::step {
    template <class T>
    static void rule(const params& p, const in<T>& in, state<T>& s) {
      two_compartment_value::step::rule(p, in, s);
      if constexpr (sizeof(T) > 2 * sizeof(scalar_of<T>) && requires { T::width; }) {
        scalar_of<T> values[sizeof(T) / sizeof(scalar_of<T>)];
        std::memcpy(values, &in.prediction, sizeof values);
        std::rotate(std::begin(values), std::begin(values) + 1, std::end(values));
        s.b = fma(T(0x1p-10), T::load(values), s.b);
      }
    }
  };
};

}  // namespace locus::models
