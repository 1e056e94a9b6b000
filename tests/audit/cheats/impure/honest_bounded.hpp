#pragma once
/// No cheat: a synapse that keeps its weight within bounds.

#include "models/gated_hebbian.hpp"

namespace locus::models {

struct honest_bounded : gated_hebbian {
  static constexpr model_info info = {.name = "honest-bounded",
                                      .title = "synapse with a gated Hebbian rule",
                                      .equation = "theta <- theta + alpha phi eps f(x)",
                                      .source = "no cheat"};

  template <class T>
  static void apply(const params& p, const T& sum, T& theta) {
    theta = min(T(0.0625), fma(T(p.alpha), sum, theta));
  }

  static constexpr idle_rule idle = {};
};

}  // namespace locus::models
