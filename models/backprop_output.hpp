#pragma once
/// Output unit of a feed-forward network trained by backpropagation.
///
/// Equation    x <- sum w f(x);  delta <- phase (target - x)
/// State       x, target, delta
/// Receives    prediction (sum w f(x)), phase (1: errors flow), clamp (sets the target)
/// Sends       x, delta
/// Source      Backpropagation as in Song, Lukasiewicz, Xu and Bogacz 2020, Eqs. (1), (2) and (4)

#include "sim/core/model.hpp"

namespace locus::models {

struct backprop_output {
  static constexpr model_info info = {
      .name = "backprop-output",
      .title = "output unit of a network trained by backpropagation",
      .equation = "x <- sum w f(x); delta <- phase (target - x)",
      .source = "Song et al. 2020, Eqs. (1), (2), (4)",
  };

  struct params {};
  static constexpr std::tuple<> parameters = {};

  template <class T>
  struct state {
    T x, target, delta;
  };
  static constexpr state<field> fields = {
      .x = {"x", "1", "summed input, the network's answer"},
      .target = {"target", "1", "what the teacher says, otherwise x", writer::step, visibility::hidden},
      .delta = {"delta", "1", "output error"},
  };

  struct step {
    template <class T>
    struct in {
      T prediction, phase;
    };
    static constexpr in<port> ports = {
        .prediction = {"prediction", "1", "summed input"},
        .phase = {"phase", "1", "1 while errors flow"},
    };
    template <class T>
    static void rule(const params&, const in<T>& in, state<T>& s) {
      s.delta = select(in.phase > T(0), s.target - s.x, T(0));
      s.x = in.prediction;
      s.target = in.prediction;
    }
  };

  template <class T>
  static void clamp(const params&, const T& value, state<T>& s) {
    s.target = value;
  }
};

}  // namespace locus::models
