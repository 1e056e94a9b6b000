#pragma once
/// Pieces of the audit's sentences.

#include <cstdint>
#include <string>
#include <string_view>

namespace locus {

/// "1 weight", "2 weights"; `many` where an s is not enough.
[[nodiscard]] std::string counted(std::uint64_t n, std::string_view one, std::string_view many = {});

/// "100%", "53.1%"; "-" for what is no number.
[[nodiscard]] std::string percent(double share);

}  // namespace locus
