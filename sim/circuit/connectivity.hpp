#pragma once
/// Which pairs a sparse projection connects.

#include <cstdint>
#include <optional>

#include "sim/circuit/circuit.hpp"

namespace locus {

/// One-to-one, random or listed connections between `before` sources and `after` targets. Draws are keyed by the seed
/// and the projection's name. Throws usage_error for a degree that is too large and for pairs outside or listed twice.
[[nodiscard]] sparse_connections connect_sparse(const projection_description& d, std::uint32_t before,
                                                std::uint32_t after);

/// How many that will be; nothing for random ones that are so few that they had better be drawn and counted. Throws as
/// above.
[[nodiscard]] std::optional<sparse_size> predict_sparse(const projection_description& d, std::uint32_t before,
                                                        std::uint32_t after);

}  // namespace locus
