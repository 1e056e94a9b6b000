#pragma once
/// Who computes what of a circuit that several processes run together.

#include <cstddef>

#include "sim/core/panels.hpp"

namespace locus {

/// Panels [first, last).
struct panel_range {
  std::size_t first = 0;
  std::size_t last = 0;
  [[nodiscard]] constexpr std::size_t size() const noexcept { return last - first; }
  [[nodiscard]] constexpr bool has(std::size_t panel) const noexcept { return panel >= first && panel < last; }
  /// One of so many shares of nearly equal size.
  [[nodiscard]] constexpr panel_range share(std::size_t n, std::size_t shares) const noexcept {
    return {first + size() * n / shares, first + size() * (n + 1) / shares};
  }
};

/// Each rank owns some panels of every population: the state of these neurons, their ports, the synapses onto them and
/// their learning. Populations of equal size are divided alike, so that a one-to-one link stays within a rank. One rank
/// owns everything.
class partition {
 public:
  constexpr partition() = default;
  /// Requires: rank < ranks.
  constexpr partition(std::size_t rank, std::size_t ranks) noexcept : rank_(rank), ranks_(ranks) {}

  [[nodiscard]] constexpr std::size_t rank() const noexcept { return rank_; }
  [[nodiscard]] constexpr std::size_t ranks() const noexcept { return ranks_; }
  /// Whether this is the only rank.
  [[nodiscard]] constexpr bool alone() const noexcept { return ranks_ == 1; }
  /// Whether what every rank knows is counted here.
  [[nodiscard]] constexpr bool counts() const noexcept { return rank_ == 0; }

  /// What this rank owns of so many panels; what another one owns.
  [[nodiscard]] constexpr panel_range mine(std::size_t panels) const noexcept { return of(rank_, panels); }
  [[nodiscard]] constexpr panel_range of(std::size_t rank, std::size_t panels) const noexcept {
    return panel_range{0, panels}.share(rank, ranks_);
  }

 private:
  std::size_t rank_ = 0;
  std::size_t ranks_ = 1;
};

}  // namespace locus
