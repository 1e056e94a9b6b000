#pragma once
/// A cheat: a synapse that also learns from the lane before, another brain.

#include "models/gated_hebbian.hpp"

namespace locus::models {

struct cheat_next_lane : gated_hebbian {
  static constexpr model_info info = {.name = "cheat-next-lane",
                                      .title = "synapse with a gated Hebbian rule",
                                      .equation = "theta <- theta + alpha phi eps f(x)",
                                      .source = "cheat"};

  template <class T>
  struct sums {
    T product, last;
  };
  template <class T>
  static void accumulate(const params&, const ends<T>& e, sums<T>& s) {
    s.product = fma(fma(T(0x1p-3), s.last, e.post), e.pre, s.product);
    s.last = e.post;
  }
  template <class T>
  static void apply(const params& p, const sums<T>& s, T& theta) {
    theta = fma(T(p.alpha), s.product, theta);
  }
};

}  // namespace locus::models
