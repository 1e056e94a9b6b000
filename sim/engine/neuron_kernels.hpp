#pragma once
/// The sweeps of a neuron model's rules over a population, generic over the model. Compiled per target.

#include <array>
#include <concepts>
#include <cstddef>
#include <tuple>
#include <utility>

#include "sim/core/model.hpp"
#include "sim/engine/kernels.hpp"
#include "sim/engine/simd.hpp"

namespace locus::detail {

template <class M>
inline constexpr std::size_t field_count = member_count<M::template state>;
template <class Phase>
inline constexpr std::size_t port_count = member_count<Phase::template in>;

template <class M>
concept has_step = requires {
  typename M::step;
};
template <class M>
concept has_reactions = requires {
  typename M::reactions;
};
template <class M, class N>
concept has_emit = requires(const typename M::params& p, typename M::template state<N>& s) {
  M::emit(p, s);
};
template <class M, class N>
concept has_clamp = requires(const typename M::params& p, const N& v, typename M::template state<N>& s) {
  M::clamp(p, v, s);
};

/// Calls f(constant<0>) ... f(constant<n-1>).
template <std::size_t n, class F>
inline void each_index(F&& f) {
  [&]<std::size_t... i>(std::index_sequence<i...>) { (f(std::integral_constant<std::size_t, i>{}), ...); }
  (std::make_index_sequence<n>{});
}

/// The writer of field i, as a constant.
template <class M, std::size_t i>
consteval field field_of() {
  constexpr auto fields = M::fields;
  return std::get<i>(members<field_count<M>>(fields));
}

/// Loads all fields of one vector of neurons, applies `rule`, and stores the fields that `by` owns: -0 becomes +0,
/// neurons past the end stay 0, changed bits are noted.
template <class M, class N, writer by>
class field_sweep {
 public:
  using scalar = scalar_of<N>;
  using state = typename M::template state<N>;
  static constexpr std::size_t n_fields = field_count<M>;
  static constexpr std::size_t vectors = panel_width / N::width;

  explicit field_sweep(neuron_call<scalar>& call) : call_(call) {}

  template <class Rule>
  void run(Rule&& rule) {
    for (std::size_t panel = call_.first_panel; panel < call_.last_panel; ++panel) {
      const bool masked = panel + 1 == call_.panels;
      for (std::size_t r = 0; r < vectors; ++r) one_column(panel, r, masked, rule);
    }
    finish();
  }

 private:
  template <class Rule>
  void one_column(std::size_t panel, std::size_t r, bool masked, Rule& rule) {
    std::array<N, n_fields> changes;
    for (N& c : changes) c = N(0);
    const N valid = N::load(call_.last_valid + r * N::width);
    for (std::size_t lane = 0; lane < call_.lanes; ++lane) {
      const std::size_t offset = (panel * call_.lanes + lane) * panel_width + r * N::width;
      state before;
      auto before_members = members<n_fields>(before);
      each_index<n_fields>([&](auto i) { std::get<i>(before_members) = N::load(call_.fields[i] + offset); });
      state after = before;
      rule(offset, after);
      auto after_members = members<n_fields>(after);
      each_index<n_fields>([&](auto i) {
        constexpr field info = field_of<M, i>();
        if constexpr (info.by == by) {
          N value = std::get<i>(after_members) + N(0);
          if (masked) value = select(valid > N(0), value, N(0));
          value.store(call_.fields[i] + offset);
          const auto changed = differ(value, std::get<i>(before_members));
          moved_ = moved_ | changed;
          finite_ = finite_ & ((value - value) == N(0));
          if constexpr (info.seen == visibility::sent) {
            nonzero_[i] = nonzero_[i] | !(value == N(0));
            changes[i] = changes[i] + select(changed, N(1), N(0));
          }
        }
      });
    }
    each_index<n_fields>([&](auto i) {
      constexpr field info = field_of<M, i>();
      if constexpr (info.by == by && info.seen == visibility::sent) {
        if (call_.changes[i] == nullptr) return;
        changes[i].store(call_.changes[i] + panel * panel_width + r * N::width);
        call_.changed[i] += static_cast<std::uint64_t>(sum(changes[i]));
      }
    });
  }

  void finish() {
    call_.moved = call_.moved || N::any(moved_);
    call_.finite = call_.finite && N::all(finite_);
    each_index<n_fields>([&](auto i) { call_.nonzero[i] = call_.nonzero[i] || N::any(nonzero_[i]); });
  }

  static std::array<typename N::mask, n_fields> no_masks() {
    std::array<typename N::mask, n_fields> masks;
    for (auto& m : masks) m = N::none();
    return masks;
  }

  neuron_call<scalar>& call_;
  typename N::mask moved_ = N::none();
  typename N::mask finite_ = N::every();
  std::array<typename N::mask, n_fields> nonzero_ = no_masks();
};

/// The messages of one vector of neurons on a phase's ports.
template <class Phase, class N>
inline typename Phase::template in<N> load_ports(const scalar_of<N>* const* ports, std::size_t offset) {
  typename Phase::template in<N> in;
  auto in_members = members<port_count<Phase>>(in);
  each_index<port_count<Phase>>([&](auto i) { std::get<i>(in_members) = N::load(ports[i] + offset); });
  return in;
}

/// step, clamp, emit.
template <class M, class N>
void advance(neuron_call<scalar_of<N>>& call) {
  const auto& params = *static_cast<const typename M::params*>(call.params);
  bool steps = call.with_step;
  if constexpr (requires { M::clamp_is_total; }) steps = steps && (call.clamp == nullptr || !M::clamp_is_total);
  field_sweep<M, N, writer::step>(call).run([&](std::size_t offset, typename M::template state<N>& s) {
    if constexpr (has_step<M>) {
      if (steps) M::step::rule(params, load_ports<typename M::step, N>(call.ports, offset), s);
    }
    if constexpr (has_clamp<M, N>) {
      if (call.clamp != nullptr) M::clamp(params, N::load(call.clamp + offset), s);
    }
    if constexpr (has_emit<M, N>) M::emit(params, s);
  });
}

/// One immediate reaction.
template <class M, class N, std::size_t k>
void react(neuron_call<scalar_of<N>>& call) {
  using phase = std::tuple_element_t<k, typename M::reactions>;
  const auto& params = *static_cast<const typename M::params*>(call.params);
  field_sweep<M, N, static_cast<writer>(k)>(call).run([&](std::size_t offset, typename M::template state<N>& s) {
    phase::rule(params, load_ports<phase, N>(call.ports, offset), s);
  });
}

template <class M, class P>
constexpr neuron_kernels<P> make_neuron_kernels() {
  using N = simd::number<P>;
  neuron_kernels<P> kernels;
  kernels.advance = &advance<M, N>;
  if constexpr (has_reactions<M>) {
    static_assert(std::tuple_size_v<typename M::reactions> <= max_reactions);
    [&]<std::size_t... k>(std::index_sequence<k...>) { ((kernels.react[k] = &react<M, N, k>), ...); }
    (std::make_index_sequence<std::tuple_size_v<typename M::reactions>>{});
  }
  return kernels;
}

}  // namespace locus::detail
