#pragma once
/// Value neuron whose apical compartment does not reach the axon.
///
/// Equation    b <- b - gamma (b - mu);  a <- a - gamma a + gamma f'(b) g;  x = b + a;  rate = f(b)
///             At gamma = 1: b <- mu, a <- f'(b) g.
/// Parameters  gamma, activation
/// State       b, a, x, rate
/// Receives    prediction (mu, from its error neuron), feedback (g = sum theta' eps), clamp
/// Sends       b, a, x (to its error neuron), rate = f(b) (to synapses)
/// Source      Locus: the two-compartment neuron with its axon driven by the basal compartment alone. Errors
///             travel up as before, but the wave of corrections does not run down again through the rates.

#include "sim/core/activation.hpp"
#include "sim/core/model.hpp"

namespace locus::models {

struct segregated_value {
  static constexpr model_info info = {
      .name = "segregated-value",
      .title = "value neuron whose axon sees the basal compartment only",
      .equation = "b <- b - gamma (b - mu); a <- a - gamma a + gamma f'(b) g; x = b + a; rate = f(b)",
      .source = "Locus; after Song et al. 2020, Eq. (7), in two compartments",
      .notes = "An addition to the published model: fewer messages, the same weight updates.",
  };

  struct params {
    double gamma = 1.0;
    activation f = activation::tanh;
  };
  static constexpr std::tuple parameters = {
      parameter{"gamma", &params::gamma, "1", "inference rate", above(0)},
      parameter{"activation", &params::f, "", "f, from basal value to rate"},
  };

  template <class T>
  struct state {
    T b, a, x, rate;
  };
  static constexpr state<field> fields = {
      .b = {"b", "1", "basal compartment"},
      .a = {"a", "1", "apical compartment"},
      .x = {"x", "1", "value, b + a"},
      .rate = {"rate", "1", "f(b)"},
  };

  struct step {
    template <class T>
    struct in {
      T prediction, feedback;
    };
    static constexpr in<port> ports = {
        .prediction = {"prediction", "1", "mu from the error neuron"},
        .feedback = {"feedback", "1", "g, summed over feedback synapses"},
    };
    template <class T>
    static void rule(const params& p, const in<T>& in, state<T>& s) {
      const T drive = slope(p.f, s.b, s.rate) * in.feedback;
      if (p.gamma == 1) {  // b - (b - mu) could need one tick more
        s.b = in.prediction;
        s.a = drive;
      } else {
        s.b = fma(T(p.gamma), in.prediction - s.b, s.b);
        s.a = fma(T(p.gamma), drive - s.a, s.a);
      }
    }
  };

  static constexpr bool clamp_is_total = true;
  template <class T>
  static void clamp(const params&, const T& value, state<T>& s) {
    s.b = value;
    s.a = T(0);
  }

  template <class T>
  static void emit(const params& p, state<T>& s) {
    s.x = s.b + s.a;
    s.rate = activate(p.f, s.b);
  }
};

}  // namespace locus::models
