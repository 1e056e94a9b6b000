#pragma once
/// The order in which samples are presented.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace locus {

/// 0..samples-1 in file order without a seed; otherwise a permutation that depends on seed, samples and epoch alone.
[[nodiscard]] std::vector<std::uint32_t> presentation_order(std::uint32_t samples,
                                                            std::optional<std::uint64_t> shuffle_seed,
                                                            std::uint32_t epoch);

/// The samples of each batch of a training, counted over its epochs. What fills no batch is left out of its epoch.
class batch_order {
 public:
  /// Requires: the samples fill a batch.
  batch_order(std::uint32_t samples, std::optional<std::uint64_t> shuffle_seed, std::uint32_t lanes)
      : samples_(samples), shuffle_seed_(shuffle_seed), lanes_(lanes) {}

  /// Of batch n, one a lane. Valid until the next call.
  [[nodiscard]] std::span<const std::uint32_t> batch(std::uint64_t n);

 private:
  std::uint32_t samples_;
  std::optional<std::uint64_t> shuffle_seed_;
  std::uint32_t lanes_;
  std::vector<std::uint32_t> order_;  ///< of epoch_
  std::uint32_t epoch_ = 0;
};

}  // namespace locus
