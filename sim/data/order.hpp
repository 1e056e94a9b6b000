#pragma once
/// The order in which an epoch presents its samples.

#include <cstdint>
#include <optional>
#include <vector>

namespace locus {

/// 0..samples-1 in file order without a seed; otherwise a permutation that depends on seed, samples and epoch alone.
[[nodiscard]] std::vector<std::uint32_t> presentation_order(std::uint32_t samples,
                                                            std::optional<std::uint64_t> shuffle_seed,
                                                            std::uint32_t epoch);

}  // namespace locus
