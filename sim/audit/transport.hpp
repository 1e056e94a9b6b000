#pragma once
/// Weight transport: does a feedback path use the weights of the forward path, and were the two born equal?

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/audit/script.hpp"
#include "sim/circuit/circuit.hpp"

namespace locus {

/// Two projections whose weights are (transposed) the same numbers.
struct weight_pair {
  std::size_t forward = 0;
  std::size_t feedback = 0;
  bool shared = false;           ///< one weight, used twice
  std::optional<tick_t> parted;  ///< first tick after which they differ
  std::size_t connection = 0;    ///< where, of the feedback
};

struct transport_result {
  std::vector<weight_pair> pairs;
  tick_t ticks = 0;  ///< watched
};

/// Looks at the numbers: pairs of opposite projections whose initial weights are each other's transposed.
[[nodiscard]] transport_result find_transport(const circuit& c, const script& world);

}  // namespace locus
