#pragma once
/// Numbers of things in sentences.

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace locus {

/// "1 tick", "2 ticks"; for nouns whose plural has an s.
[[nodiscard]] inline std::string counted(std::uint64_t n, std::string_view noun) {
  return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s");
}

}  // namespace locus
