#pragma once
/// A neuron that hears nobody: its rules read no port.

#include "sim/core/model.hpp"

namespace locus::models {

struct oscillator {
  static constexpr model_info info = {
      .name = "oscillator", .title = "oscillator", .equation = "v <- v + k (1 - x); x <- x + k v", .source = "tests"};

  struct params {
    double k = 0.125;
  };
  static constexpr std::tuple parameters = {parameter{"k", &params::k, "1", "stiffness"}};

  template <class T>
  struct state {
    T x, v, square;
  };
  static constexpr state<field> fields = {
      .x = {"x", "1", "place"},
      .v = {"v", "1", "speed", writer::step, visibility::hidden},
      .square = {"square", "1", "x x", writer::first_reaction},
  };

  struct step {
    template <class T>
    struct in {};
    static constexpr in<port> ports = {};
    template <class T>
    static void rule(const params& p, const in<T>&, state<T>& s) {
      s.v = fma(T(p.k), T(1) - s.x, s.v);
      s.x = fma(T(p.k), s.v, s.x);
    }
  };

  struct multiply {
    template <class T>
    struct in {};
    static constexpr in<port> ports = {};
    template <class T>
    static void rule(const params&, const in<T>&, state<T>& s) {
      s.square = s.x * s.x;
    }
  };
  using reactions = std::tuple<multiply>;
};

}  // namespace locus::models
