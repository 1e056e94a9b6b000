#pragma once
/// Change-detector neuron phi: spikes at the onset of an error, and thereby triggers plasticity by itself.
///
/// Equation    spike iff |eps| > tolerance, |eps| <= tolerance in each of the last quiet_ticks ticks, and (with
///             cause_gate) |mu - mu of the tick before| <= tolerance: the error's change came through the value
/// Parameters  quiet_ticks (t_d), tolerance, cause_gate
/// State       quiet (saturating count of quiet ticks), mu_before
/// Receives    error (eps), prediction (mu), both from its error neuron
/// Sends       spike, 0 or 1, immediate
/// Source      Song, Lukasiewicz, Xu and Bogacz 2020, section 3.3 (Fa-Z-IL). The cause gate is an addition of
///             Locus: the paper asks that only feedback makes phi spike and gives no local mechanism.

#include "sim/core/model.hpp"

namespace locus::models {

struct phi {
  static constexpr model_info info = {
      .name = "phi",
      .title = "change-detector neuron",
      .equation =
          "spike = 1 iff |eps| > tol and |eps| <= tol for the last t_d ticks and (cause gate) |mu - mu_before| <= tol",
      .source = "Song et al. 2020, section 3.3; cause gate: Locus",
  };

  struct params {
    double quiet_ticks = 1;
    double tolerance = 0;
    bool cause_gate = true;
  };
  static constexpr std::tuple parameters = {
      // As far as 32-bit numbers count one by one.
      parameter{"quiet_ticks", &params::quiet_ticks, "tick", "t_d, quiet ticks before an onset",
                limits{.low = 0, .high = 0x1p24, .whole = true}},
      parameter{"tolerance", &params::tolerance, "1", "errors up to this count as none", at_least(0)},
      parameter{"cause_gate", &params::cause_gate, "", "spike only if the prediction stayed as it was"},
  };

  template <class T>
  struct state {
    T quiet, mu_before, spike;
  };
  static constexpr state<field> fields = {
      .quiet = {"quiet", "tick", "quiet ticks so far, saturating at quiet_ticks", writer::first_reaction,
                visibility::hidden},
      .mu_before = {"mu_before", "1", "prediction of the tick before", writer::first_reaction, visibility::hidden},
      .spike = {"spike", "1", "onset of an error", writer::first_reaction, visibility::sent, true},
  };

  struct detect {
    template <class T>
    struct in {
      T error, prediction;
    };
    static constexpr in<port> ports = {
        .error = {"error", "1", "eps"},
        .prediction = {"prediction", "1", "mu"},
    };
    template <class T>
    static void rule(const params& p, const in<T>& in, state<T>& s) {
      const T tolerance = T(p.tolerance);
      const T enough = T(p.quiet_ticks);
      const auto on = abs(in.error) > tolerance;
      auto onset = on & (s.quiet >= enough);
      if (p.cause_gate) onset = onset & !(abs(in.prediction - s.mu_before) > tolerance);
      s.spike = select(onset, T(1), T(0));
      s.quiet = select(on, T(0), min(s.quiet + T(1), enough));
      s.mu_before = in.prediction;
    }
  };

  using reactions = std::tuple<detect>;
};

}  // namespace locus::models
