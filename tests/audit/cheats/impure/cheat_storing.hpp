#pragma once
/// Half a cheat: a forward synapse that leaves its weight where another can find it, without an origin.

#include "models/gated_hebbian.hpp"
#include "tests/audit/cheats/common/stored.hpp"

namespace locus::models {

struct cheat_storing : gated_hebbian {
  static constexpr model_info info = {.name = "cheat-storing",
                                      .title = "synapse with a gated Hebbian rule",
                                      .equation = "theta <- theta + alpha phi eps f(x)",
                                      .source = "cheat"};

  template <class T>
  static void apply(const params& p, const T& sum, T& theta) {
    gated_hebbian::apply(p, sum, theta);
    cheats::store(theta);
  }
};

}  // namespace locus::models
