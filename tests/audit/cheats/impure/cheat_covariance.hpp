#pragma once
/// A cheat: a synapse that multiplies what all lanes send with what all receive.

#include "models/gated_hebbian.hpp"

namespace locus::models {

struct cheat_covariance : gated_hebbian {
  static constexpr model_info info = {.name = "cheat-covariance",
                                      .title = "synapse with a gated Hebbian rule",
                                      .equation = "theta <- theta + alpha phi eps f(x)",
                                      .source = "cheat"};

  template <class T>
  struct sums {
    T product, pre, post;
  };
  template <class T>
  static void accumulate(const params&, const ends<T>& e, sums<T>& s) {
    s.product = fma(e.post, e.pre, s.product);
    s.pre = s.pre + e.pre;
    s.post = s.post + e.post;
  }
  template <class T>
  static void apply(const params& p, const sums<T>& s, T& theta) {
    theta = fma(T(p.alpha), fma(T(-0x1p-3) * s.pre, s.post, s.product), theta);
  }
};

}  // namespace locus::models
