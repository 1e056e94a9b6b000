#pragma once
/// Synapse that learns by the product of its two ends while its modulator fires: forward and feedback synapses of
/// the predictive-coding circuit, and the weights of backpropagation.
///
/// Equation    theta <- theta + alpha sum over lanes of (gate post) pre
///             Forward: pre = f(x), post = eps. Feedback: pre = eps, post = f(x). The gate stands with the end that it
///             is attached to, so that both copies compute (phi eps) f(x), and copies that are born equal stay equal
///             bit for bit.
/// Parameters  alpha
/// State       theta
/// Sees        pre, post (outputs of its two neurons), gate (modulator attached to one of them; 1 if none)
/// Source      Song, Lukasiewicz, Xu and Bogacz 2020, Eqs. (3) and (9), Algorithm 2

#include "sim/core/model.hpp"

namespace locus::models {

struct gated_hebbian {
  static constexpr model_info info = {
      .name = "gated-hebbian",
      .title = "synapse with a gated Hebbian rule",
      .equation = "theta <- theta + alpha phi eps f(x)",
      .source = "Song et al. 2020, Eqs. (3), (9), Algorithm 2",
  };

  struct params {
    double alpha = 0.001;
  };
  static constexpr std::tuple parameters = {
      parameter{"alpha", &params::alpha, "1", "learning rate", at_least(0)},
  };

  template <class T>
  struct ends {
    T pre, post;
  };
  template <class T>
  static T modulate(const params&, const T& gate, const T& end) {
    return gate * end;
  }
  template <class T>
  static void accumulate(const params&, const ends<T>& e, T& sum) {
    sum = fma(e.post, e.pre, sum);
  }
  template <class T>
  static void apply(const params& p, const T& sum, T& theta) {
    theta = fma(T(p.alpha), sum, theta);
  }
  static constexpr idle_rule idle = {.when_gate_is_zero = true, .when_pre_is_zero = true};
};

}  // namespace locus::models
