#pragma once
/// How the kernels for dense weights work on a shared window. Each place of the targets' grid is to them another lane:
/// lane' = place * lanes + lane, targets are the channels, and sources the columns of the kernel. What column s sends
/// in lane' b stands at source_at[s] + lane_at[b] of a copy of the sources' field, in which the grid has room around it
/// for windows that reach over the edge, and no sources where there are none.
///
/// The copy is [channel][axis 0][axis 1][axis 2][lane]; along the last axis it is sorted by the place modulo the
/// stride, so that neighbouring places of targets hear neighbouring numbers: those of a row follow each other.

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "sim/circuit/shared_window.hpp"
#include "sim/core/bits.hpp"
#include "sim/core/errors.hpp"
#include "sim/engine/kernels.hpp"

namespace locus {

template <class P>
class window_layout {
  template <class T>
  using bits_of = std::conditional_t<sizeof(T) == sizeof(std::uint32_t), std::uint32_t, std::uint64_t>;

 public:
  window_layout(const shared_window& w, std::size_t lanes)
      : lanes_of_field_(lanes), channels_(w.rows()), places_(w.places()), run_(target_sizes(w)[2] * lanes) {
    const window_grid& g = w.grid;
    const sizes &sources = w.turned ? g.after : g.before, &targets = target_sizes(w);
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
    step_ = {length_[1] * stride_[2] * columns_ * lanes, stride_[2] * columns_ * lanes, lanes};
    const std::uint64_t plane = length_[0] * step_[0];
    room_ = plane * channels;
    if (room_ >= none)
      throw usage_error("a shared window has too many numbers in all lanes: take fewer lanes, or smaller grids");
    find_sources(channels, sources, plane);
    for (std::uint64_t c = 0; c < channels; ++c) {
      for (std::uint64_t i = 0; i < g.window[0]; ++i) {
        for (std::uint64_t j = 0; j < g.window[1]; ++j) {
          for (std::uint64_t k = 0; k < g.window[2]; ++k)
            source_at_.push_back(number(c * plane + i * g.dilation[0] * step_[0] + j * g.dilation[1] * step_[1] +
                                        last_axis(k * g.dilation[2])));
        }
      }
    }
    for (std::uint64_t x = 0; x < targets[0]; ++x) {
      for (std::uint64_t y = 0; y < targets[1]; ++y) {
        row_at_.push_back(number(x * stride_[0] * step_[0] + y * stride_[1] * step_[1]));
        for (std::size_t in_row = 0; in_row < run_; ++in_row) lane_at_.push_back(number(row_at_.back() + in_row));
      }
    }
    for (std::uint32_t s = 0; s < source_at_.size(); ++s) everyone_.push_back(s);
    count_uses();
  }

  /// Lanes of the kernels: places times lanes.
  [[nodiscard]] std::size_t lanes() const noexcept { return lane_at_.size(); }
  /// Rows of places, whose numbers follow each other, and lanes' in each.
  [[nodiscard]] std::size_t rows() const noexcept { return row_at_.size(); }
  [[nodiscard]] std::size_t run() const noexcept { return run_; }
  [[nodiscard]] const std::uint32_t* row_at() const noexcept { return row_at_.data(); }
  [[nodiscard]] const std::uint32_t* source_at() const noexcept { return source_at_.data(); }
  [[nodiscard]] const std::uint32_t* lane_at() const noexcept { return lane_at_.data(); }
  /// All columns, as a list of which threads may take parts.
  [[nodiscard]] const std::vector<std::uint32_t>& everyone() const noexcept { return everyone_; }

  /// Numbers of a copy of the sources' field, and of an array [panel of channels][lane'][16].
  [[nodiscard]] std::size_t room() const noexcept { return room_; }
  [[nodiscard]] std::size_t sums() const noexcept { return panels_for(channels_) * lanes() * panel_width; }

  /// Copies a field of the sources. What stands around them must be 0 already, and stays so.
  void spread(const P* field, P* to) const {
    for (std::size_t n = 0; n < neuron_at_.size(); ++n) {
      if (neuron_at_[n] == none) continue;
      const P* const from = field + field_offset(n, 0, lanes_of_field_);
      P* const at = to + neuron_at_[n];
      for (std::size_t lane = 0; lane < lanes_of_field_; ++lane) at[lane] = from[lane * panel_width];
    }
  }

  /// Copies a field or port of the targets to [panel of channels][lane'][16], for the places of some rows. What stands
  /// past the last channel stays.
  void collect(const P* field, P* to, std::size_t first_row, std::size_t last_row) const {
    each_run(first_row, last_row, [&](std::size_t in_field, std::size_t here, std::size_t count, std::size_t step) {
      for (std::size_t i = 0; i < count; ++i) to[here + i * step] = field[in_field + i];
    });
  }

  /// Takes over the sums of a projection for the places of some rows. The port itself ends with + 0.0, and its panels
  /// that change are noted; threads may do so at once for different rows.
  void put(const P* sums, const transfer_call<P>& call, std::size_t first_row, std::size_t last_row) const {
    const P ending = call.last ? P(0) : -P(0);  // x + -0 is x
    each_run(first_row, last_row, [&](std::size_t in_field, std::size_t here, std::size_t count, std::size_t step) {
      bits_of<P> unlike = 0;
      for (std::size_t i = 0; i < count; ++i) {
        const P sum = sums[here + i * step] + ending;
        unlike |= std::bit_cast<bits_of<P>>(sum) ^ std::bit_cast<bits_of<P>>(call.sum[in_field + i]);
        call.sum[in_field + i] = sum;
      }
      if (!call.last || unlike == 0) return;
      std::atomic_ref(call.changed_panels[in_field / panel_width / lanes_of_field_])
          .store(1, std::memory_order_relaxed);
    });
  }

  /// Rows whose sums stay in a near cache while they are computed and taken over.
  [[nodiscard]] std::size_t rows_at_once() const noexcept {
    constexpr std::size_t near = std::size_t{1} << 17u;  // bytes
    return std::max<std::size_t>(1, near / (run_ * panels_for(channels_) * panel_width * sizeof(P)));
  }

  /// Messages in one lane from neuron n to a channel of targets, and those over column s.
  [[nodiscard]] const std::vector<std::uint32_t>& uses_of_neuron() const noexcept { return uses_of_neuron_; }
  [[nodiscard]] std::uint32_t uses_of_column(std::size_t s) const noexcept { return uses_of_column_[s]; }

  /// Sum over the places at which column s serves of what is said of its source there: in [room()].
  [[nodiscard]] std::uint64_t over_uses(std::size_t s, const std::vector<std::uint32_t>& said) const {
    std::uint64_t sum = 0;
    for (const std::uint32_t row : row_at_) {
      for (std::size_t at = 0; at < run_; at += lanes_of_field_) sum += said[source_at_[s] + row + at];
    }
    return sum;
  }

  /// Where neuron n stands in the copy, in lane 0; none: nobody hears it.
  static constexpr std::uint32_t none = ~std::uint32_t{0};
  [[nodiscard]] const std::vector<std::uint32_t>& neuron_at() const noexcept { return neuron_at_; }

  [[nodiscard]] std::size_t memory() const noexcept {
    return (row_at_.size() + source_at_.size() + lane_at_.size() + everyone_.size() + neuron_at_.size() +
            uses_of_neuron_.size() + uses_of_column_.size()) *
           sizeof(std::uint32_t);
  }

 private:
  static constexpr std::size_t axes = window_grid::axes;
  using sizes = window_grid::sizes;

  static const sizes& target_sizes(const shared_window& w) { return w.turned ? w.grid.before : w.grid.after; }
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
  }

  void count_uses() {
    std::vector<std::uint32_t> exists(room_), heard(room_);
    for (const std::uint32_t at : neuron_at_) {
      if (at != none) exists[at] = 1;
    }
    for (std::size_t s = 0; s < source_at_.size(); ++s) {
      uses_of_column_.push_back(number(over_uses(s, exists)));
      for (const std::uint32_t row : row_at_) {
        for (std::size_t at = 0; at < run_; at += lanes_of_field_) ++heard[source_at_[s] + row + at];
      }
    }
    for (const std::uint32_t at : neuron_at_) uses_of_neuron_.push_back(at == none ? 0 : heard[at]);
  }

  /// Calls f(in a field of the targets, in [panel of channels][lane'][16], count, step) for runs of targets that follow
  /// each other in the field, and have a step between them in the other. Goes by blocks of 16 places and 16 channels in
  /// a lane, which the nearest cache holds.
  template <class F>
  void each_run(std::size_t first_row, std::size_t last_row, F&& f) const {
    const std::size_t lanes = lanes_of_field_, step = lanes * panel_width;
    for (std::size_t first = 0; first < channels_; first += panel_width) {
      const std::size_t panel = first / panel_width * this->lanes() * panel_width;
      const std::size_t last = std::min(first + panel_width, channels_);
      const std::size_t in_row = run_ / lanes, last_place = last_row * in_row;
      for (std::size_t begin = first_row * in_row; begin < last_place; begin += panel_width) {
        const std::size_t end = std::min(begin + panel_width, last_place);
        for (std::size_t lane = 0; lane < step; lane += panel_width) {
          for (std::size_t c = first; c < last; ++c) {
            const std::size_t n = c * places_ + begin, here = panel + begin * step + lane + c % panel_width;
            const std::size_t before = std::min(panel_width - n % panel_width, end - begin);
            f(field_offset(n, 0, lanes) + lane, here, before, step);
            if (before < end - begin)
              f(field_offset(n + before, 0, lanes) + lane, here + before * step, end - begin - before, step);
          }
        }
      }
    }
  }

  std::size_t lanes_of_field_, channels_, places_, run_;
  sizes stride_{}, apart_{};
  std::array<std::uint64_t, axes> length_{}, step_{};
  std::array<std::int64_t, axes> first_{};
  std::uint64_t columns_ = 0, room_ = 0;
  std::vector<std::uint32_t> row_at_, source_at_, lane_at_, everyone_, neuron_at_, uses_of_neuron_, uses_of_column_;
};

}  // namespace locus
