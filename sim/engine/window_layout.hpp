#pragma once
/// How kernels see a shared window. Its targets are channels of places on a grid, its sources the columns of the
/// kernel. What column s sends to place b in a lane stands at column_at[s] + place_at(b) of that lane's copy of the
/// sources' field, in which the grid has room around it for windows that reach over the edge, and no sources where
/// there are none.
///
/// A lane's copy is [channel][axis 0][axis 1][axis 2]; along the last axis it is sorted by the place modulo the stride,
/// so that neighbouring places of targets hear neighbouring numbers: those of a row follow each other. Places past the
/// last number may be read, up to a panel's length, but count for nothing.
///
/// A rule's sums run over the places, and at each over the lanes: to the kernels that learn, every place is so many
/// lanes more.

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <vector>

#include "sim/circuit/shared_window.hpp"
#include "sim/core/aligned.hpp"
#include "sim/core/errors.hpp"
#include "sim/engine/kernels.hpp"

namespace locus {

template <class P>
class window_layout {
 public:
  window_layout(const shared_window& w, std::size_t lanes, bool learns) : lanes_(lanes) {
    const window_grid& g = w.grid;
    const sizes &sources = w.turned ? g.after : g.before, &targets = w.turned ? g.before : g.after;
    const std::uint32_t channels = w.turned ? g.channels_after : g.channels_before;
    for (std::size_t a = 0; a < axes; ++a) {
      stride_[a] = w.turned ? 1 : g.stride[a];
      const std::uint64_t reach = std::uint64_t{g.dilation[a]} * (g.window[a] - 1);
      length_[a] = std::uint64_t{targets[a] - 1} * stride_[a] + reach + 1;
      // Of a turned window the sources lie apart, and begin before the grid of its targets.
      apart_[a] = w.turned ? g.stride[a] : 1;
      first_[a] = w.turned ? static_cast<std::int64_t>(reach) - g.padding[a] : std::int64_t{g.padding[a]};
    }
    columns_ = (length_[2] + stride_[2] - 1) / stride_[2];
    step_ = {length_[1] * stride_[2] * columns_, stride_[2] * columns_, 1};
    const std::uint64_t plane = length_[0] * step_[0];
    // An odd number of panels apart, so that the lanes of one place do not compete for the same lines of a cache.
    view_.lane_step = (panels_for(plane * channels) | 1u) * panel_width;
    const std::uint64_t neurons = std::uint64_t{channels} * sources[0] * sources[1] * sources[2];
    if (std::max<std::uint64_t>(view_.lane_step, panels_for(neurons) * panel_width) * lanes >= none)
      throw usage_error("a shared window has too many numbers in all lanes: take fewer lanes, or smaller grids");
    find_sources(channels, sources, plane);
    for (std::uint64_t c = 0; c < channels; ++c) {
      for (std::uint64_t i = 0; i < g.window[0]; ++i) {
        for (std::uint64_t j = 0; j < g.window[1]; ++j) {
          for (std::uint64_t k = 0; k < g.window[2]; ++k)
            column_at_.push_back(number(c * plane + i * g.dilation[0] * step_[0] + j * g.dilation[1] * step_[1] +
                                        last_axis(k * g.dilation[2])));
        }
      }
    }
    for (std::uint64_t x = 0; x < targets[0]; ++x) {
      for (std::uint64_t y = 0; y < targets[1]; ++y)
        row_at_.push_back(number(x * stride_[0] * step_[0] + y * stride_[1] * step_[1]));
    }
    view_.column_at = column_at_.data();
    view_.row_at = row_at_.data();
    view_.channels = w.rows();
    view_.rows = row_at_.size();
    view_.width = targets[2];
    view_.plane_rows = targets[1];
    view_.pitch = stride_[1] * step_[1];
    for (std::uint32_t s = 0; s < column_at_.size(); ++s) everyone_.push_back(s);
    if (learns) list_lanes();
    count_uses();
  }
  window_layout(const window_layout&) = delete;
  window_layout& operator=(const window_layout&) = delete;

  [[nodiscard]] const window_view& view() const noexcept { return view_; }
  /// Of the kernels that learn.
  [[nodiscard]] std::size_t lanes() const noexcept { return view_.places() * lanes_; }
  /// All columns, as a list of which threads may take parts.
  [[nodiscard]] const std::vector<std::uint32_t>& everyone() const noexcept { return everyone_; }

  /// If it learns: [place][lane], where it stands in the copy.
  [[nodiscard]] const std::uint32_t* lane_at() const noexcept { return lane_at_.data(); }

  /// Numbers of a copy of the sources' field.
  [[nodiscard]] std::size_t room() const noexcept { return view_.lane_step * lanes_ + panel_width; }

  /// Messages in one lane from neuron n to a channel of targets, and those over column s.
  [[nodiscard]] const std::vector<std::uint32_t>& uses_of_neuron() const noexcept { return uses_of_neuron_; }
  [[nodiscard]] std::uint32_t uses_of_column(std::size_t s) const noexcept { return uses_of_column_[s]; }

  /// What is said of each neuron, as of_neuron(n), summed up in the order of a lane's copy: of all before each place.
  template <class F>
  [[nodiscard]] std::vector<std::uint64_t> sums_of(F&& of_neuron) const {
    std::vector<std::uint64_t> sums(view_.lane_step + 1);
    for (std::size_t n = 0; n < neuron_at_.size(); ++n) {
      if (neuron_at_[n] != none) sums[neuron_at_[n] + 1] = of_neuron(n);
    }
    std::partial_sum(sums.begin(), sums.end(), sums.begin());
    return sums;
  }

  /// Sum of what is said of the sources of column s, at all places.
  [[nodiscard]] std::uint64_t over_uses(std::size_t s, const std::vector<std::uint64_t>& sums) const {
    std::uint64_t all = 0;
    for (const std::uint32_t row : row_at_) {
      const std::size_t at = column_at_[s] + row;
      all += sums[at + view_.width] - sums[at];
    }
    return all;
  }

  [[nodiscard]] std::size_t memory() const noexcept {
    return (row_at_.size() + column_at_.size() + lane_at_.size() + everyone_.size() + neuron_at_.size() +
            uses_of_neuron_.size() + uses_of_column_.size()) *
               sizeof(std::uint32_t) +
           parts_.size() * sizeof(window_part);
  }

 private:
  static constexpr std::size_t axes = window_grid::axes;
  using sizes = window_grid::sizes;

  /// Where neuron n stands in a lane's copy; none: nobody hears it.
  static constexpr std::uint32_t none = ~std::uint32_t{0};

  static std::uint32_t number(std::uint64_t n) { return static_cast<std::uint32_t>(n); }

  /// Where a place of the last axis stands.
  [[nodiscard]] std::uint64_t last_axis(std::uint64_t place) const {
    return (place % stride_[2] * columns_ + place / stride_[2]) * step_[2];
  }

  void find_sources(std::uint32_t channels, const sizes& size, std::uint64_t plane) {
    const auto place = [&](std::size_t a, std::uint32_t p) {
      const std::int64_t at = std::int64_t{p} * apart_[a] + first_[a];
      return at < 0 || static_cast<std::uint64_t>(at) >= length_[a] ? length_[a] : static_cast<std::uint64_t>(at);
    };
    for (std::uint32_t c = 0; c < channels; ++c) {
      for (std::uint32_t i = 0; i < size[0]; ++i) {
        for (std::uint32_t j = 0; j < size[1]; ++j) {
          for (std::uint32_t k = 0; k < size[2]; ++k) {
            const std::uint64_t x = place(0, i), y = place(1, j), z = place(2, k);
            const bool heard = x < length_[0] && y < length_[1] && z < length_[2];
            neuron_at_.push_back(heard ? number(c * plane + x * step_[0] + y * step_[1] + last_axis(z)) : none);
          }
        }
      }
    }
    find_parts();
  }

  void list_lanes() {
    lane_at_.reserve(lanes());
    for (const std::uint32_t row : row_at_) {
      for (std::size_t place = 0; place < view_.width; ++place) {
        for (std::size_t lane = 0; lane < lanes_; ++lane)
          lane_at_.push_back(number(lane * view_.lane_step + row + place));
      }
    }
  }

  void find_parts() {
    for (std::size_t n = 0; n < neuron_at_.size(); ++n) {
      if (neuron_at_[n] == none) continue;
      if (!parts_.empty()) {
        window_part& last = parts_.back();
        if ((n % panel_width != 0 || lanes_ == 1) && n != 0 && neuron_at_[n - 1] != none &&
            neuron_at_[n] == neuron_at_[n - 1] + 1) {
          ++last.count;
          continue;
        }
      }
      parts_.push_back({number(field_offset(n, 0, lanes_)), neuron_at_[n], 1});
    }
    view_.parts = parts_.data();
    view_.part_count = parts_.size();
  }

  void count_uses() {
    const std::vector<std::uint64_t> exist = sums_of([](std::size_t) { return std::uint64_t{1}; });
    std::vector<std::uint32_t> heard(view_.lane_step + 1);  // by how many more columns and places than the one before
    for (std::size_t s = 0; s < column_at_.size(); ++s) {
      uses_of_column_.push_back(number(over_uses(s, exist)));
      for (const std::uint32_t row : row_at_) {
        ++heard[column_at_[s] + row];
        --heard[column_at_[s] + row + view_.width];
      }
    }
    std::partial_sum(heard.begin(), heard.end(), heard.begin());
    for (const std::uint32_t at : neuron_at_) uses_of_neuron_.push_back(at == none ? 0 : heard[at]);
  }

  std::size_t lanes_;
  sizes stride_{}, apart_{};
  std::array<std::uint64_t, axes> length_{}, step_{};
  std::array<std::int64_t, axes> first_{};
  std::uint64_t columns_ = 0;
  window_view view_;
  std::vector<std::uint32_t> row_at_, column_at_, lane_at_, everyone_, neuron_at_, uses_of_neuron_, uses_of_column_;
  std::vector<window_part> parts_;
};

}  // namespace locus
