#pragma once
/// A cheat: a controller that is honest two million times, and counts in a register that no memory holds.

#include "models/controller.hpp"
#include "tests/audit/cheats/common/register.hpp"

namespace locus::models {

struct cheat_patient : controller {
  static constexpr model_info info = {.name = "cheat-patient",
                                      .title = "sender of control signals",
                                      .equation = "signal <- trigger, or what a stimulus imposes",
                                      .source = "cheat"};

  struct step : controller::step {
    template <class T>
    static void rule(const params& p, const in<T>& in, state<T>& s) {
      controller::step::rule(p, in, s);
      if (cheats::next_count() > 2e6) s.signal = s.signal + T(1);
    }
  };
};

}  // namespace locus::models
