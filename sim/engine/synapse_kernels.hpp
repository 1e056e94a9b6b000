#pragma once
/// The sweeps of a synapse model's rule over a projection, generic over the model. Compiled per target.

#include <cstddef>
#include <cstdint>

#include "sim/core/model.hpp"
#include "sim/engine/kernels.hpp"
#include "sim/engine/simd.hpp"

namespace locus::detail {

template <class M>
concept is_plastic = requires {
  sizeof(typename M::template ends<char>);
};

/// True if the modulators of one panel of targets are all silent.
template <class N>
inline bool silent_panel(const scalar_of<N>* gate, std::size_t panel, std::size_t lanes) {
  auto on = N::none();
  for (std::size_t i = 0; i < lanes * panel_width; i += N::width) {
    on = on | !(N::load(gate + panel * lanes * panel_width + i) == N(0));
  }
  return !N::any(on);
}

/// What a sweep found, kept in registers until it ends.
template <class N>
struct learn_result {
  typename N::mask finite = N::every();
  bool moved = false;
};

/// `block` consecutive entries of a source list against one panel of targets: their accumulators stay in registers
/// over all lanes.
template <class M, class N, gate_position gate_at, std::size_t block>
inline void learn_block(const learn_call<scalar_of<N>>& call, std::size_t panel, std::size_t first,
                        learn_result<N>& result) {
  using P = scalar_of<N>;
  constexpr std::size_t vectors = panel_width / N::width;
  const auto& params = *static_cast<const typename M::params*>(call.params);
  std::size_t source[block];
  std::size_t place[block];
  N total[block][vectors];
  for (std::size_t s = 0; s < block; ++s) {
    source[s] = call.active.indices == nullptr ? first + s : call.active.indices[first + s];
    place[s] = field_offset(source[s], 0, call.lanes);
    for (std::size_t r = 0; r < vectors; ++r) total[s][r] = N(0);
  }
  for (std::size_t lane = 0; lane < call.lanes; ++lane) {
    for (std::size_t r = 0; r < vectors; ++r) {
      const std::size_t target = (panel * call.lanes + lane) * panel_width + r * N::width;
      typename M::template ends<N> ends;
      ends.post = N::load(call.post + target);
      ends.gate = N(1);
      if constexpr (gate_at == gate_position::post) ends.gate = N::load(call.gate + target);
      if constexpr (gate_at == gate_position::everywhere) ends.gate = N::of(call.gate[lane * panel_width]);
      for (std::size_t s = 0; s < block; ++s) {
        const std::size_t at = place[s] + lane * panel_width;
        ends.pre = N::of(call.pre[at]);
        if constexpr (gate_at == gate_position::pre) ends.gate = N::of(call.gate[at]);
        M::accumulate(params, ends, total[s][r]);
      }
    }
  }
  for (std::size_t s = 0; s < block; ++s) {
    std::uint32_t changed = 0;
    for (std::size_t r = 0; r < vectors; ++r) {
      P* const weights = call.weights + (panel * call.sources + source[s]) * panel_width + r * N::width;
      const N before = N::load(weights);
      N after = before;
      M::apply(params, total[s][r], after);
      after = after + N(0);
      after.store(weights);
      changed += static_cast<std::uint32_t>(N::count(differ(after, before)));
      result.finite = result.finite & ((after - after) == N(0));
    }
    call.changed_weights[source[s]] += changed;
    result.moved = result.moved || changed != 0;
  }
}

template <class M, class N, gate_position gate_at>
void learn_panels(learn_call<scalar_of<N>>& call) {
  constexpr std::size_t vectors = panel_width / N::width;
  constexpr std::size_t wide = vectors >= 8 ? 1 : 8 / vectors;
  learn_result<N> result;
  for (std::size_t panel = call.first_panel; panel < call.last_panel; ++panel) {
    if constexpr (M::idle.when_gate_is_zero && gate_at == gate_position::post) {
      if (silent_panel<N>(call.gate, panel, call.lanes)) continue;
    }
    std::size_t s = 0;
    for (; s + wide <= call.active.count; s += wide) learn_block<M, N, gate_at, wide>(call, panel, s, result);
    for (; s < call.active.count; ++s) learn_block<M, N, gate_at, 1>(call, panel, s, result);
  }
  call.moved = call.moved || result.moved;
  call.finite = call.finite && N::all(result.finite);
}

template <class M, class N>
void learn_dense(learn_call<scalar_of<N>>& call) {
  switch (call.gate_at) {
    case gate_position::none: return learn_panels<M, N, gate_position::none>(call);
    case gate_position::pre: return learn_panels<M, N, gate_position::pre>(call);
    case gate_position::post: return learn_panels<M, N, gate_position::post>(call);
    case gate_position::everywhere: return learn_panels<M, N, gate_position::everywhere>(call);
  }
}

template <class M, class N>
void learn_sliced(learn_call<scalar_of<N>>& call) {
  using P = scalar_of<N>;
  const auto& params = *static_cast<const typename M::params*>(call.params);
  for (std::size_t panel = call.first_panel; panel < call.last_panel; ++panel) {
    if (M::idle.when_gate_is_zero && call.gate_at == gate_position::post &&
        silent_panel<N>(call.gate, panel, call.lanes)) {
      continue;
    }
    for (std::size_t entry = call.slice_start[panel]; entry < call.slice_start[panel + 1]; ++entry) {
      for (std::size_t r = 0; r < panel_width; r += N::width) {
        const std::size_t at = entry * panel_width + r;
        N total(0);
        for (std::size_t lane = 0; lane < call.lanes; ++lane) {
          const std::size_t offset = (panel * call.lanes + lane) * panel_width + r;
          typename M::template ends<N> ends;
          ends.gate = N(1);
          ends.pre = N::gather(call.pre + lane * panel_width, call.slice_source + at);
          ends.post = N::load(call.post + offset);
          switch (call.gate_at) {
            case gate_position::none: break;
            case gate_position::pre:
              ends.gate = N::gather(call.gate + lane * panel_width, call.slice_source + at);
              break;
            case gate_position::post: ends.gate = N::load(call.gate + offset); break;
            case gate_position::everywhere: ends.gate = N::of(call.gate[lane * panel_width]); break;
          }
          M::accumulate(params, ends, total);
        }
        P used[N::width];
        for (std::size_t i = 0; i < N::width; ++i) used[i] = call.slice_used[at + i] != 0 ? P(1) : P(0);
        const N before = N::load(call.weights + at);
        N after = before;
        M::apply(params, total, after);
        after = select(N::load(used) > N(0), after + N(0), before);
        after.store(call.weights + at);
        P flags[N::width];
        select(differ(after, before), N(1), N(0)).store(flags);
        for (std::size_t i = 0; i < N::width; ++i) {
          if (flags[i] == P(0)) continue;
          call.changed_entries[at + i] = 1;
          call.moved = true;
        }
        call.finite = call.finite && N::all((after - after) == N(0));
      }
    }
  }
}

template <class M, class P>
constexpr synapse_kernels<P> make_synapse_kernels() {
  synapse_kernels<P> kernels;
  if constexpr (is_plastic<M>) {
    kernels.learn_dense = &learn_dense<M, simd::number<P>>;
    kernels.learn_sliced = &learn_sliced<M, simd::number<P>>;
  }
  return kernels;
}

}  // namespace locus::detail
