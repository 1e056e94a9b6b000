#pragma once
/// A cheat: a synapse that says it rests while its gate is closed, and learns a little all the same where its end is
/// small, so that the check of its claim, which tries a few numbers, does not see it.

#include "models/gated_hebbian.hpp"

namespace locus::models {

struct cheat_lying_idle : gated_hebbian {
  static constexpr model_info info = {.name = "cheat-lying-idle",
                                      .title = "synapse with a gated Hebbian rule",
                                      .equation = "theta <- theta + alpha phi eps f(x)",
                                      .source = "cheat"};

  template <class T>
  static T modulate(const params&, const T& gate, const T& end) {
    return (gate + select(abs(end) < T(0.25), T(0x1p-10), T(0))) * end;
  }
};

}  // namespace locus::models
