#pragma once
/// Value neuron that first takes its prediction and then, while a signal says so, relaxes; a compartment holds the
/// prediction meanwhile. With `fixed_prediction` axon and slope hang on that compartment, so that no prediction in the
/// circuit moves during the relaxation.
///
/// Equation    relax = 0: x <- mu, held <- mu
///             relax = 1: x <- x + gamma (-eps + f'(u) g), held stays; u = held with fixed_prediction, else x
///             rate = f(u)
/// Parameters  gamma, activation, fixed_prediction
/// State       x, held, rate
/// Receives    prediction (mu) and error (eps = x - mu), both from its error neuron, feedback (g = sum theta' eps),
///             relax (1: relax), clamp
/// Sends       x (to its error neuron), held, rate (to synapses)
/// Source      Rosenbaum 2022 (PLoS ONE 17: e0266102; signs as in arXiv 2106.13082v6): strict predictive coding
///             (fixed_prediction off) and Millidge, Tschantz and Buckley's fixed-prediction assumption (on). Readings
///             taken: layers are f_l(v) = theta f(v), so that gamma = 1 in the strict form is Song et al. 2020, Eq.
///             (7); eps here is value minus prediction, as in Song et al. (Rosenbaum's program has the opposite sign);
///             and synapses read values and errors of the same tick, where that program reads errors one iteration
///             older than the values.

#include "sim/core/activation.hpp"
#include "sim/core/model.hpp"

namespace locus::models {

struct relaxing_value {
  static constexpr model_info info = {
      .name = "relaxing-value",
      .title = "value neuron that takes its prediction, holds it, and relaxes on a signal",
      .equation =
          "relax = 0: x <- mu, held <- mu; relax = 1: x <- x + gamma (-eps + f'(u) g); rate = f(u); "
          "u = held if the prediction is fixed, else x",
      .source = "Rosenbaum 2022, strict and fixed-prediction predictive coding",
      .notes =
          "With the prediction fixed, d layers below the output and after n ticks of relaxation, "
          "eps = P[Binomial(n - 1, gamma) >= d] times backpropagation's delta, in exact arithmetic. In single "
          "precision x = mu + eps stagnates when gamma times the change is below half an ulp of x.",
  };

  struct params {
    double gamma = 0.1;
    activation f = activation::tanh;
    bool fixed_prediction = true;
  };
  static constexpr std::tuple parameters = {
      parameter{"gamma", &params::gamma, "1", "inference rate (eta in the paper)", above(0)},
      parameter{"activation", &params::f, "", "f, from value to rate"},
      parameter{"fixed_prediction", &params::fixed_prediction, "", "axon and slope hang on the held prediction"},
  };

  template <class T>
  struct state {
    T x, held, rate;
  };
  static constexpr state<field> fields = {
      .x = {"x", "1", "value"},
      .held = {"held", "1", "the prediction as it was before the relaxation"},
      .rate = {"rate", "1", "f(held) or f(x)"},
  };

  struct step {
    template <class T>
    struct in {
      T prediction, error, feedback, relax;
    };
    static constexpr in<port> ports = {
        .prediction = {"prediction", "1", "mu of its error neuron"},
        .error = {"error", "1", "eps of its error neuron"},
        .feedback = {"feedback", "1", "g, summed over feedback synapses"},
        .relax = {"relax", "1", "1 while it is to relax"},
    };
    template <class T>
    static void rule(const params& p, const in<T>& in, state<T>& s) {
      const auto relaxing = in.relax > T(0);
      const T drive = fma(slope(p.f, p.fixed_prediction ? s.held : s.x, s.rate), in.feedback, -in.error);
      s.x = select(relaxing, fma(T(p.gamma), drive, s.x), in.prediction);
      s.held = select(relaxing, s.held, in.prediction);
    }
  };

  static constexpr bool clamp_is_total = true;
  template <class T>
  static void clamp(const params&, const T& value, state<T>& s) {
    s.x = value;
    s.held = value;
  }

  template <class T>
  static void emit(const params& p, state<T>& s) {
    s.rate = activate(p.f, p.fixed_prediction ? s.held : s.x);
  }
};

}  // namespace locus::models
