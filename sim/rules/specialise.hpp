#pragma once
/// A rule with the values of its parameters put in.

#include <vector>

#include "sim/rules/text_model.hpp"

namespace locus::rules {

/// The section for these parameter values in precision P: parameters are constants, flags have chosen their branches,
/// activations are ours by number (operation::activate, index = activation) or their own text in place. What does not
/// depend on ports, fields and ends is computed here, with the operations that a run would use: no bit changes.
template <class P>
[[nodiscard]] rule specialised(const rule& s, const text_model& model, const std::vector<parameter_value>& values);

/// Sections one after the other as one: each reads what those before it assigned.
[[nodiscard]] rule joined(const std::vector<const rule*>& all);

/// What happens to a neuron at the beginning of a tick: its step, what a stimulus imposes, and emit.
[[nodiscard]] rule advance_of(const text_model& model, bool with_step, bool with_clamp);

/// What a node of a synapse's rule differs with; 0: with nothing.
inline constexpr unsigned of_pre = 1, of_post = 2, of_synapse = 4;

/// [node]: which of these, for a modulator at the presynaptic end or elsewhere.
[[nodiscard]] std::vector<unsigned> ends_of(const rule& learn, bool gate_at_pre);

/// Sums of products as all readers compute them: the factors of each end multiplied from left to right, the modulator's
/// and the parameters' with the postsynaptic end's (the modulator's with the presynaptic end's if it is there), and one
/// fused multiply-add of the two for each lane. (A product of more than 64 factors stays as it is written.)
[[nodiscard]] rule with_products_by_end(const rule& learn, bool gate_at_pre);

}  // namespace locus::rules
