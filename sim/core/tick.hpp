#pragma once
/// Time. A tick is one inference step; intervals of ticks are half-open, [first, last).

#include <cstdint>

namespace locus {

using tick_t = std::int64_t;

}  // namespace locus
