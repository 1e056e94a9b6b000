#pragma once
/// Time. A tick is one inference step; intervals of ticks are half-open, [first, last).

#include <cstdint>
#include <limits>

namespace locus {

using tick_t = std::int64_t;

/// The ticks, or other things counted from 0, of [first, last).
struct window {
  std::int64_t first = 0;
  std::int64_t last = 0;
  friend bool operator==(const window&, const window&) = default;
};

/// Before all ticks.
inline constexpr tick_t never = std::numeric_limits<tick_t>::min();

}  // namespace locus
