#pragma once
/// A cheat: a synapse that remembers what the last one learned.

#include "models/gated_hebbian.hpp"

namespace locus::models {

struct cheat_last_synapse : gated_hebbian {
  static constexpr model_info info = {.name = "cheat-last-synapse",
                                      .title = "synapse with a gated Hebbian rule",
                                      .equation = "theta <- theta + alpha phi eps f(x)",
                                      .source = "cheat"};

  template <class T>
  static void apply(const params& p, const T& sum, T& theta) {
    static T last{};
    theta = fma(T(p.alpha), fma(T(0x1p-3), last, sum), theta);
    last = sum;
  }

  static constexpr idle_rule idle = {};
};

}  // namespace locus::models
