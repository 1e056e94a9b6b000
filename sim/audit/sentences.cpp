#include "sim/audit/sentences.hpp"

#include <fmt/format.h>

#include <cmath>

namespace locus {

std::string counted(std::uint64_t n, std::string_view one, std::string_view many) {
  if (n == 1) return fmt::format("1 {}", one);
  return many.empty() ? fmt::format("{} {}s", n, one) : fmt::format("{} {}", n, many);
}

std::string percent(double share) { return std::isnan(share) ? "-" : fmt::format("{:.3g}%", 100 * share); }

}  // namespace locus
