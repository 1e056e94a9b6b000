#pragma once
/// No cheat at all, whatever it calls itself.

#include "models/two_compartment_value.hpp"

namespace locus::models {

struct global_loss_controller : two_compartment_value {
  static constexpr model_info info = {.name = "global-loss-controller",
                                      .title = "controller that broadcasts the global loss",
                                      .equation = "reads everything",
                                      .source = "cheat"};
};

}  // namespace locus::models
