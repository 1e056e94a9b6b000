/// Delivery: from the sources' messages to the targets' ports. Compiled once per target.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <type_traits>

#include "sim/engine/simd.hpp"
#include "sim/engine/transfer.hpp"
#include "sim/engine/unroll.hpp"
#include "sim/engine/window_kernels.hpp"

namespace locus {
namespace {

using detail::each_index;

/// Stores a sum. The port itself ends with + 0.0; bits that differ from what it held are gathered in `unlike_bits`.
template <class N>
inline void store_sum(const transfer_call<scalar_of<N>>& call, N sum, std::size_t offset, N& unlike_bits) {
  if (call.last) {
    sum = sum + N(0);
    unlike_bits = bits_or(unlike_bits, bits_xor(sum, N::load(call.sum + offset)));
  }
  sum.store(call.sum + offset);
}

template <class N>
inline N sum_so_far(const transfer_call<scalar_of<N>>& call, std::size_t offset) {
  return call.before == nullptr ? N(0) : N::load(call.before + offset);
}

template <class N>
inline void note_change(const transfer_call<scalar_of<N>>& call, std::size_t panel, N unlike_bits) {
  if (call.last && N::any(differ(unlike_bits, N(0)))) call.changed_panels[panel] = 1;
}

/// How a sweep is cut so that its sums stay in registers over all sources: `rows` panels of targets, of each `vectors`
/// vectors, for `lanes` lanes.
template <std::size_t rows_, std::size_t vectors_, std::size_t lanes_>
struct block_of {
  static constexpr std::size_t rows = rows_;
  static constexpr std::size_t vectors = vectors_;
  static constexpr std::size_t lanes = lanes_;
  template <std::size_t fewer>
  using with_lanes = block_of<rows, vectors, fewer>;
};

/// From so many lanes on, the multiply-adds of a source take longer than its weights' way from the second cache, if
/// these are asked for early: by 32 sources (16 and 64 are as good, measured).
constexpr std::size_t lanes_to_prefetch = 4;
constexpr std::size_t sources_ahead = 32;

/// Calls f(source, where its message lies, seen from that of source 0) for all active sources.
template <class Block, class P, class F>
[[gnu::always_inline]] inline void each_active(const transfer_call<P>& call, F&& f) {
  const std::uint32_t* const indices = call.active.indices;
  const std::size_t count = call.active.count, row_length = call.lanes * panel_width;
  if (Block::lanes >= lanes_to_prefetch && indices == nullptr) {
    for (std::size_t source = 0, place = 0; source < count; place += row_length - panel_width)
      for (const std::size_t end = std::min(source + panel_width, count); source < end; ++source) f(source, place++);
    return;
  }
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t source = indices == nullptr ? i : indices[i];
    f(source, source / panel_width * row_length + source % panel_width);
  }
}

/// The sums of a block's targets from the vector `within` of each panel on, for its lanes from `lane` on.
template <class N, class Block>
[[gnu::flatten]] void deliver_block(const transfer_call<scalar_of<N>>& call, std::size_t panel, std::size_t within,
                                    std::size_t lane) {
  using P = scalar_of<N>;
  const std::size_t row_length = call.lanes * panel_width;
  const std::size_t offset = panel * row_length + lane * panel_width + within * N::width;
  N sum[Block::rows][Block::lanes][Block::vectors];
  const auto each_sum = [](auto f) __attribute__((always_inline)) {
    each_index<Block::rows>([&](auto k) {
      each_index<Block::lanes>([&](auto b) { each_index<Block::vectors>([&](auto r) { f(k, b, r); }); });
    });
  };
  each_sum([&](auto k, auto b, auto r) {
    sum[k][b][r] = sum_so_far<N>(call, offset + k * row_length + b * panel_width + r * N::width);
  });
  const std::size_t weights_length = call.sources * panel_width;
  const P* const weights = call.weights + panel * weights_length + within * N::width;
  each_active<Block>(
      call, [&](std::size_t source, std::size_t place) __attribute__((always_inline)) {
        const P* const messages = call.messages + lane * panel_width + place;
        N weight[Block::rows][Block::vectors];
        each_index<Block::rows>([&](auto k) {
          const P* const of_source = weights + k * weights_length + source * panel_width;
          if constexpr (Block::lanes >= lanes_to_prefetch) __builtin_prefetch(of_source + sources_ahead * panel_width);
          each_index<Block::vectors>([&](auto r) { weight[k][r] = N::load(of_source + r * N::width); });
        });
        each_index<Block::lanes>([&](auto b) {
          const N message = N::of(messages[b * panel_width]);
          each_index<Block::rows>([&](auto k) {
            each_index<Block::vectors>([&](auto r) { sum[k][b][r] = fma(weight[k][r], message, sum[k][b][r]); });
          });
        });
      });
  N unlike_bits[Block::rows];
  each_index<Block::rows>([&](auto k) { unlike_bits[k] = N(0); });
  each_sum([&](auto k, auto b, auto r) {
    store_sum(call, sum[k][b][r], offset + k * row_length + b * panel_width + r * N::width, unlike_bits[k]);
  });
  for (std::size_t k = 0; k < Block::rows; ++k) note_change(call, panel + k, unlike_bits[k]);
}

/// All lanes of a block's panels, as many at once as the block has, then fewer.
template <class N, class Block>
inline void deliver_rows(const transfer_call<scalar_of<N>>& call, std::size_t panel) {
  std::size_t lane = 0;
  const auto blocks = [&]<class B>(B) {
    for (; lane + B::lanes <= call.lanes; lane += B::lanes)
      for (std::size_t within = 0; within < panel_width / N::width; within += B::vectors)
        deliver_block<N, B>(call, panel, within, lane);
  };
  blocks(Block{});
  if constexpr (Block::lanes > 4) blocks(typename Block::template with_lanes<4>{});
  if constexpr (Block::lanes > 2) blocks(typename Block::template with_lanes<2>{});
  blocks(typename Block::template with_lanes<1>{});
}

/// As many vectors as sums may take; the others are for weights and messages.
template <class N>
constexpr std::size_t accumulators = N::registers * 2 / 3;

/// As many panels at once as keep the sums of `lanes` lanes in registers.
template <class N, std::size_t lanes, std::size_t vectors>
void deliver_panels(const transfer_call<scalar_of<N>>& call) {
  constexpr std::size_t rows = std::clamp<std::size_t>(accumulators<N> / (lanes * vectors), 1, 8);
  std::size_t panel = call.first_panel;
  for (; panel + rows <= call.last_panel; panel += rows) deliver_rows<N, block_of<rows, vectors, lanes>>(call, panel);
  if constexpr (rows > 2) {
    for (; panel + 2 <= call.last_panel; panel += 2) deliver_rows<N, block_of<2, vectors, lanes>>(call, panel);
  }
  for (; panel < call.last_panel; ++panel) deliver_rows<N, block_of<1, vectors, lanes>>(call, panel);
}

/// By how many lanes there are. Where a panel takes so many vectors that the sums of five lanes would not stay in
/// registers, a part of it is summed at a time.
template <class N>
void deliver_dense(const transfer_call<scalar_of<N>>& call) {
  const std::size_t lanes = call.lanes;
  constexpr std::size_t whole = panel_width / N::width;
  constexpr std::size_t part = std::min(whole, accumulators<N> / 5);
  static_assert(whole % part == 0);
  if constexpr (accumulators<N> / whole >= 10) {
    if (lanes >= 10 && lanes % 8 != 0) return deliver_panels<N, 10, whole>(call);
    if (lanes >= 8) return deliver_panels<N, 8, whole>(call);
  }
  if (lanes >= 5 && (lanes % 5 == 0 || lanes % 4 != 0)) return deliver_panels<N, 5, part>(call);
  if (lanes >= 4) return deliver_panels<N, 4, part>(call);
  if constexpr (accumulators<N> / whole >= 2) {
    if (lanes >= 2) return deliver_panels<N, 2, whole>(call);
  }
  return deliver_panels<N, 1, whole>(call);
}

constexpr std::size_t cache_line = 64;     // bytes
constexpr std::size_t entries_ahead = 16;  // which a pull asks for early: 8 to 32 are equally good (measured)

/// Asks for an entry's weights and sources. Past the end it asks for what nobody reads, which does no harm.
template <class P, class Index>
inline void prefetch_entry(const P* weights, const Index* sources, std::size_t at) {
  for (std::size_t i = 0; i < panel_width; i += cache_line / sizeof(P)) __builtin_prefetch(weights + at + i);
  __builtin_prefetch(sources + at);
}

template <class N, class Index>
void deliver_slices(const transfer_call<scalar_of<N>>& call, const Index* sources) {
  constexpr std::size_t vectors = panel_width / N::width;
  for (std::size_t panel = call.first_panel; panel < call.last_panel; ++panel) {
    N unlike_bits(0);
    const std::size_t first = call.slice_start[panel] * panel_width;
    const std::size_t last = call.slice_start[panel + 1] * panel_width;
    for (std::size_t lane = 0; lane < call.lanes; ++lane) {
      const std::size_t offset = (panel * call.lanes + lane) * panel_width;
      N sum[vectors];
      for (std::size_t r = 0; r < vectors; ++r) sum[r] = sum_so_far<N>(call, offset + r * N::width);
      for (std::size_t entry = first; entry < last; entry += panel_width) {
        if (lane == 0) prefetch_entry(call.weights, sources, entry + entries_ahead * panel_width);
        for (std::size_t r = 0; r < vectors; ++r) {
          const std::size_t at = entry + r * N::width;
          const N message = N::gather(call.messages + lane * panel_width, sources + at, call.lanes);
          sum[r] = fma(N::load(call.weights + at), message, sum[r]);
        }
      }
      for (std::size_t r = 0; r < vectors; ++r) store_sum(call, sum[r], offset + r * N::width, unlike_bits);
    }
    note_change(call, panel, unlike_bits);
  }
}

template <class N>
void deliver_sliced(const transfer_call<scalar_of<N>>& call) {
  call.slice_source.visit([&](const auto* sources) { deliver_slices<N>(call, sources); });
}

/// Asks for the targets and weights of a source.
template <class P, class Index>
inline void prefetch_source(const transfer_call<P>& call, const Index* targets, std::size_t source) {
  const std::size_t last = call.out_start[source + 1];
  for (std::size_t k = call.out_start[source]; k < last; k += cache_line / sizeof(P)) {
    __builtin_prefetch(call.out_weights + k);
    __builtin_prefetch(targets + k);
  }
}

/// Adds the messages of the active sources, one source after the other: each target's sum still runs over ascending
/// sources. `lanes`: as the call says, as a constant where that is possible.
template <class P, class Index, class Lanes>
inline void push_sources(const transfer_call<P>& call, const Index* targets, Lanes lanes) {
  const P* const out_weights = call.out_weights;
  P* const sums = call.scratch;
  const auto active = [&](std::size_t i) -> std::size_t {
    return call.active.indices == nullptr ? i : call.active.indices[i];
  };
  for (std::size_t i = 0; i < call.active.count; ++i) {
    const std::size_t source = active(i);
    if (i + 1 < call.active.count) prefetch_source(call, targets, active(i + 1));
    const P* const messages = call.messages + field_offset(source, 0, lanes);
    const std::size_t last = call.out_start[source + 1];
    for (std::size_t k = call.out_start[source]; k < last; ++k) {
      P* const target = sums + field_offset(targets[k], 0, lanes);
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        target[lane * panel_width] = std::fma(out_weights[k], messages[lane * panel_width], target[lane * panel_width]);
      }
    }
  }
}

template <class N>
void deliver_pushed(const transfer_call<scalar_of<N>>& call) {
  using P = scalar_of<N>;
  const std::size_t row_length = call.lanes * panel_width;
  P* const sums = call.scratch;
  for (std::size_t i = 0; i < call.last_panel * row_length; i += N::width) sum_so_far<N>(call, i).store(sums + i);
  call.out_target.visit([&](const auto* targets) {
    if (call.lanes == 1) push_sources(call, targets, std::integral_constant<std::size_t, 1>{});
    else push_sources(call, targets, call.lanes);
  });
  for (std::size_t panel = 0; panel < call.last_panel; ++panel) {
    N unlike_bits(0);
    for (std::size_t i = panel * row_length; i < (panel + 1) * row_length; i += N::width) {
      store_sum(call, N::load(sums + i), i, unlike_bits);
    }
    note_change(call, panel, unlike_bits);
  }
}

/// The largest message to the targets of one panel: f(k) has the weight and message of their k-th source.
template <class N, class F>
inline void keep_largest(const transfer_call<scalar_of<N>>& call, std::size_t panel, std::size_t count, F&& f) {
  using P = scalar_of<N>;
  const N none = N::of(-std::numeric_limits<P>::infinity());
  N unlike_bits(0);
  for (std::size_t lane = 0; lane < call.lanes; ++lane) {
    for (std::size_t r = 0; r < panel_width; r += N::width) {
      const std::size_t offset = (panel * call.lanes + lane) * panel_width + r;
      N most = call.before == nullptr ? none : N::load(call.before + offset);
      for (std::size_t k = 0; k < count; ++k) most = max(most, f(k, lane, r));
      if (call.last) most = select(most == none, N(0), most);
      store_sum(call, most, offset, unlike_bits);
    }
  }
  note_change(call, panel, unlike_bits);
}

template <class N>
void deliver_largest(const transfer_call<scalar_of<N>>& call) {
  using P = scalar_of<N>;
  const N none = N::of(-std::numeric_limits<P>::infinity());
  P rank[panel_width];
  for (std::size_t i = 0; i < panel_width; ++i) rank[i] = static_cast<P>(i);
  for (std::size_t panel = call.first_panel; panel < call.last_panel; ++panel) {
    // Neurons past the last get no message.
    const N targets(static_cast<double>(call.targets - panel * panel_width));
    if (call.slice_start == nullptr) {
      const P* const weights = call.weights + panel * call.sources * panel_width;
      keep_largest<N>(call, panel, call.sources, [&](std::size_t source, std::size_t lane, std::size_t r) {
        const N message = N::of(call.messages[field_offset(source, lane, call.lanes)]);
        return select(targets > N::load(rank + r), N::load(weights + source * panel_width + r) * message, none);
      });
      continue;
    }
    const std::size_t first = call.slice_start[panel];
    call.slice_source.visit([&](const auto* sources) {
      const auto product = [&](std::size_t k, std::size_t lane, std::size_t r) {
        const std::size_t at = (first + k) * panel_width + r;
        const N message = N::gather(call.messages + lane * panel_width, sources + at, call.lanes);
        const N degree = N::load(call.degree + panel * panel_width + r);
        return select(degree > N(static_cast<double>(k)), N::load(call.weights + at) * message, none);
      };
      keep_largest<N>(call, panel, call.slice_start[panel + 1] - first, product);
    });
  }
}

template <class N>
bool replace_rows(scalar_of<N>* weights, const scalar_of<N>* next, std::size_t rows, std::uint32_t* changed) {
  std::size_t all = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    std::size_t count = 0;
    each_index<panel_width / N::width>([&](auto r) {
      const std::size_t at = row * panel_width + r * N::width;
      const N value = N::load(next + at);
      count += N::count(differ(value, N::load(weights + at)));
      value.store(weights + at);
    });
    changed[row] += static_cast<std::uint32_t>(count);
    all += count;
  }
  return all != 0;
}

template <class P>
transfer_kernels<P> kernels() {
  using N = simd::number<P>;
  return {&deliver_dense<N>,          &deliver_sliced<N>, &detail::deliver_windows<N>, &detail::spread_window<N>,
          &detail::collect_window<N>, &deliver_pushed<N>, &deliver_largest<N>,         &replace_rows<N>};
}

}  // namespace

template <>
transfer_kernels<float> make_transfer_kernels<simd_target::LOCUS_TARGET, float>() {
  return kernels<float>();
}
template <>
transfer_kernels<double> make_transfer_kernels<simd_target::LOCUS_TARGET, double>() {
  return kernels<double>();
}

}  // namespace locus
