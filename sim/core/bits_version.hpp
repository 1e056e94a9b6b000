#pragma once

#include <cstdint>

namespace locus {

/// Moves whenever the same netlist may give other bits than before: another rule, another order of a sum, another draw,
/// another default. A checkpoint can be resumed by programs of the same number alone, whatever their version.
/// tests/fingerprints.json states the number that its hashes belong to.
inline constexpr std::int64_t bits_version = 2;

}  // namespace locus
