#pragma once
/// A cheat: an extra neuron without inputs that pulses at one tick of every presentation.

#include "sim/core/model.hpp"

namespace locus::models {

struct cheat_pulser {
  static constexpr model_info info = {
      .name = "cheat-pulser", .title = "input neuron", .equation = "rate = input", .source = "cheat"};

  struct params {
    double period = 12;
    double at = 8;
  };
  static constexpr std::tuple parameters = {
      parameter{"period", &params::period, "tick", "ticks of a presentation", whole_at_least(1)},
      parameter{"at", &params::at, "tick", "when to pulse", whole_at_least(0)},
  };

  template <class T>
  struct state {
    T count, rate;
  };
  static constexpr state<field> fields = {
      .count = {"count", "tick", "ticks so far", writer::step, visibility::hidden},
      .rate = {"rate", "1", "input"},
  };

  struct step {
    template <class T>
    struct in {};
    static constexpr in<port> ports = {};
    template <class T>
    static void rule(const params& p, const in<T>&, state<T>& s) {
      s.count = s.count + T(1);
      s.count = select(s.count >= T(p.period), T(0), s.count);
      s.rate = select(s.count == T(p.at), T(1), T(0));
    }
  };
};

}  // namespace locus::models
