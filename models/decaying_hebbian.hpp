#pragma once
/// Synapse that learns by the product of its two ends and forgets a little at each update: forward and feedback
/// synapses that grow alike from different births.
///
/// Equation    theta <- lambda theta + alpha sum over lanes of (gate post) pre, at an update: gate not 0 in some lane
///             Forward: pre = f(x), post = delta. Feedback: pre = delta, post = f(x). gate is 0 or 1, so both ends
///             compute the same product, and the difference of a pair shrinks by lambda at each update, whatever the
///             data.
/// Parameters  alpha, lambda
/// State       theta
/// Sees        pre, post (outputs of its two neurons), gate (modulator; 1 if none)
/// Source      Kolen and Pollack 1994; Akrout, Wilson, Humphreys, Lillicrap and Tweed 2019 (Kolen-Pollack, weight
///             mirror). Reading taken: lambda acts with each update and not between updates. The authors' program has
///             lambda = 1.

#include "sim/core/model.hpp"

namespace locus::models {

struct decaying_hebbian {
  static constexpr model_info info = {
      .name = "decaying-hebbian",
      .title = "synapse with a gated Hebbian rule that forgets at each update",
      .equation = "theta <- lambda theta + alpha gate post pre, while gate is not 0",
      .source = "Kolen and Pollack 1994; Akrout et al. 2019",
  };

  struct params {
    double alpha = 0.001;
    double lambda = 1.0;
  };
  static constexpr std::tuple parameters = {
      parameter{"alpha", &params::alpha, "1", "learning rate", at_least(0)},
      parameter{"lambda", &params::lambda, "1", "what is left of the weight at an update", limits{.low = 0, .high = 1}},
  };

  template <class T>
  struct ends {
    T pre, post, gate;
  };
  template <class T>
  struct sums {
    T product, gates;
  };
  template <class T>
  static T modulate(const params&, const T& gate, const T& end) {
    return gate * end;
  }
  template <class T>
  static void accumulate(const params&, const ends<T>& e, sums<T>& s) {
    s.product = fma(e.post, e.pre, s.product);
    s.gates = s.gates + abs(e.gate);
  }
  template <class T>
  static void apply(const params& p, const sums<T>& s, T& theta) {
    const T kept = select(s.gates > T(0), T(p.lambda) * theta, theta);
    theta = fma(T(p.alpha), s.product, kept);
  }
  static constexpr idle_rule idle = {.when_gate_is_zero = true};
};

}  // namespace locus::models
