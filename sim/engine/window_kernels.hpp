#pragma once
/// Delivery over shared windows, and what learning needs of them. Compiled per target; window_layout.hpp explains what
/// the kernels see.
///
/// A target's sum runs over the columns, which ascend as its sources do. Vectors hold neighbouring places of one
/// channel: a vector of messages serves some channels, whose weights are broadcast. Sums go into a line for each
/// channel, [place], which a near cache holds, and from there into the panels of the port. Where there are few places
/// and many channels, vectors hold channels instead, and messages are broadcast.

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "sim/engine/kernels.hpp"
#include "sim/engine/simd.hpp"
#include "sim/engine/unroll.hpp"

namespace locus::detail {

constexpr std::size_t lanes_ahead = 4, panels_ahead = 8;  // which are asked for early; past the end it does no harm

/// Copies a line, `count` neurons from `first` on in one lane, out of a field. What stands up to a panel's length
/// before the line and after it is overwritten. The next lanes of the same neurons are asked for.
template <class N, class P>
inline void take_line(const P* field, std::size_t lanes, std::size_t lane, std::size_t first, std::size_t count,
                      P* to) {
  const std::size_t last = first + count, step = lanes * panel_width;
  const std::size_t begin = first / panel_width * panel_width;
  const P* from = field + field_offset(begin, lane, lanes);
  to -= first - begin;
  for (std::size_t n = begin; n < last; n += panel_width, from += step, to += panel_width) {
    __builtin_prefetch(from + lanes_ahead * panel_width);
    each_index<panel_width / N::width>([&](auto r) { N::load(from + r * N::width).store(to + r * N::width); });
  }
}

/// The same of nothing but the line: other threads may be writing to what stands beside it.
template <class N, class P>
inline void take_line_alone(const P* field, std::size_t lanes, std::size_t lane, std::size_t first, std::size_t count,
                            P* to) {
  for (std::size_t n = first, last = first + count; n < last;) {
    const P* const from = field + field_offset(n, lane, lanes);
    const std::size_t here = std::min(panel_width - n % panel_width, last - n);
    if (here == panel_width)
      each_index<panel_width / N::width>([&](auto r) { N::load(from + r * N::width).store(to + r * N::width); });
    else std::copy_n(from, here, to);
    n += here;
    to += here;
  }
}

/// Puts a line of sums into the port. The port itself ends with + 0.0, and its panels that change are noted; threads
/// may do so at once for different neurons.
template <class N, class P>
class put_line {
 public:
  put_line(const transfer_call<P>& call, std::size_t lane) : call_(call), lane_(lane) {}

  void operator()(std::size_t first, std::size_t count, const P* from) const {
    const std::size_t last = first + count, in_panel = first % panel_width;
    std::size_t n = first;
    if (in_panel != 0) {
      n = std::min(first + panel_width - in_panel, last);
      some(first, n - first, from);
    }
    const std::size_t step = call_.lanes * panel_width;
    P* to = call_.sum + field_offset(n, lane_, call_.lanes);
    for (; n + panel_width <= last; n += panel_width, to += step) {
      __builtin_prefetch(to + panels_ahead * step, 1);
      whole(n, from + (n - first), to);
    }
    if (n < last) some(n, last - n, from + (n - first));
  }

 private:
  using bits = std::conditional_t<sizeof(P) == sizeof(std::uint32_t), std::uint32_t, std::uint64_t>;

  void whole(std::size_t n, const P* from, P* to) const {
    N unlike_bits(0);
    each_index<panel_width / N::width>([&](auto r) {
      const N sum = N::load(from + r * N::width) + ending_;
      unlike_bits = bits_or(unlike_bits, bits_xor(sum, N::load(to + r * N::width)));
      sum.store(to + r * N::width);
    });
    if (call_.last && N::any(differ(unlike_bits, N(0)))) note(n);
  }

  void some(std::size_t n, std::size_t count, const P* from) const {
    const P ending = call_.last ? P(0) : -P(0);
    P* const to = call_.sum + field_offset(n, lane_, call_.lanes);
    bits unlike_bits = 0;
    for (std::size_t k = 0; k < count; ++k) {
      const P sum = from[k] + ending;
      unlike_bits |= std::bit_cast<bits>(sum) ^ std::bit_cast<bits>(to[k]);
      to[k] = sum;
    }
    if (call_.last && unlike_bits != 0) note(n);
  }

  void note(std::size_t n) const {
    std::atomic_ref(call_.changed_panels[n / panel_width]).store(1, std::memory_order_relaxed);
  }

  const transfer_call<P> call_;
  std::size_t lane_;
  N ending_ = N(call_.last ? 0.0 : -0.0);  // x + -0 is x
};

/// Places of a strip, vectors' ends included: the lines of eight channels stay in a near cache.
template <class P>
inline constexpr std::size_t strip_length = 2048 / sizeof(P);

/// Channels whose sums are computed at once, at most.
template <class N>
inline constexpr std::size_t most_channels = N::registers >= 32 ? 8 : 6;

/// So many vectors of places of `channels` channels have their sums in registers.
template <class N, std::size_t channels>
inline constexpr std::size_t vectors_at_once = std::clamp<std::size_t>((N::registers >= 32 ? 24 : 12) / channels, 1,
                                                                       N::registers >= 32 ? 6 : 4);

/// Some rows of places in one plane of one lane, and the vectors that hold them.
template <class N>
struct window_strip {
  using P = scalar_of<N>;
  static constexpr std::size_t length = strip_length<P>;
  /// Where the first row begins in a line whose rows are apart: it is closed up from there.
  static constexpr std::size_t room = panel_width;
  static constexpr std::size_t line = length + 2 * room;

  std::size_t lane = 0, row = 0, rows = 1, width = 0;
  std::size_t first_place = 0;
  bool apart = false;           ///< rows stand in the lines as they do among the messages, and are to be closed up
  const P* messages = nullptr;  ///< to the first place
  std::size_t vectors = 0;
  std::uint32_t from[length / N::width + 1];  ///< [vector]: in the messages
  std::uint32_t to[length / N::width + 1];    ///< [vector]: in a line

  void add(std::size_t in_messages, std::size_t in_line) {
    from[vectors] = static_cast<std::uint32_t>(in_messages);
    to[vectors++] = static_cast<std::uint32_t>(in_line);
  }
};

/// The sums of some channels for some vectors of places stay in registers over all columns. `weights`: of the first of
/// the channels. `lines`, `begun`: of that channel, what sums begin with; null: + 0.
template <class N, std::size_t channels, std::size_t vectors>
[[gnu::flatten, gnu::noinline]] void sum_places(const transfer_call<scalar_of<N>>& call, const window_strip<N>& strip,
                                                std::size_t vector, const scalar_of<N>* weights, scalar_of<N>* lines,
                                                const scalar_of<N>* begun) {
  using P = scalar_of<N>;
  constexpr std::size_t line = window_strip<N>::line;
  N sum[channels][vectors];
  const P* from[vectors];
  each_index<vectors>([&](auto v) {
    from[v] = strip.messages + strip.from[vector + v];
    each_index<channels>(
        [&](auto c) { sum[c][v] = begun == nullptr ? N(0) : N::load(begun + c * line + strip.to[vector + v]); });
  });
  const std::uint32_t* const column_at = call.window->column_at;
  const std::size_t columns = call.sources;
  for (std::size_t s = 0; s < columns; ++s, weights += panel_width) {
    const std::size_t at = column_at[s];
    N message[vectors];
    each_index<vectors>([&](auto v) { message[v] = N::load(from[v] + at); });
    each_index<channels>([&](auto c) {
      const N weight = N::of(weights[c]);
      each_index<vectors>([&](auto v) { sum[c][v] = fma(weight, message[v], sum[c][v]); });
    });
  }
  each_index<vectors>(
      [&](auto v) { each_index<channels>([&](auto c) { sum[c][v].store(lines + c * line + strip.to[vector + v]); }); });
}

/// Closes up rows of a line that are `pitch` apart.
template <class N>
inline void close_up(const window_strip<N>& strip, std::size_t pitch, scalar_of<N>* line) {
  const scalar_of<N>* row = line + window_strip<N>::room;
  for (std::size_t y = 0; y < strip.rows; ++y, row += pitch, line += strip.width) {
    for (std::size_t z = 0; z < strip.width; z += N::width) N::load(row + z).store(line + z);
  }
}

/// Some channels of a strip, from `channel` on.
template <class N, std::size_t channels>
void deliver_strip(const transfer_call<scalar_of<N>>& call, const window_strip<N>& strip, std::size_t channel) {
  using P = scalar_of<N>;
  using strip_type = window_strip<N>;
  constexpr std::size_t line = strip_type::line;
  const window_view& window = *call.window;
  alignas(64) P lines[channels * line];
  alignas(64) P begun[channels * line];
  const std::size_t places = strip.rows * strip.width;
  const auto first = [&](std::size_t c) { return (channel + c) * window.places() + strip.first_place; };
  const P* const weights = call.weights + channel / panel_width * call.sources * panel_width + channel % panel_width;
  if (call.before != nullptr) {
    for (std::size_t c = 0; c < channels; ++c) {
      take_line_alone<N>(call.before, call.lanes, strip.lane, first(c), places, begun + c * line);
      N(0).store(begun + c * line + places);  // a row's last vector
    }
  }
  const P* const begin = call.before != nullptr ? begun : nullptr;
  std::size_t vector = 0;
  const auto block = [&]<std::size_t vectors>(std::integral_constant<std::size_t, vectors>) {
    for (; vector + vectors <= strip.vectors; vector += vectors)
      sum_places<N, channels, vectors>(call, strip, vector, weights, lines, begin);
  };
  constexpr std::size_t widest = vectors_at_once<N, channels>;
  block(std::integral_constant<std::size_t, widest>{});
  if constexpr (widest > 2) block(std::integral_constant<std::size_t, 2>{});
  if constexpr (widest > 1) block(std::integral_constant<std::size_t, 1>{});
  // All are closed up before the first is read: what has just been written cannot be read at another place at once.
  for (std::size_t c = 0; c < channels && strip.apart; ++c) close_up(strip, window.pitch, lines + c * line);
  const put_line<N, P> put(call, strip.lane);
  for (std::size_t c = 0; c < channels; ++c) put(first(c), places, lines + c * line);
}

template <class N>
using strip_kernel = void (*)(const transfer_call<scalar_of<N>>&, const window_strip<N>&, std::size_t);

/// All channels of a strip, panel by panel in groups of nearly the same number.
template <class N>
inline void deliver_channels_of(const transfer_call<scalar_of<N>>& call, const window_strip<N>& strip) {
  static constexpr auto kernels = []<std::size_t... n>(std::index_sequence<n...>) {
    return std::array<strip_kernel<N>, sizeof...(n)>{&deliver_strip<N, n + 1>...};
  }
  (std::make_index_sequence<most_channels<N>>{});
  for (std::size_t panel = 0; panel < call.window->channels; panel += panel_width) {
    const std::size_t last = std::min(panel + panel_width, call.window->channels);
    for (std::size_t channel = panel; channel < last;) {
      const std::size_t left = last - channel, groups = (left + most_channels<N> - 1) / most_channels<N>;
      const std::size_t now = (left + groups - 1) / groups;
      kernels[now - 1](call, strip, channel);
      channel += now;
    }
  }
}

[[nodiscard, gnu::always_inline]] constexpr std::size_t vectors_for(std::size_t numbers, std::size_t width) noexcept {
  return (numbers + width - 1) / width;
}

/// Vectors that hold rows of places: each row by itself, or all of a plane as they follow each other in the copy.
template <class N>
[[nodiscard]] inline bool better_apart(const window_view& window, std::size_t rows, std::size_t width,
                                       std::size_t columns) {
  const std::size_t by_rows = rows * vectors_for(width, N::width);
  const std::size_t apart = vectors_for((rows - 1) * window.pitch + width, N::width);
  // Closing up a row's vectors takes about as long as four multiply-adds for each (estimated).
  return apart < by_rows && (by_rows - apart) * columns > 4 * by_rows;
}

template <class N>
void deliver_by_places(const transfer_call<scalar_of<N>>& call) {
  using strip_type = window_strip<N>;
  const window_view& window = *call.window;
  const std::size_t padded = vectors_for(window.width, N::width) * N::width;
  const std::size_t most_rows = std::max<std::size_t>(strip_type::length / padded, 1);
  strip_type strip;
  for (std::size_t unit = call.first_row; unit < call.last_row; unit += strip.rows) {
    strip.lane = unit / window.rows;
    strip.row = unit % window.rows;
    strip.rows = std::min(std::min(call.last_row - unit, most_rows), window.plane_rows - strip.row % window.plane_rows);
    for (std::size_t begin = 0; begin < window.width; begin += strip.width) {
      strip.width = std::min(window.width - begin, strip_type::length);
      strip.first_place = strip.row * window.width + begin;
      strip.messages = call.messages + strip.lane * window.lane_step + window.row_at[strip.row] + begin;
      strip.vectors = 0;
      strip.apart = call.before == nullptr && better_apart<N>(window, strip.rows, strip.width, call.sources);
      if (strip.apart) {
        const std::size_t run = (strip.rows - 1) * window.pitch + strip.width;
        for (std::size_t i = 0; i < run; i += N::width) strip.add(i, strip_type::room + i);
      } else {
        for (std::size_t y = 0; y < strip.rows; ++y) {
          for (std::size_t z = 0; z < strip.width; z += N::width) strip.add(y * window.pitch + z, y * strip.width + z);
        }
      }
      deliver_channels_of<N>(call, strip);
    }
  }
}

/// The sums of 16 channels for `block` places, in any lanes.
template <class N, std::size_t block>
[[gnu::flatten, gnu::noinline]] void sum_channels(const transfer_call<scalar_of<N>>& call, std::size_t panel,
                                                  const std::uint32_t (&from)[block],
                                                  scalar_of<N> (&sums)[block * panel_width]) {
  using P = scalar_of<N>;
  constexpr std::size_t vectors = panel_width / N::width;
  N sum[block][vectors];
  const auto each_sum = [](auto f) __attribute__((always_inline)) {
    each_index<block>([&](auto b) { each_index<vectors>([&](auto r) { f(b, r); }); });
  };
  each_sum([&](auto b, auto r) { sum[b][r] = N::load(sums + b * panel_width + r * N::width); });
  const P* weights = call.weights + panel * call.sources * panel_width;
  const std::uint32_t* const column_at = call.window->column_at;
  const P* messages[block];
  each_index<block>([&](auto b) { messages[b] = call.messages + from[b]; });
  for (std::size_t s = 0; s < call.sources; ++s, weights += panel_width) {
    const std::size_t at = column_at[s];
    N weight[vectors];
    each_index<vectors>([&](auto r) { weight[r] = N::load(weights + r * N::width); });
    each_index<block>([&](auto b) {
      const N message = N::of(messages[b][at]);
      each_index<vectors>([&](auto r) { sum[b][r] = fma(weight[r], message, sum[b][r]); });
    });
  }
  each_sum([&](auto b, auto r) { sum[b][r].store(sums + b * panel_width + r * N::width); });
}

template <class N>
void deliver_by_channels(const transfer_call<scalar_of<N>>& call) {
  using P = scalar_of<N>;
  constexpr std::size_t vectors = panel_width / N::width;
  constexpr std::size_t block = std::clamp<std::size_t>(N::registers * 2 / 3 / vectors, 1, 8);
  const window_view& window = *call.window;
  const std::size_t places = window.places();
  const std::size_t last = call.last_row * window.width;
  for (std::size_t begin = call.first_row * window.width; begin < last; begin += block) {
    std::uint32_t from[block];
    std::size_t lane[block], place[block];
    const std::size_t count = std::min(block, last - begin);
    for (std::size_t b = 0; b < block; ++b) {  // past the end, the last place again
      const std::size_t at = begin + std::min(b, count - 1);
      lane[b] = at / places;
      place[b] = at % places;
      from[b] = static_cast<std::uint32_t>(lane[b] * window.lane_step + window.row_at[place[b] / window.width] +
                                           place[b] % window.width);
    }
    for (std::size_t first = 0; first < window.channels; first += panel_width) {
      const std::size_t channels = std::min(panel_width, window.channels - first);
      alignas(64) P sums[block * panel_width] = {};
      const auto offset = [&](std::size_t b, std::size_t c) {
        return field_offset((first + c) * places + place[b], lane[b], call.lanes);
      };
      for (std::size_t b = 0; b < count && call.before != nullptr; ++b) {
        for (std::size_t c = 0; c < channels; ++c) sums[b * panel_width + c] = call.before[offset(b, c)];
      }
      sum_channels<N, block>(call, first / panel_width, from, sums);
      for (std::size_t b = 0; b < count; ++b) {
        const put_line<N, P> put(call, lane[b]);
        for (std::size_t c = 0; c < channels; ++c) put((first + c) * places + place[b], 1, sums + b * panel_width + c);
      }
    }
  }
}

template <class N>
void deliver_windows(const transfer_call<scalar_of<N>>& call) {
  const window_view& window = *call.window;
  const std::size_t vectors = std::min(
      window.rows * vectors_for(window.width, N::width),
      window.rows / window.plane_rows * vectors_for((window.plane_rows - 1) * window.pitch + window.width, N::width));
  const std::size_t by_places = vectors * window.channels;
  const std::size_t by_channels = window.panels() * (panel_width / N::width) * window.places();
  // Sums by channels have to be turned before they are put into the port: they must be much fewer.
  if (by_channels * 3 < by_places * 2) deliver_by_channels<N>(call);
  else deliver_by_places<N>(call);
}

/// What stands side by side is copied for all lanes, one part after the other.
template <class N>
void spread_window(const window_view& window, std::size_t lanes, const scalar_of<N>* field, scalar_of<N>* to) {
  using P = scalar_of<N>;
  for (std::size_t k = 0; k < window.part_count; ++k) {
    const window_part part = window.parts[k];
    const P* from = field + part.in_field;
    P* at = to + part.in_copy;
    const auto each_lane = [&](auto f) __attribute__((always_inline)) {
      for (std::size_t lane = 0; lane < lanes; ++lane, from += panel_width, at += window.lane_step) f();
    };
    if (part.count == panel_width) {
      each_lane([&] {
        each_index<panel_width / N::width>([&](auto r) { N::load(from + r * N::width).store(at + r * N::width); });
      });
    } else if (part.count < 4 || N::width == 1) {
      each_lane([&] {
        for (std::size_t i = 0; i < part.count; ++i) at[i] = from[i];
      });
    } else if constexpr (N::width > 1) {
      const std::size_t whole = part.count / N::width * N::width;
      const auto rest = N::first(part.count - whole);
      each_lane([&] {
        for (std::size_t i = 0; i < whole; i += N::width) N::load(from + i).store(at + i);
        if (whole < part.count) N::load(rest, from + whole).store(rest, at + whole);
      });
    }
  }
}

/// Lines [16 channels][places] of one lane, `step` apart, to [place][16].
template <class N, class P>
inline void turn_lines(const P* lines, std::size_t step, std::size_t places, std::size_t channels, P* to,
                       std::size_t place_step) {
  if constexpr (N::width == 1) {
    for (std::size_t c = 0; c < channels; ++c) {
      for (std::size_t i = 0; i < places; ++i) to[i * place_step + c] = lines[c * step + i];
    }
  } else {
    using Half = typename N::narrow;
    constexpr std::size_t block = Half::block;
    for (std::size_t i = 0; i < places; i += block) {
      for (std::size_t c = 0; c < channels; c += Half::width) {
        Half v[block];
        each_index<block>([&](auto j) { v[j] = Half::load_blocks(lines + (c + j) * step + i, block * step); });
        Half::turn_blocks(v);
        each_index<block>([&](auto j) {
          if (i + j < places) v[j].store(to + (i + j) * place_step + c);
        });
      }
    }
  }
}

/// Copies a field of the targets to [panel of channels][place][lane][16], for some places. What stands past the last
/// channel stays 0.
template <class N>
void collect_window(const window_view& window, std::size_t lanes, const scalar_of<N>* field, scalar_of<N>* to,
                    std::size_t first_place, std::size_t last_place) {
  using P = scalar_of<N>;
  constexpr std::size_t length = 8 * panel_width;         // places at a time
  constexpr std::size_t line = length + 2 * panel_width;  // with what take_line() overwrites
  const std::size_t places = window.places();
  alignas(64) P space[panel_width * line];
  P* const lines = space + panel_width;
  for (std::size_t panel = 0; panel < window.panels(); ++panel) {
    const std::size_t channels = std::min(panel_width, window.channels - panel * panel_width);
    for (std::size_t c = channels; c < panel_width; ++c) std::fill_n(space + c * line, line, P(0));
    for (std::size_t begin = first_place; begin < last_place; begin += length) {
      const std::size_t count = std::min(length, last_place - begin);
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        for (std::size_t c = 0; c < channels; ++c)
          take_line<N>(field, lanes, lane, (panel * panel_width + c) * places + begin, count, lines + c * line);
        turn_lines<N>(lines, line, count, channels, to + ((begin - first_place) * lanes + lane) * panel_width,
                      lanes * panel_width);
      }
    }
    to += (last_place - first_place) * lanes * panel_width;
  }
}

}  // namespace locus::detail
