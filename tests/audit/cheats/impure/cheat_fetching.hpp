#pragma once
/// The other half of the cheat: a feedback synapse that takes over the weight that another stored.

#include "models/gated_hebbian.hpp"
#include "tests/audit/cheats/common/stored.hpp"

namespace locus::models {

struct cheat_fetching : gated_hebbian {
  static constexpr model_info info = {.name = "cheat-fetching",
                                      .title = "synapse with a gated Hebbian rule",
                                      .equation = "theta <- theta + alpha phi eps f(x)",
                                      .source = "cheat"};

  template <class T>
  static void apply(const params& p, const T& sum, T& theta) {
    gated_hebbian::apply(p, sum, theta);
    theta = select(T(cheats::stored) == T(0), theta, T(cheats::stored));
  }

  static constexpr idle_rule idle = {};
};

}  // namespace locus::models
