#pragma once
/// Error neuron: compares its value neuron with the prediction, and relays the error while its modulator fires.
///
/// Equation    mu = sum theta f(x);  eps = (b - mu) + a;  burst = phi eps
///             With a point value neuron, x arrives at the port `value` and nothing at `apical`: eps = x - mu.
/// State       none: both outputs are immediate
/// Receives    prediction (mu, summed over forward synapses), value, apical, gate (phi)
/// Sends       mu and eps (to its value neuron and to phi), eps or burst (to feedback synapses)
/// Source      Song, Lukasiewicz, Xu and Bogacz 2020, Eq. (5); the burst is an addition of Locus: feedback goes up
///             once an onset of error instead of continuously

#include "sim/core/model.hpp"

namespace locus::models {

struct error {
  static constexpr model_info info = {
      .name = "error",
      .title = "error neuron",
      .equation = "mu = sum theta f(x); eps = (b - mu) + a; burst = phi eps",
      .source = "Song et al. 2020, Eq. (5); burst: Locus",
  };

  struct params {};
  static constexpr std::tuple<> parameters = {};

  template <class T>
  struct state {
    T mu, eps, burst;
  };
  static constexpr state<field> fields = {
      .mu = {"mu", "1", "prediction", writer::first_reaction},
      .eps = {"eps", "1", "prediction error", writer::first_reaction},
      .burst = {"burst", "1", "prediction error while the modulator fires", writer::second_reaction},
  };

  struct compare {
    template <class T>
    struct in {
      T prediction, value, apical;
    };
    static constexpr in<port> ports = {
        .prediction = {"prediction", "1", "mu, summed over forward synapses"},
        .value = {"value", "1", "basal compartment, or value of a point neuron"},
        .apical = {"apical", "1", "apical compartment"},
    };
    template <class T>
    static void rule(const params&, const in<T>& in, state<T>& s) {
      s.mu = in.prediction;
      s.eps = (in.value - in.prediction) + in.apical;
    }
  };

  struct relay {
    template <class T>
    struct in {
      T gate;
    };
    static constexpr in<port> ports = {.gate = {"gate", "1", "phi, 0 or 1"}};
    template <class T>
    static void rule(const params&, const in<T>& in, state<T>& s) {
      s.burst = in.gate * s.eps;
    }
  };

  using reactions = std::tuple<compare, relay>;
};

}  // namespace locus::models
