#pragma once
/// No cheat: a synapse that learns from the mean of its lanes, not from their sum.

#include "models/gated_hebbian.hpp"

namespace locus::models {

struct honest_mean : gated_hebbian {
  static constexpr model_info info = {.name = "honest-mean",
                                      .title = "synapse with a gated Hebbian rule",
                                      .equation = "theta <- theta + alpha phi eps f(x)",
                                      .source = "no cheat"};

  template <class T>
  struct sums {
    T product, lanes;
  };
  template <class T>
  static void accumulate(const params&, const ends<T>& e, sums<T>& s) {
    s.product = fma(e.post, e.pre, s.product);
    s.lanes = s.lanes + T(1);
  }
  template <class T>
  static void apply(const params& p, const sums<T>& s, T& theta) {
    theta = fma(T(p.alpha), s.product / s.lanes, theta);
  }
};

}  // namespace locus::models
