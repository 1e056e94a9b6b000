#pragma once
/// Unit of a feed-forward network trained by backpropagation: input and hidden layers.
///
/// Equation    x <- sum w f(x);  delta <- phase f'(x) sum w delta
/// Parameters  activation
/// State       x, rate, delta
/// Receives    prediction (sum w f(x)), feedback (sum w delta), phase (1: errors flow), clamp
/// Sends       rate = f(x), delta
/// Source      Backpropagation as in Song, Lukasiewicz, Xu and Bogacz 2020, Eqs. (1) and (4)

#include "sim/core/activation.hpp"
#include "sim/core/model.hpp"

namespace locus::models {

struct backprop_hidden {
  static constexpr model_info info = {
      .name = "backprop-hidden",
      .title = "unit of a network trained by backpropagation (input, hidden)",
      .equation = "x <- sum w f(x); delta <- phase f'(x) sum w delta; rate = f(x)",
      .source = "Song et al. 2020, Eqs. (1), (4)",
  };

  struct params {
    activation f = activation::tanh;
  };
  static constexpr std::tuple parameters = {
      parameter{"activation", &params::f, "", "f, from value to rate"},
  };

  template <class T>
  struct state {
    T x, rate, delta;
  };
  static constexpr state<field> fields = {
      .x = {"x", "1", "summed input"},
      .rate = {"rate", "1", "f(x)"},
      .delta = {"delta", "1", "backpropagated error"},
  };

  struct step {
    template <class T>
    struct in {
      T prediction, feedback, phase;
    };
    static constexpr in<port> ports = {
        .prediction = {"prediction", "1", "summed input"},
        .feedback = {"feedback", "1", "sum of w delta from the layer above"},
        .phase = {"phase", "1", "1 while errors flow"},
    };
    template <class T>
    static void rule(const params& p, const in<T>& in, state<T>& s) {
      s.delta = select(in.phase > T(0), slope(p.f, s.x, s.rate) * in.feedback, T(0));
      s.x = in.prediction;
    }
  };

  static constexpr bool clamp_is_total = true;
  template <class T>
  static void clamp(const params&, const T& value, state<T>& s) {
    s.x = value;
    s.delta = T(0);
  }

  template <class T>
  static void emit(const params& p, state<T>& s) {
    s.rate = activate(p.f, s.x);
  }
};

}  // namespace locus::models
