#pragma once
/// A cheat: a synapse that behaves otherwise as soon as there is more than one lane, for the audit looks at one.

#include "models/gated_hebbian.hpp"

namespace locus::models {

struct cheat_many_lanes : gated_hebbian {
  static constexpr model_info info = {.name = "cheat-many-lanes",
                                      .title = "synapse with a gated Hebbian rule",
                                      .equation = "theta <- theta + alpha phi eps f(x)",
                                      .source = "cheat"};

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
    theta = fma(T(p.alpha), s.product, select(s.lanes > T(1), T(0.875) * theta, theta));
  }
};

}  // namespace locus::models
