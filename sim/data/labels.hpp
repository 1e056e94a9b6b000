#pragma once
/// The classes of samples.

#include <cstdint>
#include <vector>

#include "sim/data/data_set.hpp"

namespace locus {

/// The class of each sample, if all targets are one-hot: a single 1 among numbers that are all 0, or all -1, of which
/// its place is the class. Of one column: class 1 for 1, class 0 for 0 (or -1). Otherwise nothing.
[[nodiscard]] std::vector<std::int32_t> labels_of(const samples& s);

}  // namespace locus
