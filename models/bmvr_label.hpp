#pragma once
/// Label neuron: sends its label, says once when the teacher comes, and sums what the hidden neurons say of the label,
/// the circuit's answer.
///
/// Equation    label <- clamp, or drive without one;  onset = 1 in the first tick of a clamp, else 0
///             x = prediction, immediate
/// State       label, held, before, onset, x
/// Receives    prediction (V z), drive (a label that comes over synapses; none in the shipped circuits), clamp
/// Sends       label (y in the paper), onset, x
/// Source      Golkar, Lipshutz, Bahroun, Sengupta and Chklovskii 2020, Eqs. (1), (6). The paper's circuit never
///             computes its prediction V z; here it is read outside of the learning loop: nothing that learns sees x.
///             Reading taken: one update a sample, at the onset of its label, however long the label stays.

#include "sim/core/model.hpp"

namespace locus::models {

struct bmvr_label {
  static constexpr model_info info = {
      .name = "bmvr-label",
      .title = "label neuron that says when it is taught, with the answer beside",
      .equation =
          "label <- clamp, or drive without one; onset = 1 in the first tick of a clamp, else 0; x = prediction",
      .source = "Golkar et al. 2020, Eqs. (1), (6)",
  };

  struct params {};
  static constexpr std::tuple<> parameters = {};

  template <class T>
  struct state {
    T label, held, before, onset, x;
  };
  static constexpr state<field> fields = {
      .label = {"label", "1", "what the teacher says, otherwise what arrives on `drive`"},
      .held = {"held", "1", "1 while the teacher is there", writer::step, visibility::hidden},
      .before = {"before", "1", "held, a tick ago", writer::step, visibility::hidden},
      .onset = {"onset", "1", "1 when the teacher has just come"},
      .x = {"x", "1", "the circuit's answer", writer::first_reaction},
  };

  struct step {
    template <class T>
    struct in {
      T drive;
    };
    static constexpr in<port> ports = {.drive = {"drive", "1", "label without a teacher"}};
    template <class T>
    static void rule(const params&, const in<T>& in, state<T>& s) {
      s.label = in.drive;
      s.before = s.held;
      s.held = T(0);
    }
  };

  struct answer {
    template <class T>
    struct in {
      T prediction;
    };
    static constexpr in<port> ports = {.prediction = {"prediction", "1", "summed over synapses from the layer below"}};
    template <class T>
    static void rule(const params&, const in<T>& in, state<T>& s) {
      s.x = in.prediction;
    }
  };
  using reactions = std::tuple<answer>;

  template <class T>
  static void clamp(const params&, const T& value, state<T>& s) {
    s.label = value;
    s.held = T(1);
  }

  template <class T>
  static void emit(const params&, state<T>& s) {
    s.onset = select(s.before > T(0), T(0), s.held);
  }
};

}  // namespace locus::models
