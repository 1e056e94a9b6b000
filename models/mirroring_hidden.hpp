#pragma once
/// Hidden unit of a network trained by backpropagation whose axon can be handed over to a noise neuron, so that the
/// feedback synapses onto it can copy the forward synapses from it (weight mirror).
///
/// Equation    x <- sum w rate;  delta <- phase f'(x) sum B delta;  drive <- noise
///             rate = f(x), or drive while it mirrors;  sent <- rate of the tick before
/// Parameters  activation
/// State       x, rate, delta, drive, mirroring, sent, mirrored
/// Receives    prediction (sum w f(x)), feedback (sum B delta), phase (1: errors flow), mirror (1: mirror), noise (in
///             the ticks in which mirror is 1)
/// Sends       x, rate, delta, sent (what the layer above answers to in this tick), mirrored (1: that was noise)
/// Source      Akrout, Wilson, Humphreys, Lillicrap and Tweed 2019, mirror mode: B <- lambda B + eta x y^T with x the
///             noise and y the layer above's answer, so that <x y^T> = sigma^2 W^T. Reading taken: y is the summed
///             input of the layer above (before its f), for which this is exact; the answer takes one tick, hence
///             `sent`; all layers may mirror at once, since what a unit sums and what it sends are apart meanwhile.

#include "sim/core/activation.hpp"
#include "sim/core/model.hpp"

namespace locus::models {

struct mirroring_hidden {
  static constexpr model_info info = {
      .name = "mirroring-hidden",
      .title = "hidden unit that can send noise for its feedback synapses to learn from",
      .equation =
          "x <- sum w rate; delta <- phase f'(x) sum B delta; rate = f(x), or noise while it mirrors; "
          "sent <- rate of the tick before",
      .source = "Akrout et al. 2019, weight mirror",
  };

  struct params {
    activation f = activation::tanh;
  };
  static constexpr std::tuple parameters = {
      parameter{"activation", &params::f, "", "f, from value to rate"},
  };

  template <class T>
  struct state {
    T x, rate, delta, drive, mirroring, sent, mirrored;
  };
  static constexpr state<field> fields = {
      .x = {"x", "1", "summed input"},
      .rate = {"rate", "1", "f(x), or the noise"},
      .delta = {"delta", "1", "error that came over the feedback synapses"},
      .drive = {"drive", "1", "what its noise neuron sent", writer::step, visibility::hidden},
      .mirroring = {"mirroring", "1", "1 while the axon sends noise", writer::step, visibility::hidden},
      .sent = {"sent", "1", "rate of the tick before"},
      .mirrored = {"mirrored", "1", "1 if that was noise"},
  };

  struct step {
    template <class T>
    struct in {
      T prediction, feedback, phase, mirror, noise;
    };
    static constexpr in<port> ports = {
        .prediction = {"prediction", "1", "summed input"},
        .feedback = {"feedback", "1", "sum of B delta from the layer above"},
        .phase = {"phase", "1", "1 while errors flow"},
        .mirror = {"mirror", "1", "1 while it is to mirror"},
        .noise = {"noise", "1", "from its noise neuron"},
    };
    template <class T>
    static void rule(const params& p, const in<T>& in, state<T>& s) {
      s.sent = s.rate;
      s.mirrored = s.mirroring;
      s.delta = select(in.phase > T(0), slope(p.f, s.x, activate(p.f, s.x)) * in.feedback, T(0));
      s.x = in.prediction;
      s.drive = in.noise;
      s.mirroring = select(in.mirror > T(0), T(1), T(0));
    }
  };

  template <class T>
  static void emit(const params& p, state<T>& s) {
    s.rate = select(s.mirroring > T(0), s.drive, activate(p.f, s.x));
  }
};

}  // namespace locus::models
