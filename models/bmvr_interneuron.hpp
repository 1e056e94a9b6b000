#pragma once
/// Interneuron: sums what pyramidal neurons send, and inhibits their tufts.
///
/// Equation    rate = excitation, immediate
/// State       rate
/// Receives    excitation (n = P^T z, or R z with synapses of their own)
/// Sends       rate (n in the paper)
/// Source      Golkar, Lipshutz, Bahroun, Sengupta and Chklovskii 2020, Eqs. (5), (7), (21)

#include "sim/core/model.hpp"

namespace locus::models {

struct bmvr_interneuron {
  static constexpr model_info info = {
      .name = "bmvr-interneuron",
      .title = "interneuron that sums",
      .equation = "rate = excitation",
      .source = "Golkar et al. 2020, Eqs. (5), (7), (21)",
  };

  struct params {};
  static constexpr std::tuple<> parameters = {};

  template <class T>
  struct state {
    T rate;
  };
  static constexpr state<field> fields = {
      .rate = {"rate", "1", "n in the paper", writer::first_reaction},
  };

  struct respond {
    template <class T>
    struct in {
      T excitation;
    };
    static constexpr in<port> ports = {.excitation = {"excitation", "1", "from pyramidal neurons"}};
    template <class T>
    static void rule(const params&, const in<T>& in, state<T>& s) {
      s.rate = in.excitation;
    }
  };

  using reactions = std::tuple<respond>;
};

}  // namespace locus::models
