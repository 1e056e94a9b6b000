#pragma once
/// The sweeps of a synapse model's rule over a projection, generic over the model. Compiled per target.

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "sim/core/model.hpp"
#include "sim/engine/kernels.hpp"
#include "sim/engine/simd.hpp"
#include "sim/engine/unroll.hpp"

namespace locus::detail {

template <class M>
concept is_plastic = requires {
  sizeof(typename M::template ends<char>);
};

/// What a model sums over the lanes, as many numbers of type T.
template <class M>
inline constexpr std::size_t sum_count = sizeof(sums_of<M, char>);

/// Applies the sums to the weights of one vector of targets; returns how many changed a bit. `nonfinite_bits` gathers
/// the bits of value - value, which is +0 for finite numbers.
template <class M, class N>
inline std::size_t update_weights(const typename M::params& params, const sums_of<M, N>& sums, scalar_of<N>* weights,
                                  N& nonfinite_bits) {
  const N before = N::load(weights);
  N after = before;
  M::apply(params, sums, after);
  after = after + N(0);
  after.store(weights);
  nonfinite_bits = bits_or(nonfinite_bits, after - after);
  return N::width - N::count(agree(after, before));
}

/// A dense sweep. All that the loops need is copied into locals: after a store of weights, the compiler would have to
/// read members again.
template <class M, class N, gate_position gate_at>
class dense_learning {
 public:
  using P = scalar_of<N>;
  static constexpr std::size_t vectors = panel_width / N::width;  ///< of a panel
  /// Sources whose sums, for two vectors of targets, fill three quarters of the registers. A multiply-add has to wait
  /// for the one of the lane before it; so many others hide that. Each lane then loads two vectors and a number for
  /// each source, which is less than two loads for two multiply-adds.
  static constexpr std::size_t wide = std::max<std::size_t>(1, N::registers * 3 / 4 / 2 / sum_count<M>);

  /// A vector of targets: which panel's, and where in the panel.
  struct vector_place {
    std::size_t panel = 0;
    std::size_t offset = 0;
  };

  explicit dense_learning(const learn_call<P>& call)
      : call_(call), params_(*static_cast<const typename M::params*>(call.params)) {}

  /// All active sources against these panels of targets.
  template <std::size_t rows>
  void learn_rows(const std::size_t (&panels)[rows]) {
    if (call_.lanes == 1) return learn_one_lane<rows>(panels);
    vector_place pair[2];
    std::size_t waiting = 0;
    each_vector<rows>([&](auto k, auto r) {
      pair[waiting++] = {panels[k], r * N::width};
      if (waiting < 2) return;
      learn_vectors<2>(pair);
      waiting = 0;
    });
    if constexpr (vectors % 2 != 0 && rows == 1) learn_vectors<1>({pair[0]});
  }

  /// All columns of a shared window against a panel of channels, no more vectors of them than it takes.
  void learn_columns(std::size_t panel) {
    const std::size_t needed = (std::min(call_.targets - panel * panel_width, panel_width) + N::width - 1) / N::width;
    if constexpr (all_shapes && vectors <= 4) {
      each_index<vectors - 1>([&](auto less) {
        if (needed == less + 1) learn_columns_of<less + 1>(panel);
      });
      if (needed < vectors) return;
    }
    learn_columns_of<vectors>(panel);
  }

  [[nodiscard]] bool moved() const { return changed_ != 0; }
  [[nodiscard]] bool finite() const { return !N::any(differ(nonfinite_bits_, N(0))); }

 private:
  static constexpr bool pre_gated = reads_gate<M> && gate_at == gate_position::pre;
  /// A rule that sees the modulator itself is compiled for each place that it can have: then for fewer shapes of
  /// blocks.
  static constexpr bool all_shapes = !reads_gate<M>;

  /// The modulator of targets, unless it is the sources'.
  static N gate_of_target(const learn_call<P>& call, std::size_t target, std::size_t lane_offset) {
    if constexpr (gate_at == gate_position::post) return N::load(call.gate + target);
    if constexpr (gate_at == gate_position::everywhere) return N::of(call.gate[lane_offset]);
    return N(1);
  }

  template <std::size_t rows, class F>
  [[gnu::always_inline]] static void each_vector(F f) {
    each_index<rows>([&](auto k) { each_index<vectors>([&](auto r) { f(k, r); }); });
  }

  /// What the targets bring stays in registers over all sources.
  template <std::size_t rows>
  [[gnu::flatten]] void learn_one_lane(const std::size_t (&panels)[rows]) {
    const learn_call<P> call = call_;
    const typename M::params params = params_;
    typename M::template ends<N> ends[rows][vectors];
    P* weights[rows];
    P* const theta = call.state[0];
    const P* const pre = call.pre[0];
    const P* const post = call.post[0];
    each_vector<rows>([&](auto k, auto r) {
      const std::size_t target = panels[k] * panel_width + r * N::width;
      weights[k] = theta + panels[k] * call.sources * panel_width;
      ends[k][r].post = N::load(post + target);
      if constexpr (reads_gate<M>) ends[k][r].gate = gate_of_target(call, target, 0);
    });
    N nonfinite_bits(0);
    std::size_t all_changed = 0;
    for (std::size_t s = 0; s < call.active.count; ++s) {
      const std::size_t source = call.active.indices == nullptr ? s : call.active.indices[s];
      const N before = N::of(pre[source]);
      std::size_t changed = 0;
      each_vector<rows>([&](auto k, auto r) {
        ends[k][r].pre = before;
        if constexpr (pre_gated) ends[k][r].gate = N::of(call.gate[source]);
        sums_of<M, N> sums = empty_sums<M, N>();
        M::accumulate(params, ends[k][r], sums);
        changed += update_weights<M>(params, sums, weights[k] + source * panel_width + r * N::width, nonfinite_bits);
      });
      call.changed_weights[source] += static_cast<std::uint32_t>(changed);
      all_changed += changed;
    }
    nonfinite_bits_ = bits_or(nonfinite_bits_, nonfinite_bits);
    changed_ += all_changed;
  }

  /// Where the sweep over all sources finds some vectors of targets.
  template <std::size_t count>
  struct target_vectors {
    std::size_t weights_at[count];  ///< weights from source 0
    std::size_t field_at[count];    ///< lane 0, in the fields of the postsynaptic end
  };
  [[nodiscard]] std::size_t weights_at(const vector_place& v) const {
    return v.panel * call_.sources * panel_width + v.offset;
  }
  [[nodiscard]] std::size_t field_at(const vector_place& v) const {
    return v.panel * call_.lanes * panel_width + v.offset;
  }

  template <std::size_t count>
  [[gnu::flatten]] void learn_vectors(const vector_place (&vectors_of)[count]) {
    target_vectors<count> targets;
    each_index<count>([&](auto k) {
      targets.weights_at[k] = weights_at(vectors_of[k]);
      targets.field_at[k] = field_at(vectors_of[k]);
    });
    std::size_t first = 0;
    if constexpr (all_shapes) {
      if (call_.active.indices == nullptr) {
        for (; first + panel_width <= call_.active.count; first += panel_width) learn_panel(targets, first);
      }
    }
    while (first + wide <= call_.active.count) first += learn_listed<wide, false>(targets, first);
    if constexpr (all_shapes && wide > 2) {
      while (first + 2 <= call_.active.count) first += learn_listed<2, false>(targets, first);
    }
    while (first < call_.active.count) first += learn_listed<1, false>(targets, first);
  }

  /// A panel of sources, in nearly equal parts.
  template <std::size_t count>
  [[gnu::always_inline]] void learn_panel(const target_vectors<count>& targets, std::size_t first) {
    constexpr std::size_t parts = (panel_width + wide - 1) / wide;
    each_index<parts>([&](auto part) {
      constexpr std::size_t begin = part() * panel_width / parts, end = (part() + 1) * panel_width / parts;
      std::size_t sources[end - begin], places[end - begin];
      each_index<end - begin>([&](auto s) {
        sources[s] = first + begin + s;
        places[s] = first * call_.lanes + begin + s;  // field_offset, of sources one after the other in a panel
      });
      learn_block<false>(targets, sources, places);
    });
  }

  /// As many columns at once as keep their accumulators in registers, and so many that the latency of a multiply-add
  /// does not count; then what is left.
  template <std::size_t used>
  void learn_columns_of(std::size_t panel) {
    constexpr std::size_t many[] = {9, 8, 6, 5}, few[] = {9, 6, 3, 2};  // measured
    constexpr std::size_t widest = used > 4 ? 1 : (N::registers >= 32 ? many : few)[(used - 1) % 4];
    target_vectors<used> targets;
    each_index<used>([&](auto k) {
      targets.weights_at[k] = weights_at({panel, k * N::width});
      targets.field_at[k] = field_at({panel, k * N::width});
    });
    std::size_t s = 0;
    while (s + widest <= call_.active.count) s += learn_listed<widest, true>(targets, s);
    if constexpr (all_shapes && widest > 3) {
      while (s + 3 <= call_.active.count) s += learn_listed<3, true>(targets, s);
    }
    while (s < call_.active.count) s += learn_listed<1, true>(targets, s);
  }

  /// `block` consecutive entries of the source list. Returns how many these are.
  template <std::size_t block, bool windows, std::size_t count>
  [[gnu::flatten]] std::size_t learn_listed(const target_vectors<count>& targets, std::size_t first) {
    std::size_t sources[block], places[block];
    each_index<block>([&](auto s) {
      sources[s] = call_.active.indices == nullptr ? first + s : call_.active.indices[first + s];
      places[s] = windows ? call_.source_at[sources[s]] : field_offset(sources[s], 0, call_.lanes);
    });
    learn_block<windows>(targets, sources, places);
    return block;
  }

  /// Some sources, whose sums stay in registers over all lanes. `places`: of their lane 0, in the fields of the
  /// presynaptic end.
  template <bool windows, std::size_t count, std::size_t block>
  [[gnu::always_inline]] void learn_block(const target_vectors<count>& targets, const std::size_t (&source)[block],
                                          const std::size_t (&places)[block]) {
    const typename M::params params = params_;
    const std::size_t lanes = call_.lanes;
    const std::uint32_t* const lane_at = call_.lane_at;
    const P* const post = call_.post[0];
    const P* pre[block];
    const P* pre_gate[block];
    sums_of<M, N> total[block][count];
    each_index<block>([&](auto s) {
      pre[s] = call_.pre[0] + places[s];
      pre_gate[s] = pre_gated ? call_.gate + places[s] : nullptr;
      each_index<count>([&](auto k) {
        total[s][k] = empty_sums<M, N>();
        if (windows && !call_.first_places)
          __builtin_memcpy(&total[s][k], kept_sums(targets.weights_at[k], source[s]), sizeof(sums_of<M, N>));
      });
    });
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const std::size_t step = lane * panel_width;
      const std::size_t before_at = windows ? lane_at[lane] : step;
      typename M::template ends<N> ends[count];
      each_index<count>([&](auto k) {
        ends[k].post = N::load(post + targets.field_at[k] + step);
        if constexpr (reads_gate<M>) ends[k].gate = gate_of_target(call_, targets.field_at[k] + step, step);
      });
      each_index<block>([&](auto s) {
        const N before = N::of(pre[s][before_at]);
        each_index<count>([&](auto k) {
          ends[k].pre = before;
          if constexpr (pre_gated) ends[k].gate = N::of(pre_gate[s][before_at]);
          M::accumulate(params, ends[k], total[s][k]);
        });
      });
    }
    if (windows && !call_.last_places) {
      each_index<block>([&](auto s) {
        each_index<count>([&](auto k) {
          __builtin_memcpy(kept_sums(targets.weights_at[k], source[s]), &total[s][k], sizeof(sums_of<M, N>));
        });
      });
      return;
    }
    N nonfinite_bits = nonfinite_bits_;
    std::size_t all_changed = 0;
    P* const theta = call_.state[0];
    std::uint32_t* const changed_weights = call_.changed_weights;
    each_index<block>([&](auto s) {
      std::size_t changed = 0;
      each_index<count>([&](auto k) {
        P* const weights = theta + targets.weights_at[k] + source[s] * panel_width;
        changed += update_weights<M>(params, total[s][k], weights, nonfinite_bits);
      });
      changed_weights[source[s]] += static_cast<std::uint32_t>(changed);
      all_changed += changed;
    });
    nonfinite_bits_ = nonfinite_bits;
    changed_ += all_changed;
  }

  /// Where the sums of a vector of synapses from a source are kept between some places and the next.
  [[nodiscard]] P* kept_sums(std::size_t weights_at, std::size_t source) const {
    return call_.sums + (weights_at + source * panel_width) * sum_count<M>;
  }

  const learn_call<P> call_;
  const typename M::params params_;
  N nonfinite_bits_{0};
  std::size_t changed_ = 0;
};

template <class M, class N, gate_position gate_at>
void learn_panels(learn_call<scalar_of<N>>& call) {
  dense_learning<M, N, gate_at> sweep(call);
  const bool some_rest = M::idle.when_gate_is_zero && call.gate_at == gate_position::post;
  std::size_t pair[2];
  std::size_t waiting = 0;
  for (std::size_t panel = call.first_panel; panel < call.last_panel; ++panel) {
    if (some_rest && call.gate_present[panel] == 0) continue;
    if (call.source_at != nullptr) {
      sweep.learn_columns(panel);
      continue;
    }
    pair[waiting++] = panel;
    if (waiting < 2) continue;
    sweep.template learn_rows<2>(pair);
    waiting = 0;
  }
  if (waiting == 1) sweep.template learn_rows<1>({pair[0]});
  call.moved = call.weights_moved = call.moved || sweep.moved();
  call.finite = call.finite && sweep.finite();
}

template <class M, class N>
void learn_dense(learn_call<scalar_of<N>>& call) {
  if constexpr (!reads_gate<M>) return learn_panels<M, N, gate_position::none>(call);
  else switch (call.gate_at) {
      case gate_position::none: return learn_panels<M, N, gate_position::none>(call);
      case gate_position::pre: return learn_panels<M, N, gate_position::pre>(call);
      case gate_position::post: return learn_panels<M, N, gate_position::post>(call);
      case gate_position::everywhere: return learn_panels<M, N, gate_position::everywhere>(call);
    }
}

/// The modulator of a vector of sliced synapses from these sources, of targets at `offset`.
template <class N, class Index>
N gate_of_entry(const learn_call<scalar_of<N>>& call, const Index* sources, std::size_t offset,
                std::size_t lane_offset) {
  switch (call.gate_at) {
    case gate_position::none: break;
    case gate_position::pre: return N::gather(call.gate + lane_offset, sources, call.lanes);
    case gate_position::post: return N::load(call.gate + offset);
    case gate_position::everywhere: return N::of(call.gate[lane_offset]);
  }
  return N(1);
}

template <class M, class N, class Index>
void learn_slices(learn_call<scalar_of<N>>& call, const Index* sources) {
  using P = scalar_of<N>;
  const auto params = *static_cast<const typename M::params*>(call.params);
  P* const theta = call.state[0];
  const P* const pre = call.pre[0];
  const P* const post = call.post[0];
  N nonfinite_bits(0);
  bool moved = false;
  for (std::size_t panel = call.first_panel; panel < call.last_panel; ++panel) {
    if (M::idle.when_gate_is_zero && call.gate_at == gate_position::post && call.gate_present[panel] == 0) continue;
    for (std::size_t entry = call.slice_start[panel]; entry < call.slice_start[panel + 1]; ++entry) {
      const N rank(static_cast<double>(entry - call.slice_start[panel]));
      std::uint32_t changed = 0;
      for (std::size_t r = 0; r < panel_width; r += N::width) {
        const std::size_t at = entry * panel_width + r;
        sums_of<M, N> total = empty_sums<M, N>();
        for (std::size_t lane = 0; lane < call.lanes; ++lane) {
          const std::size_t offset = (panel * call.lanes + lane) * panel_width + r;
          typename M::template ends<N> ends;
          ends.pre = N::gather(pre + lane * panel_width, sources + at, call.lanes);
          ends.post = N::load(post + offset);
          if constexpr (reads_gate<M>) ends.gate = gate_of_entry<N>(call, sources + at, offset, lane * panel_width);
          M::accumulate(params, ends, total);
        }
        P* const weights = theta + at;
        const N before = N::load(weights);
        N after = before;
        M::apply(params, total, after);
        after = select(N::load(call.degree + panel * panel_width + r) > rank, after + N(0), before);
        after.store(weights);
        nonfinite_bits = bits_or(nonfinite_bits, after - after);
        changed |= N::bits(differ(after, before)) << r;
      }
      if (changed == 0) continue;
      call.changed_entries[entry] = static_cast<std::uint16_t>(call.changed_entries[entry] | changed);
      moved = true;
    }
  }
  call.moved = call.weights_moved = call.moved || moved;
  call.finite = call.finite && !N::any(differ(nonfinite_bits, N(0)));
}

template <class M, class N>
void learn_sliced(learn_call<scalar_of<N>>& call) {
  call.slice_source.visit([&](const auto* sources) { learn_slices<M, N>(call, sources); });
}

/// What the modulator makes of its end: the one part of that end.
template <class M, class N>
void modulate(const ends_call<scalar_of<N>>& call) {
  const auto params = *static_cast<const typename M::params*>(call.params);
  const bool everywhere = call.gate_at == gate_position::everywhere;
  const auto *const gates = call.gate, *const end = call.outputs[0];
  auto* const part = call.parts[0];
  std::size_t at = 0;
  for (std::size_t panel = 0; panel < call.panels; ++panel) {
    for (std::size_t lane = 0; lane < call.lanes; ++lane) {
      for (std::size_t r = 0; r < panel_width; r += N::width, at += N::width) {
        const N gate = everywhere ? N::of(gates[lane * panel_width]) : N::load(gates + at);
        M::modulate(params, gate, N::load(end + at)).store(part + at);
      }
    }
  }
}

template <class M, class N>
consteval synapse_kernels<scalar_of<N>> make_synapse_kernels() {
  synapse_kernels<scalar_of<N>> kernels;
  if constexpr (is_plastic<M>) {
    if constexpr (modulates<M>) kernels.ends = &modulate<M, N>;
    kernels.sums = sum_count<M>;
    kernels.learn_dense = &learn_dense<M, N>;
    kernels.learn_sliced = &learn_sliced<M, N>;
  }
  return kernels;
}

}  // namespace locus::detail
