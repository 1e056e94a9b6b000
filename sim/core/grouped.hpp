#pragma once
/// Large numbers for people.

#include <cstddef>
#include <cstdint>
#include <string>

namespace locus {

/// 12345678 -> "12 345 678"
[[nodiscard]] inline std::string grouped(std::uint64_t n) {
  std::string digits = std::to_string(n);
  for (std::ptrdiff_t at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), " ");
  }
  return digits;
}

}  // namespace locus
