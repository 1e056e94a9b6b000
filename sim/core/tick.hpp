#pragma once
/// Time. A tick is one inference step; intervals of ticks are half-open, [first, last).

#include <cstdint>
#include <limits>

namespace locus {

using tick_t = std::int64_t;

/// Before all ticks.
inline constexpr tick_t never = std::numeric_limits<tick_t>::min();

}  // namespace locus
