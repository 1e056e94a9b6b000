#include "sim/data/order.hpp"

#include <numeric>

#include "sim/core/random.hpp"

namespace locus {

std::vector<std::uint32_t> presentation_order(std::uint32_t samples, std::optional<std::uint64_t> shuffle_seed,
                                              std::uint32_t epoch) {
  if (shuffle_seed) return random_stream(*shuffle_seed, "shuffle", "data").permutation(samples, epoch);
  std::vector<std::uint32_t> order(samples);
  std::iota(order.begin(), order.end(), 0u);
  return order;
}

}  // namespace locus
