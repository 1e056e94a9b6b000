#pragma once
/// Value neuron with one compartment, as published.
///
/// Equation    x <- x + gamma (-eps + f'(x) g)
/// Parameters  gamma, activation
/// State       x, rate
/// Receives    error (eps, from its error neuron), feedback (g = sum theta' eps), clamp
/// Sends       x (to its error neuron), rate = f(x) (to synapses)
/// Source      Song, Lukasiewicz, Xu and Bogacz 2020, Eq. (7)

#include "sim/core/activation.hpp"
#include "sim/core/model.hpp"

namespace locus::models {

struct point_value {
  static constexpr model_info info = {
      .name = "point-value",
      .title = "value neuron with one compartment",
      .equation = "x <- x + gamma (-eps + f'(x) g); rate = f(x)",
      .source = "Song et al. 2020, Eq. (7)",
      .notes =
          "Equal to the two-compartment neuron in exact arithmetic; eps = x - mu loses the low bits of the "
          "feedback, so its weights follow backpropagation's to rounding only.",
  };

  struct params {
    double gamma = 1.0;
    activation f = activation::tanh;
  };
  static constexpr std::tuple parameters = {
      parameter{"gamma", &params::gamma, "1", "inference rate", above(0)},
      parameter{"activation", &params::f, "", "f, from value to rate"},
  };

  template <class T>
  struct state {
    T x, rate;
  };
  static constexpr state<field> fields = {
      .x = {"x", "1", "value"},
      .rate = {"rate", "1", "f(x)"},
  };

  struct step {
    template <class T>
    struct in {
      T error, feedback;
    };
    static constexpr in<port> ports = {
        .error = {"error", "1", "eps of its error neuron"},
        .feedback = {"feedback", "1", "g, summed over feedback synapses"},
    };
    template <class T>
    static void rule(const params& p, const in<T>& in, state<T>& s) {
      s.x = fma(T(p.gamma), fma(slope(p.f, s.x, s.rate), in.feedback, -in.error), s.x);
    }
  };

  static constexpr bool clamp_is_total = true;
  template <class T>
  static void clamp(const params&, const T& value, state<T>& s) {
    s.x = value;
  }

  template <class T>
  static void emit(const params& p, state<T>& s) {
    s.rate = activate(p.f, s.x);
  }
};

}  // namespace locus::models
