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

std::span<const std::uint32_t> batch_order::batch(std::uint64_t n) {
  const std::uint64_t batches = samples_ / lanes_;
  const auto epoch = static_cast<std::uint32_t>(n / batches);
  if (order_.empty() || epoch != epoch_) order_ = presentation_order(samples_, shuffle_seed_, epoch);
  epoch_ = epoch;
  return std::span(order_).subspan(n % batches * lanes_, lanes_);
}

}  // namespace locus
