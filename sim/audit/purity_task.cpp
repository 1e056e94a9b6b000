#include "sim/audit/purity_task.hpp"

#include <utility>

namespace locus::purity {

double drawn_input(const random_stream& draws, std::size_t slot, std::size_t row, bool usual) {
  const std::uint64_t kind = draws.below(usual ? 12 : 16, row, 3 * slot);
  const double u = draws.uniform(row, 3 * slot + 1);
  const double sign = draws.uniform(row, 3 * slot + 2) < 0.5 ? -1 : 1;
  switch (kind) {
    case 0:
    case 1: return 0;
    case 2: return 1;
    case 3: return std::floor(9 * u);
    case 4:
    case 5:
    case 6:
    case 7: return sign * u;
    case 8:
    case 9: return sign * 4 * u;
    case 10: return sign * std::pow(10, 16 * u - 8);
    case 11: return sign;
    case 12: return sign * std::pow(10, 60 * u - 30);
    case 13: return sign * u * 1e-40;  // subnormal in f32
    default: return sign * 100 * u;
  }
}

[[gnu::noinline]] void call_below(std::size_t depth, unsigned char paint, void (*f)(const void*),
                                  const void* argument) {
  void* const room = __builtin_alloca(depth + 16);
  std::memset(room, paint, depth + 16);
  __asm__ volatile("" : : "r"(room) : "memory");  // it could be read
  f(argument);
}

void shuffle(std::uint32_t* order, std::size_t n, std::uint64_t key) {
  for (std::size_t i = 0; i < n; ++i) order[i] = static_cast<std::uint32_t>(i);
  for (std::size_t i = n; i > 1; --i) std::swap(order[i - 1], order[mix_bits(key ^ i) % i]);
}

}  // namespace locus::purity
