#pragma once
/// The sweeps of text synapses' rules over a projection, interpreted. Included by interpreted.cpp, once per target.

#include <algorithm>

#include "sim/core/model.hpp"
#include "sim/engine/interpreted_ends.hpp"
#include "sim/engine/learning_program.hpp"
#include "sim/engine/machine.hpp"
#include "sim/engine/synapse_kernels.hpp"

namespace locus::detail {

/// theta <- fma(rate, sum over lanes of post pre, theta): the rule of so many papers that it has the compiled kernels.
struct product_rule {
  struct params {
    double rate = 0;
  };
  template <class T>
  struct ends {
    T pre, post;
  };
  template <class T>
  static void accumulate(const params&, const ends<T>& e, T& sum) {
    sum = fma(e.post, e.pre, sum);
  }
  template <class T>
  static void apply(const params& p, const T& sum, T& theta) {
    theta = fma(T(p.rate), sum, theta);
  }
  static constexpr idle_rule idle = {.when_gate_is_zero = true};
};

/// Where a synapse of a block is: a row holds the synapses of 16 targets with one source each.
struct block_row {
  std::size_t row = 0;     ///< of the state: [row][16], [row][lane][16]
  std::size_t source = 0;  ///< dense
  std::size_t before = 0;  ///< dense: where what the source brings begins
};

/// Interprets a rule for blocks of rows of one panel of targets.
template <class N, class Index>
class learner {
 public:
  using P = scalar_of<N>;
  static constexpr bool sliced = !std::is_void_v<Index>;
  static constexpr std::size_t vectors = panel_width / N::width;
  static constexpr std::size_t most_rows = 64;

  learner(learn_call<P>& call, const learning_programs<P>& rule, const Index* sources)
      : call_(call),
        rule_(rule),
        sources_(sources),
        rows_(rows_of(rule)),
        block_(rows_ * panel_width),
        scratch_((rule.sums + rule.fields + rule.pre_parts) * block_),
        lane_space_(rule.lane, block_),
        apply_space_(rule.apply, block_) {
    for (std::size_t f = 0; f < rule.fields; ++f)
      shared_written_ = shared_written_ || (rule.written[f] && !rule.per_lane[f]);
  }

  [[nodiscard]] std::size_t rows() const { return rows_; }

  void begin_panel(std::size_t panel) {
    panel_ = panel;
    for (std::size_t k = 0; k < rule_.sums; ++k) {
      const sum_plan& s = rule_.sum[k];
      if (s.of != sum_plan::kind::post) continue;
      for (std::size_t r = 0; r < panel_width; r += N::width) {
        N total(0);
        if (!call_.first_places)  // each column keeps them
          total = N::load(kept_sum(k, panel * call_.sources + call_.active.indices[0]) + r);
        for (std::size_t lane = 0; lane < call_.lanes; ++lane) {
          const std::size_t at = (panel * call_.lanes + lane) * panel_width + r;
          const N a = N::load(call_.post[s.a] + at);
          total = s.product ? fma(a, N::load(call_.post[s.b] + at), total) : total + a;
        }
        total.store(post_sums_[k] + r);
      }
    }
    // What of the panel are neurons; of the entries of sliced projections, each row says for itself.
    for (std::size_t i = 0; i < panel_width; ++i) valid_[i] = panel * panel_width + i < call_.targets ? P(1) : P(0);
  }

  /// `rows` of the panel; of sliced projections, `rank` of the first of them.
  void learn(const block_row* rows, std::size_t count, std::size_t rank) {
    first_row_ = rows[0].row;
    for (std::size_t k = 0; k < rule_.sums; ++k) {
      const bool of_post = rule_.sum[k].of == sum_plan::kind::post;  // for all rows of a panel the same
      add_up(rule_.sum[k], sum(k), rows, count);
      for (std::size_t i = 0; of_post && !call_.last_places && i < count; ++i)
        std::copy_n(post_sums_[k], panel_width, sum(k) + i * panel_width);
      apply_frame_[rule_.apply.first_port() + k] = of_post ? row<P>{post_sums_[k], 0} : row<P>{sum(k), panel_width};
    }
    for (std::size_t f = 0; f < rule_.fields; ++f) {
      if (!rule_.per_lane[f]) lane_frame_[f] = apply_frame_[f] = field(f, rows, count, 1, 0);
    }
    if (rule_.has_lane_program) run_lanes(rows, count, rank);
    if (shared_written_ && call_.last_places) run_apply(rows, count, rank);
  }

  void finish() {
    call_.moved = call_.moved || moved_;
    call_.weights_moved = call_.weights_moved || weights_moved_;
    call_.finite = call_.finite && !N::any(differ(nonfinite_bits_, N(0)));
  }

 private:
  /// Programs of many registers work on fewer rows at a time.
  static std::size_t rows_of(const learning_programs<P>& rule) {
    const std::size_t registers = std::max({rule.lane.registers, rule.apply.registers, std::size_t{1}});
    return std::clamp(register_bytes / sizeof(P) / registers / panel_width, std::size_t{1}, most_rows);
  }

  /// A field of some rows, in one lane: where it is, if the rows follow each other, else a copy.
  [[nodiscard]] row<P> field(std::size_t f, const block_row* rows, std::size_t count, std::size_t lanes,
                             std::size_t lane) {
    const auto place = [&](std::size_t i) { return call_.state[f] + (rows[i].row * lanes + lane) * panel_width; };
    if (rows[count - 1].row - rows[0].row == count - 1) return {place(0), lanes * panel_width};
    P* const copy = scratch_.begin() + (rule_.sums + f) * block_;
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t r = 0; r < panel_width; r += N::width) N::load(place(i) + r).store(copy + i * panel_width + r);
    }
    return {copy, panel_width};
  }

  /// What the lanes of the present rows add up to.
  [[nodiscard]] P* sum(std::size_t k) const {
    return call_.sums != nullptr ? kept_sum(k, first_row_) : scratch_.begin() + k * block_;
  }
  /// Of a shared window, whose rows all are there, one after the other.
  [[nodiscard]] P* kept_sum(std::size_t k, std::size_t row) const {
    return call_.sums + (k * call_.last_panel * call_.sources + row) * panel_width;
  }
  [[nodiscard]] N sum_so_far(const P* at) const { return call_.first_places ? N(0) : N::load(at); }

  /// What the presynaptic ends of a vector of synapses bring.
  [[nodiscard]] N before(std::size_t part, const block_row& row, std::size_t lane, std::size_t r) const {
    if constexpr (sliced) {
      return N::gather(call_.pre[part] + lane * panel_width, sources_ + row.row * panel_width + r, call_.lanes);
    } else {
      return N::of(call_.pre[part][row.before + (call_.lane_at != nullptr ? call_.lane_at[lane] : lane * panel_width)]);
    }
  }

  /// to = f(first of a vector) for 16 synapses, given what f takes from the presynaptic ends: one end, if dense.
  template <class F>
  static void spread(P* to, const F& f) {
    if constexpr (sliced) {
      for (std::size_t r = 0; r < panel_width; r += N::width) f(r).store(to + r);
    } else {
      const N all = f(0);
      for (std::size_t r = 0; r < panel_width; r += N::width) all.store(to + r);
    }
  }

  void add_up(const sum_plan& s, P* to, const block_row* rows, std::size_t count) const {
    switch (s.of) {
      case sum_plan::kind::ends: return add_products(s, to, rows, count);
      case sum_plan::kind::post: break;  // begin_panel()
      case sum_plan::kind::pre:
        for (std::size_t i = 0; i < count; ++i) {
          spread(to + i * panel_width, [&](std::size_t r) {
            N total = sum_so_far(to + i * panel_width + r);
            for (std::size_t lane = 0; lane < call_.lanes; ++lane) {
              const N a = before(s.a, rows[i], lane, r);
              total = s.product ? fma(a, before(s.b, rows[i], lane, r), total) : total + a;
            }
            return total;
          });
        }
        break;
      case sum_plan::kind::lane:
        for (std::size_t i = 0; call_.first_places && i < count * panel_width; i += N::width) N(0).store(to + i);
        break;
    }
  }

  void add_products(const sum_plan& s, P* to, const block_row* rows, std::size_t count) const {
    constexpr std::size_t together = vectors >= 4 ? 2 : 4;  // rows whose sums stay in registers
    std::size_t i = 0;
    for (; i + together <= count; i += together) products_of<together>(s, to + i * panel_width, rows + i);
    for (; i < count; ++i) products_of<1>(s, to + i * panel_width, rows + i);
  }
  template <std::size_t together>
  [[gnu::always_inline]] void products_of(const sum_plan& s, P* to, const block_row* rows) const {
    const P* const post = call_.post[s.a] + panel_ * call_.lanes * panel_width;
    N total[together][vectors];
    each_index<together>([&](auto i) {
      each_index<vectors>([&](auto v) { total[i][v] = sum_so_far(to + i * panel_width + v * N::width); });
    });
    for (std::size_t lane = 0; lane < call_.lanes; ++lane) {
      each_index<vectors>([&](auto v) {
        const N after = N::load(post + lane * panel_width + v * N::width);
        each_index<together>(
            [&](auto i) { total[i][v] = fma(after, before(s.b, rows[i], lane, v * N::width), total[i][v]); });
      });
    }
    each_index<together>(
        [&](auto i) { each_index<vectors>([&](auto v) { total[i][v].store(to + i * panel_width + v * N::width); }); });
  }

  void run_lanes(const block_row* rows, std::size_t count, std::size_t rank) {
    const program_view<P>& program = rule_.lane;
    const std::size_t numbers = count * panel_width;
    const machine<N> m(lane_space_, program, block_);
    for (std::size_t lane = 0; lane < call_.lanes; ++lane) {
      for (std::size_t f = 0; f < rule_.fields; ++f) {
        if (rule_.per_lane[f]) lane_frame_[f] = field(f, rows, count, call_.lanes, lane);
      }
      for (std::size_t k = 0; k < rule_.pre_parts; ++k) {
        P* const part = scratch_.begin() + (rule_.sums + rule_.fields + k) * block_;
        for (std::size_t i = 0; i < count; ++i)
          spread(part + i * panel_width, [&](std::size_t r) { return before(k, rows[i], lane, r); });
        lane_frame_[program.first_port() + k] = {part, panel_width};
      }
      for (std::size_t k = 0; k < rule_.post_parts; ++k) {
        const P* const from = call_.post[k] + (panel_ * call_.lanes + lane) * panel_width;
        lane_frame_[program.first_port() + rule_.pre_parts + k] = {from, 0};
      }
      for (std::size_t k = 0; k < program.length; ++k) m.run(program.code[k], numbers);
      for (std::size_t k = 0; k < rule_.sums; ++k) {
        const sum_plan& s = rule_.sum[k];
        if (s.of != sum_plan::kind::lane) continue;
        const row<P> a = lane_frame_[program.result[s.a]], b = lane_frame_[program.result[s.b]];
        const row<P> so_far = {sum(k), panel_width};
        if (s.product)
          each_number<N>(
              numbers, sum(k), [](N total, N x, N y) { return fma(x, y, total); }, so_far, a, b);
        else
          each_number<N>(
              numbers, sum(k), [](N total, N x) { return total + x; }, so_far, a);
      }
      for (std::size_t f = 0; f < rule_.fields; ++f) {
        if (rule_.per_lane[f] && rule_.written[f])
          settle(f, lane_frame_[program.result[f]], rows, count, rank, call_.lanes, lane);
      }
    }
  }

  void run_apply(const block_row* rows, std::size_t count, std::size_t rank) {
    const program_view<P>& program = rule_.apply;
    const std::size_t numbers = count * panel_width;
    const machine<N> m(apply_space_, program, block_);
    for (std::size_t k = 0; k < program.length; ++k) m.run(program.code[k], numbers);
    for (std::size_t f = 0; f < rule_.fields; ++f) {
      if (rule_.per_lane[f] || !rule_.written[f] || (f == 0 && call_.keep_theta)) continue;
      settle(f, apply_frame_[program.result[f]], rows, count, rank, 1, 0);
    }
  }

  /// Stores a field's new values where there are synapses, and notes what changed.
  void settle(std::size_t f, const row<P>& result, const block_row* rows, std::size_t count, std::size_t rank,
              std::size_t lanes, std::size_t lane) {
    if (f == rule_.weight) settle_as<true>(f, result, rows, count, rank, lanes, lane);
    else settle_as<false>(f, result, rows, count, rank, lanes, lane);
  }
  template <bool is_weight>
  void settle_as(std::size_t f, row<P> result, const block_row* rows, std::size_t count, std::size_t rank,
                 std::size_t lanes, std::size_t lane) {
    P* const field = call_.state[f];
    N moved(0), nonfinite_bits = nonfinite_bits_;  // in registers, as what follows
    const P* const there = sliced ? call_.degree + panel_ * panel_width : valid_;
    N synapses[vectors];
    each_index<vectors>([&](auto v) { synapses[v] = N::load(there + v * N::width); });
    for (std::size_t i = 0; i < count; ++i, result.at += result.step) {
      P* const at = field + (rows[i].row * lanes + lane) * panel_width;
      const N before(sliced ? static_cast<double>(rank + i) : 0.0);
      std::uint32_t changed = 0;
      each_index<vectors>([&](auto v) {
        constexpr std::size_t r = v() * N::width;
        const N was = N::load(at + r);
        const N value = select(synapses[v] > before, N::load(result.at + r) + N(0), was);
        value.store(at + r);
        nonfinite_bits = bits_or(nonfinite_bits, value - value);
        moved = bits_or(moved, bits_xor(value, was));
        if constexpr (is_weight) changed |= N::bits(differ(value, was)) << r;
      });
      if (!is_weight || changed == 0) continue;
      if constexpr (sliced) {
        call_.changed_entries[rows[i].row] = static_cast<std::uint16_t>(call_.changed_entries[rows[i].row] | changed);
      } else {
        call_.changed_weights[rows[i].source] += static_cast<std::uint32_t>(__builtin_popcount(changed));
      }
    }
    nonfinite_bits_ = nonfinite_bits;
    if (!N::any(differ(moved, N(0)))) return;
    moved_ = true;
    weights_moved_ = weights_moved_ || is_weight;
  }

  learn_call<P>& call_;
  const learning_programs<P>& rule_;
  const Index* sources_;
  std::size_t panel_ = 0;
  const std::size_t rows_, block_;
  std::size_t first_row_ = 0;  ///< of those that learn at present
  bool shared_written_ = false, moved_ = false, weights_moved_ = false;
  N nonfinite_bits_{0};
  room<N, P, register_bytes / sizeof(P)> scratch_;  ///< of a block: sums, copies of fields, presynaptic parts
  workspace<N> lane_space_, apply_space_;
  row<P>* const lane_frame_ = lane_space_.frame;
  row<P>* const apply_frame_ = apply_space_.frame;
  alignas(64) P valid_[panel_width];
  alignas(64) P post_sums_[max_synapse_members][panel_width];
};

/// Learns by compiled kernels, if the rule is a product: learn(call) with the parts and parameters of product_rule.
template <class P, class Learn>
[[nodiscard]] bool learn_product(learn_call<P>& call, const learning_programs<P>& rule, const Learn& learn) {
  if (!rule.only_product) return false;
  const product_rule::params params{rule.rate};
  const P* const pre = call.pre[rule.sum[0].b];
  const P* const post = call.post[rule.sum[0].a];
  learn_call<P> product = call;
  product.pre = &pre;
  product.post = &post;
  product.params = &params;
  if (!rule.idle_without_gate) product.gate_at = gate_position::none;
  learn(product);
  call.moved = product.moved;
  call.weights_moved = product.weights_moved;
  call.finite = product.finite;
  return true;
}

template <class N>
[[nodiscard]] bool rests(const learn_call<scalar_of<N>>& call, bool idle_without_gate, std::size_t panel) {
  return idle_without_gate && call.gate_at == gate_position::post && call.gate_present[panel] == 0;
}

template <class N>
void interpret_dense(learn_call<scalar_of<N>>& call) {
  using P = scalar_of<N>;
  const learning_programs<P>& rule = learning_programs_of<P>(call.params, call.gate_at);
  const auto learn = [](learn_call<P>& product) { learn_panels<product_rule, N, gate_position::none>(product); };
  if (learn_product(call, rule, learn)) return;
  learner<N, void> learning(call, rule, nullptr);
  block_row rows[learner<N, void>::most_rows];
  for (std::size_t panel = call.first_panel; panel < call.last_panel; ++panel) {
    if (rests<N>(call, rule.idle_without_gate, panel)) continue;
    learning.begin_panel(panel);
    for (std::size_t s = 0; s < call.active.count;) {
      std::size_t count = 0;
      for (; count < learning.rows() && s < call.active.count; ++s, ++count) {
        const std::size_t source = call.active.indices == nullptr ? s : call.active.indices[s];
        const std::size_t before =
            call.source_at != nullptr ? call.source_at[source] : field_offset(source, 0, call.lanes);
        rows[count] = {panel * call.sources + source, source, before};
      }
      learning.learn(rows, count, 0);
    }
  }
  learning.finish();
}

template <class N, class Index>
void interpret_slices(learn_call<scalar_of<N>>& call, const Index* sources) {
  using P = scalar_of<N>;
  const learning_programs<P>& rule = learning_programs_of<P>(call.params, call.gate_at);
  const auto learn = [&](learn_call<P>& product) { learn_slices<product_rule, N>(product, sources); };
  if (learn_product(call, rule, learn)) return;
  learner<N, Index> learning(call, rule, sources);
  block_row rows[learner<N, Index>::most_rows];
  for (std::size_t panel = call.first_panel; panel < call.last_panel; ++panel) {
    if (rests<N>(call, rule.idle_without_gate, panel)) continue;
    learning.begin_panel(panel);
    const std::size_t first = call.slice_start[panel], last = call.slice_start[panel + 1];
    for (std::size_t entry = first; entry < last;) {
      const std::size_t rank = entry - first;
      std::size_t count = 0;
      for (; count < learning.rows() && entry < last; ++entry, ++count) rows[count] = {entry, 0, 0};
      learning.learn(rows, count, rank);
    }
  }
  learning.finish();
}

template <class N>
void interpret_sliced(learn_call<scalar_of<N>>& call) {
  call.slice_source.visit([&](const auto* sources) { interpret_slices<N>(call, sources); });
}

template <class N>
synapse_kernels<scalar_of<N>> interpreted_synapses() {
  return {&compute_parts<N>, 1, &interpret_dense<N>, &interpret_sliced<N>};
}

}  // namespace locus::detail
