#pragma once
/// Which neurons each synapse of a projection joins.

#include <cstdint>
#include <vector>

#include "sim/circuit/circuit.hpp"

namespace locus {

/// In the order in which weights are read: by (target, source).
struct synapse_ends {
  std::vector<std::uint32_t> source;
  std::vector<std::uint32_t> target;
};

[[nodiscard]] synapse_ends ends_of(const circuit& c, const projection& p);

}  // namespace locus
