#pragma once
/// Noise neuron: sends a new normal number each tick; with `gated`, only while its gate is on.
///
/// Equation    rate = sigma xi, xi ~ N(0, 1); gated: 0 while gate = 0
/// Parameters  sigma, gated
/// Receives    gate (unused unless gated), xi (its own noise)
/// Sends       rate, immediate: it sends in the very ticks in which its gate is on
/// Source      Akrout, Wilson, Humphreys, Lillicrap and Tweed 2019: noise that drives a layer in mirror mode. Their
///             program draws from a uniform distribution; the theory asks for zero mean and one variance only.

#include "sim/core/model.hpp"

namespace locus::models {

struct noise {
  static constexpr model_info info = {
      .name = "noise",
      .title = "neuron that sends noise",
      .equation = "rate = sigma xi, xi ~ N(0, 1); gated: 0 while gate = 0",
      .source = "Akrout et al. 2019",
  };

  struct params {
    double sigma = 1.0;
    bool gated = false;
  };
  static constexpr std::tuple parameters = {
      parameter{"sigma", &params::sigma, "1", "standard deviation", at_least(0)},
      parameter{"gated", &params::gated, "", "silent while the gate is 0"},
  };

  template <class T>
  struct state {
    T rate;
  };
  static constexpr state<field> fields = {.rate = {"rate", "1", "the draw", writer::first_reaction}};

  struct draw {
    template <class T>
    struct in {
      T gate, xi;
    };
    static constexpr in<port> ports = {
        .gate = {"gate", "1", "1 while it is to send"},
        .xi = {"xi", "1", "standard normal draw", port_source::normal},
    };
    template <class T>
    static void rule(const params& p, const in<T>& in, state<T>& s) {
      s.rate = T(p.sigma) * in.xi;
      if (p.gated) s.rate = select(in.gate > T(0), s.rate, T(0));
    }
  };

  using reactions = std::tuple<draw>;
};

}  // namespace locus::models
