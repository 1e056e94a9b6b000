#pragma once
/// A synapse that learns in every tick: it has no modulator.

#include "sim/core/model.hpp"

namespace locus::models {

struct ungated_hebbian {
  static constexpr model_info info = {.name = "ungated-hebbian",
                                      .title = "synapse without a modulator",
                                      .equation = "theta <- theta + post pre",
                                      .source = "tests"};
  struct params {};
  static constexpr std::tuple<> parameters = {};

  template <class T>
  struct ends {
    T pre, post;
  };
  template <class T>
  static void accumulate(const params&, const ends<T>& e, T& sum) {
    sum = fma(e.post, e.pre, sum);
  }
  template <class T>
  static void apply(const params&, const T& sum, T& theta) {
    theta = theta + sum;
  }
  static constexpr idle_rule idle = {.when_pre_is_zero = true};
};

}  // namespace locus::models
