#pragma once
/// A model's rules over traced numbers, for one entity at a time. Made from the very declarations of models/.

#include <array>
#include <cstddef>

#include "sim/audit/traced.hpp"
#include "sim/core/catalogue.hpp"
#include "sim/engine/kernels.hpp"

namespace locus {
namespace detail {

// Slots of a neuron's evaluation: its fields, then the ports of the phase, then what is imposed.
inline constexpr unsigned first_port_slot = 12;
inline constexpr unsigned clamp_slot = 24;

/// Slots of a synapse's evaluation: theta and the other fields of its state, outputs of its ends, its modulator.
inline constexpr unsigned theta_slot = 0, pre_slot = 12, post_slot = 18, gate_slot = 24;

}  // namespace detail

/// Fields, ports and ends are arrays in the order of their declarations; all are updated in place.
template <class P>
struct traced_rules {
  /// Step (if asked for), clamp (if not null) and emit; ports are those of the step.
  void (*advance)(const void* params, bool with_step, const traced<P>* ports, const traced<P>* clamp,
                  traced<P>* fields) = nullptr;
  std::array<void (*)(const void* params, const traced<P>* ports, traced<P>* fields), max_reactions> react{};
  /// One lane: sums start from +0, and run over the places at which the synapse serves: one, unless its weight is of a
  /// shared window. pre, post: [place][output that it sees]; gate: [place], null if there is none.
  void (*learn)(const void* params, std::size_t places, const traced<P>* pre, const traced<P>* post,
                const traced<P>* gate, bool gate_at_pre, traced<P>* state) = nullptr;
};

struct traced_model {
  traced_rules<float> f32;
  traced_rules<double> f64;

  template <class P>
  [[nodiscard]] const traced_rules<P>& rules() const noexcept {
    if constexpr (sizeof(P) == sizeof(float)) return f32;
    else return f64;
  }
};

/// The traced rules of all text models.
[[nodiscard]] const traced_model& traced_text_rules();

/// The traced rules of a model, for a text model from its text, else what model_declaration::traced points to. Throws
/// internal_error for one that is only described.
[[nodiscard]] const traced_model& traced_rules_of(const model_declaration& model);

}  // namespace locus
