#pragma once
/// What follows from a rule's text for all numbers, by algebra over finite ones: 0 x = 0, x + 0 = x, 1 x = x.

#include <functional>

#include "sim/rules/text_model.hpp"

namespace locus::rules {

/// Whether a section of the model leaves the fields as they are wherever the leaves that `vanishes` names are 0, as
/// long as sums and products of what it reads do not overflow. 0 x is 0 only for x that are finite then whatever the
/// rule reads: not for quotients, unless the divisor cannot be 0, and not for log, sqrt, exp and pow2.
[[nodiscard]] bool changes_nothing(const rule& s, const text_model& model,
                                   const std::function<bool(const node&)>& vanishes);

/// Whether all sums of a synapse's rule are 0 where the presynaptic outputs are, and the modulator, if it is there.
[[nodiscard]] bool sums_vanish_without_pre(const text_model& model, bool gate_at_pre);

/// Whether a synapse's rule would change theta by the same bits if its two ends were exchanged, and with them the end
/// at which the modulator is: what they bring only meets in sums and products, which have no order. Rules that keep
/// anything but theta are not looked at. Two projections between the same neurons, one the other turned round, then
/// learn the same.
[[nodiscard]] bool same_with_ends_exchanged(const text_model& model);

}  // namespace locus::rules
