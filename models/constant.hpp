#pragma once
/// Unit with a constant output; a bias is the synapse of a constant unit.
///
/// Equation    rate = value
/// Parameters  value
/// Source      Locus; the bias as a weight from a constant-1 presynaptic unit is textbook usage

#include "sim/core/model.hpp"

namespace locus::models {

struct constant {
  static constexpr model_info info = {
      .name = "constant",
      .title = "unit with a constant output",
      .equation = "rate = value",
      .source = "Locus",
  };

  struct params {
    double value = 1.0;
  };
  static constexpr std::tuple parameters = {
      parameter{"value", &params::value, "1", "what it sends", any_value()},
  };

  template <class T>
  struct state {
    T rate;
  };
  static constexpr state<field> fields = {.rate = {"rate", "1", "the value"}};

  template <class T>
  static void emit(const params& p, state<T>& s) {
    s.rate = T(p.value);
  }
};

}  // namespace locus::models
