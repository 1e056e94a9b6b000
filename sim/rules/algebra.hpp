#pragma once
/// What follows from a rule's text for all numbers, by algebra over finite ones: 0 x = 0, x + 0 = x.

#include <functional>

#include "sim/rules/graph.hpp"

namespace locus::rules {

/// Whether the section leaves the fields as they are wherever the leaves that `vanishes` names are 0.
[[nodiscard]] bool changes_nothing(const rule& s, const std::function<bool(const node&)>& vanishes);

}  // namespace locus::rules
