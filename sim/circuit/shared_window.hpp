#pragma once
/// One kernel for all places of a window: a convolution, or the same connections turned round.

#include <cstdint>
#include <optional>
#include <utility>

#include "sim/circuit/grid.hpp"

namespace locus {

/// What a projection with such connections sees of them. Its weights are a matrix [channel of targets][column], where a
/// column is [channel of sources][place in the window]; if it is turned round, the places run from the last to the
/// first, so that the sources of a target ascend with the columns in both cases.
struct shared_window {
  window_grid grid;     ///< of the kernel's owner
  bool turned = false;  ///< its targets are our sources

  [[nodiscard]] std::uint32_t block() const noexcept { return grid.window[0] * grid.window[1] * grid.window[2]; }
  [[nodiscard]] std::uint32_t rows() const noexcept { return turned ? grid.channels_before : grid.channels_after; }
  [[nodiscard]] std::uint32_t columns() const noexcept {
    return (turned ? grid.channels_after : grid.channels_before) * block();
  }
  /// Of a channel of targets.
  [[nodiscard]] std::uint32_t places() const noexcept {
    const window_grid::sizes& n = turned ? grid.before : grid.after;
    return n[0] * n[1] * n[2];
  }
  [[nodiscard]] std::uint64_t weights() const noexcept { return std::uint64_t{rows()} * columns(); }

  /// The number that our weight has in the owner's kernel, or one of the owner's in ours: each is the other's inverse.
  [[nodiscard]] std::uint64_t in_owner(std::uint64_t weight) const noexcept {
    if (!turned) return weight;
    const std::uint64_t place = weight % block(), pair = weight / block();
    const std::uint64_t row = pair / grid.channels_after, column = pair % grid.channels_after;
    return (column * grid.channels_before + row) * block() + (block() - 1 - place);
  }
  [[nodiscard]] std::uint64_t of_owner(std::uint64_t weight) const noexcept {
    if (!turned) return weight;
    const std::uint64_t place = weight % block(), pair = weight / block();
    const std::uint64_t column = pair / grid.channels_before, row = pair % grid.channels_before;
    return (row * grid.channels_after + column) * block() + (block() - 1 - place);
  }

  /// Calls f(source, weight) for each source that a target hears, sources ascending.
  template <class F>
  void each_source(std::uint32_t target, F&& f) const {
    if (!turned) return grid.each_source(target, f);
    grid.each_target(target, [&](std::uint32_t source, std::uint64_t weight) { f(source, of_owner(weight)); });
  }

  /// Calls f(source, target) for each place at which a weight serves, targets ascending. Stops where f returns false.
  template <class F>
  void each_use(std::uint64_t weight, F&& f) const {
    const std::uint64_t owned = in_owner(weight);
    const auto number = [](std::uint64_t n) { return static_cast<std::uint32_t>(n); };
    const std::uint32_t place = number(owned % block()), pair = number(owned / block());
    const std::uint32_t above = pair / grid.channels_before, below = pair % grid.channels_before;
    const window_grid::sizes in = {place / grid.window[2] / grid.window[1], place / grid.window[2] % grid.window[1],
                                   place % grid.window[2]};
    const auto lies = [&](std::size_t a, std::uint32_t at) {
      return at * grid.stride[a] + in[a] * grid.dilation[a] - grid.padding[a];
    };
    for (std::uint32_t x = 0; x < grid.after[0]; ++x) {
      if (lies(0, x) >= grid.before[0]) continue;
      for (std::uint32_t y = 0; y < grid.after[1]; ++y) {
        if (lies(1, y) >= grid.before[1]) continue;
        for (std::uint32_t z = 0; z < grid.after[2]; ++z) {
          if (lies(2, z) >= grid.before[2]) continue;
          const std::uint32_t upper = ((above * grid.after[0] + x) * grid.after[1] + y) * grid.after[2] + z;
          const std::uint32_t lower =
              ((below * grid.before[0] + lies(0, x)) * grid.before[1] + lies(1, y)) * grid.before[2] + lies(2, z);
          if (turned ? !f(upper, lower) : !f(lower, upper)) return;
        }
      }
    }
  }

  /// (source, target) of the first place at which a weight serves. Every weight must serve somewhere.
  [[nodiscard]] std::pair<std::uint32_t, std::uint32_t> first_use(std::uint64_t weight) const {
    std::pair<std::uint32_t, std::uint32_t> found;
    each_use(weight, [&](std::uint32_t source, std::uint32_t target) {
      found = {source, target};
      return false;
    });
    return found;
  }

  /// At how many places a weight serves.
  [[nodiscard]] std::uint64_t uses(std::uint64_t weight) const {
    std::uint64_t n = 0;
    each_use(weight, [&](std::uint32_t, std::uint32_t) { return ++n, true; });
    return n;
  }

  /// The weight of a connection, if there is one.
  [[nodiscard]] std::optional<std::uint64_t> find(std::uint32_t source, std::uint32_t target) const {
    std::optional<std::uint64_t> found;
    each_source(target, [&](std::uint32_t each, std::uint64_t weight) {
      if (each == source) found = weight;
    });
    return found;
  }

  friend bool operator==(const shared_window&, const shared_window&) = default;
};

}  // namespace locus
