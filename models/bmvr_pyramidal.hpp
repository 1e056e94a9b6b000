#pragma once
/// Pyramidal neuron of two compartments: the proximal one makes its output, the apical tuft weighs what the label tells
/// it against what interneurons take away, and while the label is there, a plateau of that height spreads to the
/// proximal synapses (calcium).
///
/// Equation    u = prediction, rate = f(u) - mean;  with mean_inside: u = prediction - mean, rate = f(u)
///             calcium = plateau f'(u) (apical - inhibition), plateau = 1 while taught, else 0; all immediate
/// Parameters  activation, mean_inside
/// State       u, rate, averaged (what a synapse that estimates the mean is to average), calcium, plateau
/// Receives    prediction (W x, proximal), mean (its running mean; silent without such a synapse), apical (V^T y),
///             inhibition (P n), teaching (above 0: taught)
/// Sends       rate (z in the paper), averaged, calcium, plateau
/// Source      Golkar, Lipshutz, Bahroun, Sengupta and Chklovskii 2020, Eqs. (5), (8), (9), (24): Delta W = eta f'(Wx)
///             (V^T y - P n) x^T. Readings taken: Eq. (24) is not legible in the texts that we have; rate = f(u) -
///             mean, the running mean of f(u), is the reading that its prose suggests, and mean_inside, the running
///             mean of the summed input, the other. The paper has labels at all times; here a presentation begins
///             without, so that the answer can be read, and the tuft makes no plateau then.

#include "sim/core/activation.hpp"
#include "sim/core/model.hpp"

namespace locus::models {

struct bmvr_pyramidal {
  static constexpr model_info info = {
      .name = "bmvr-pyramidal",
      .title = "pyramidal neuron: proximal output, apical tuft with inhibition, calcium plateau",
      .equation =
          "u = prediction, rate = f(u) - mean (mean_inside: u = prediction - mean, rate = f(u)); "
          "calcium = plateau f'(u) (apical - inhibition)",
      .source = "Golkar et al. 2020, Eqs. (5), (8), (9), (24)",
  };

  struct params {
    activation f = activation::identity;
    bool mean_inside = false;
  };
  static constexpr std::tuple parameters = {
      parameter{"activation", &params::f, "", "f, from summed input to rate"},
      parameter{"mean_inside", &params::mean_inside, "", "the mean is taken off before f, not after it"},
  };

  template <class T>
  struct state {
    T u, rate, averaged, calcium, plateau;
  };
  static constexpr state<field> fields = {
      .u = {"u", "1", "what f is applied to", writer::first_reaction, visibility::hidden},
      .rate = {"rate", "1", "output, z in the paper", writer::first_reaction},
      .averaged = {"averaged", "1", "what the mean is taken of: f(u), or proximal", writer::first_reaction},
      .calcium = {"calcium", "1", "signal to the proximal synapses", writer::second_reaction},
      .plateau = {"plateau", "1", "1 while the tuft is taught", writer::second_reaction},
  };

  struct respond {
    template <class T>
    struct in {
      T prediction, mean;
    };
    static constexpr in<port> ports = {
        .prediction = {"prediction", "1", "proximal compartment: W x"},
        .mean = {"mean", "1", "running mean, from a synapse that estimates it"},
    };
    template <class T>
    static void rule(const params& p, const in<T>& in, state<T>& s) {
      s.u = p.mean_inside ? in.prediction - in.mean : in.prediction;
      const T active = activate(p.f, s.u);
      s.rate = p.mean_inside ? active : active - in.mean;
      s.averaged = p.mean_inside ? in.prediction : active;
    }
  };

  struct compare {
    template <class T>
    struct in {
      T apical, inhibition, teaching;
    };
    static constexpr in<port> ports = {
        .apical = {"apical", "1", "apical tuft, excitation: V^T y"},
        .inhibition = {"inhibition", "1", "apical tuft, inhibition: P n"},
        .teaching = {"teaching", "1", "above 0 while labels are there"},
    };
    template <class T>
    static void rule(const params& p, const in<T>& in, state<T>& s) {
      s.plateau = select(in.teaching > T(0), T(1), T(0));
      s.calcium = s.plateau * slope(p.f, s.u, activate(p.f, s.u)) * (in.apical - in.inhibition);
    }
  };

  using reactions = std::tuple<respond, compare>;
};

}  // namespace locus::models
