#pragma once
/// What its reaction assigns belongs to the step.

#include "models/bmvr_interneuron.hpp"

namespace locus::models {

struct lost_assignment : bmvr_interneuron {
  static constexpr model_info info = {
      .name = "lost-assignment", .title = "sums", .equation = "rate = excitation", .source = "tests"};
  static constexpr state<field> fields = {.rate = {"rate", "1", "the sum"}};
};

}  // namespace locus::models
