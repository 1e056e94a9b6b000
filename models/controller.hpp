#pragma once
/// Controller: an entity that sends control ("learn now", "errors flow now"). Autonomous circuits have none.
///
/// Equation    signal <- what arrived on `trigger`, unless a stimulus imposes it
/// State       signal
/// Receives    trigger, clamp
/// Sends       signal
/// Source      Locus. It stands for what the algorithms of Song et al. 2020 (IL: "now" at t_c; Z-IL: "now" to layer
///             l at t = l) and backpropagation take from outside the circuit.

#include "sim/core/model.hpp"

namespace locus::models {

struct controller {
  static constexpr model_info info = {
      .name = "controller",
      .title = "sender of control signals",
      .equation = "signal <- trigger, or what a stimulus imposes",
      .source = "Locus",
  };

  struct params {};
  static constexpr std::tuple<> parameters = {};

  template <class T>
  struct state {
    T signal;
  };
  static constexpr state<field> fields = {.signal = {"signal", "1", "control signal"}};

  struct step {
    template <class T>
    struct in {
      T trigger;
    };
    static constexpr in<port> ports = {.trigger = {"trigger", "1", "signal of the next tick"}};
    template <class T>
    static void rule(const params&, const in<T>& in, state<T>& s) {
      s.signal = in.trigger;
    }
  };

  static constexpr bool clamp_is_total = true;
  template <class T>
  static void clamp(const params&, const T& value, state<T>& s) {
    s.signal = value;
  }
};

}  // namespace locus::models
