#pragma once
/// Populations whose neurons lie on a grid: what they are called, and which of them a window or a distance joins.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/netlist/description.hpp"

namespace locus {

/// Sizes along each axis, the last the fastest: [rows, columns] or [channels, rows, columns].
using grid_shape = std::vector<std::uint32_t>;

/// "28 x 28"
[[nodiscard]] std::string text_of(const grid_shape& shape);

/// Where a neuron lies: a number for each axis. Requires: `neuron` is less than the product of the shape.
[[nodiscard]] grid_shape place_of(const grid_shape& shape, std::uint64_t neuron);

/// What the name of a neuron ends with: "[3,4]" on a grid, "[12]" in a row.
[[nodiscard]] std::string index_text(const grid_shape& shape, std::uint64_t neuron);

/// What files for others' programs call an axis of a grid, from the last to the first: x, y, z, channel.
[[nodiscard]] std::string_view axis_name(const grid_shape& shape, std::size_t axis);

/// Windows that slide over a grid of sources, one for each place of a grid of targets: up to three axes, and channels
/// before them. A shorter grid has axes of length 1 in front.
struct window_grid {
  static constexpr std::size_t axes = 3;
  using sizes = std::array<std::uint32_t, axes>;

  std::uint32_t channels_before = 1, channels_after = 1;
  sizes before, after, window, stride, dilation;
  sizes padding;  ///< empty places before the first source, modulo 2^32: where windows begin later, a negative number
  bool each_channel = false;  ///< target channel k hears source channel k alone

  /// Channels that a target hears.
  [[nodiscard]] std::uint32_t heard() const noexcept { return each_channel ? 1 : channels_before; }

  /// Numbers of a kernel that all places share, [target channel][source channel][place in the window].
  [[nodiscard]] std::uint64_t kernel_size() const noexcept {
    return std::uint64_t{channels_after} * heard() * window[0] * window[1] * window[2];
  }

  /// Calls f(source, number in the kernel) for each source that a target hears, ascending in both.
  template <class F>
  void each_source(std::uint32_t target, F&& f) const {
    const std::uint32_t places = after[0] * after[1] * after[2];
    const std::uint32_t channel = target / places;
    sizes at{};
    for (std::size_t a = axes, rest = target % places; a-- > 0; rest /= after[a])
      at[a] = static_cast<std::uint32_t>(rest % after[a]);
    std::uint32_t first = 0, last = window[2];  // those of a row of the window that are not outside
    while (first < last && place(2, at[2], first) >= before[2]) ++first;
    while (first < last && place(2, at[2], last - 1) >= before[2]) --last;
    std::uint64_t kernel = std::uint64_t{channel} * heard() * window[0] * window[1] * window[2];
    for (std::uint32_t c = 0; c < heard(); ++c) {
      const std::uint32_t plane = each_channel ? channel : c;
      for (std::uint32_t i = 0; i < window[0]; ++i) {
        const std::uint32_t x = place(0, at[0], i);
        for (std::uint32_t j = 0; j < window[1]; ++j, kernel += window[2]) {
          const std::uint32_t y = place(1, at[1], j);
          if (x >= before[0] || y >= before[1]) continue;
          const std::uint32_t row = ((plane * before[0] + x) * before[1] + y) * before[2] + place(2, at[2], 0);
          for (std::uint32_t k = first; k < last; ++k) f(row + k * dilation[2], kernel + k);
        }
      }
    }
  }

  /// Calls f(target, number in the kernel) for each target that hears a source, ascending in the targets.
  template <class F>
  void each_target(std::uint32_t source, F&& f) const {
    const std::uint32_t plane = before[0] * before[1] * before[2];
    const std::uint32_t channel = source / plane;
    sizes at{};
    for (std::size_t a = axes, rest = source % plane; a-- > 0; rest /= before[a])
      at[a] = static_cast<std::uint32_t>(rest % before[a]);
    const std::uint64_t block = std::uint64_t{window[0]} * window[1] * window[2];
    for (std::uint32_t c = each_channel ? channel : 0; c < (each_channel ? channel + 1 : channels_after); ++c) {
      for (std::uint32_t x = 0; x < after[0]; ++x) {
        const std::uint32_t i = place_in_window(0, x, at[0]);
        if (i >= window[0]) continue;
        for (std::uint32_t y = 0; y < after[1]; ++y) {
          const std::uint32_t j = place_in_window(1, y, at[1]);
          if (j >= window[1]) continue;
          for (std::uint32_t z = 0; z < after[2]; ++z) {
            const std::uint32_t k = place_in_window(2, z, at[2]);
            if (k >= window[2]) continue;
            const std::uint64_t heard_channel = each_channel ? 0 : channel;
            f(((c * after[0] + x) * after[1] + y) * after[2] + z,
              (std::uint64_t{c} * heard() + heard_channel) * block + std::uint64_t{i * window[1] + j} * window[2] + k);
          }
        }
      }
    }
  }

  /// Sources that a target hears.
  [[nodiscard]] std::uint32_t degree(std::uint32_t target) const noexcept;

  /// All pairs of a target and a source that it hears.
  [[nodiscard]] std::uint64_t connections() const noexcept;

  friend bool operator==(const window_grid&, const window_grid&) = default;

 private:
  /// At which place of target place `at` a source at `x` lies along an axis; none: a number that is too large.
  [[nodiscard]] std::uint32_t place_in_window(std::size_t axis, std::uint32_t at, std::uint32_t x) const noexcept {
    const std::uint32_t apart = x + padding[axis] - at * stride[axis];
    return apart % dilation[axis] == 0 ? apart / dilation[axis] : window[axis];
  }

  /// Where place `k` of the window onto target place `at` lies along an axis; outside, a number that is too large.
  [[nodiscard]] std::uint32_t place(std::size_t axis, std::uint32_t at, std::uint32_t k) const noexcept {
    return at * stride[axis] + k * dilation[axis] - padding[axis];
  }
};

/// The windows between two grids. Throws usage_error if the grids do not fit the window, with what would.
[[nodiscard]] window_grid windows_between(const projection_description& d, const grid_shape& before,
                                          const grid_shape& after);

/// The squared distance between a source and a target, in steps of the source's grid. The grids lie on each other: if
/// one has fewer neurons along an axis, they are as much further apart. `wrap`: the grid's ends are joined.
class grid_distance {
 public:
  /// Throws usage_error unless both grids have as many axes.
  grid_distance(const projection_description& d, const grid_shape& before, const grid_shape& after, bool wrap);
  [[nodiscard]] double squared(std::uint32_t source, std::uint32_t target) const noexcept;

 private:
  grid_shape before_, after_;
  bool wrap_;
};

}  // namespace locus
