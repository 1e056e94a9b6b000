#pragma once
/// Synapse whose weight never changes.
///
/// Equation    theta constant
/// State       theta
/// Source      textbook; as feedback with random weights: Lillicrap, Cownden, Tweed and Akerman 2016

#include "sim/core/model.hpp"

namespace locus::models {

struct fixed {
  static constexpr model_info info = {
      .name = "fixed",
      .title = "synapse whose weight never changes",
      .equation = "theta constant",
      .source = "textbook; random fixed feedback: Lillicrap et al. 2016",
  };

  struct params {};
  static constexpr std::tuple<> parameters = {};
};

}  // namespace locus::models
