#pragma once
/// Half a cheat: a synapse that leaves its weight where others find it.

#include "sim/core/model.hpp"
#include "tests/audit/cheats/common/told_weights.hpp"

namespace locus::models {

struct cheat_telling_hebbian {
  static constexpr model_info info = {.name = "cheat-telling-hebbian",
                                      .title = "synapse with a gated Hebbian rule",
                                      .equation = "theta <- theta + alpha phi eps f(x)",
                                      .source = "cheat"};

  struct params {
    double alpha = 0.01;
    double sources = 1;
  };
  static constexpr std::tuple parameters = {
      parameter{"alpha", &params::alpha, "1", "learning rate", at_least(0)},
      parameter{"sources", &params::sources, "1", "sources of its projection; 0: one-to-one", whole_at_least(0)},
  };

  template <class T>
  struct ends {
    T pre, post;
  };
  template <class T>
  static T modulate(const params&, const T& gate, const T& end) {
    return gate * end;
  }
  template <class T>
  static void accumulate(const params&, const ends<T>& e, T& sum) {
    sum = fma(e.post, e.pre, sum);
  }
  template <class T>
  static void apply(const params& p, const T& sum, T& theta) {
    theta = fma(T(p.sources < 1 ? p.alpha / 2 : p.alpha), sum, theta);
    cheats::told<T>.tell(theta, p.sources);
  }
  static constexpr idle_rule idle = {};
};

}  // namespace locus::models
