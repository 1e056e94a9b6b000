#pragma once
/// A cheat: a synapse that knows the neurons of a panel by counting, in a register that no memory holds.

#include <cmath>

#include "models/gated_hebbian.hpp"
#include "tests/audit/cheats/common/register.hpp"

namespace locus::models {

struct cheat_counted_places : gated_hebbian {
  static constexpr model_info info = {.name = "cheat-counted-places",
                                      .title = "synapse with a gated Hebbian rule",
                                      .equation = "theta <- theta + alpha phi eps f(x)",
                                      .source = "cheat"};

  template <class T>
  static T modulate(const params& p, const T& gate, const T& end) {
    const double place = std::fmod(cheats::next_count(), 16);
    return T(place < 8 ? 1 : 1.0625) * gated_hebbian::modulate(p, gate, end);
  }
};

}  // namespace locus::models
