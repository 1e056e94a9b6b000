#pragma once
/// The sweeps of a neuron model's rules over a population, generic over the model. Compiled per target.

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <iterator>
#include <tuple>
#include <type_traits>
#include <utility>

#include "sim/core/activation.hpp"
#include "sim/core/model.hpp"
#include "sim/engine/kernels.hpp"
#include "sim/engine/simd.hpp"
#include "sim/engine/unroll.hpp"

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

/// The writer of field i, as a constant.
template <class M, std::size_t i>
consteval field field_of() {
  constexpr auto fields = M::fields;
  return std::get<i>(members<field_count<M>>(fields));
}

/// What a sweep finds about the fields, gathered bit by bit in registers.
template <class N, std::size_t n>
struct panel_counts {
  std::array<N, n> changes, present, events;
  panel_counts() {
    for (std::size_t i = 0; i < n; ++i) changes[i] = present[i] = events[i] = N(0);
  }
};

/// Applies `rule` to the panels of a call and stores the fields that `by` owns: -0 becomes +0, neurons past the end
/// stay 0, changed bits are noted.
template <class M, class N, writer by>
class field_sweep {
 public:
  using P = scalar_of<N>;
  using state = typename M::template state<N>;
  static constexpr std::size_t n_fields = field_count<M>;
  static constexpr std::size_t vectors = panel_width / N::width;

  /// Pointers are copied: after a store through one of them, the compiler would have to read them again.
  explicit field_sweep(const neuron_call<P>& call) : lanes_(call.lanes) {
    for (std::size_t i = 0; i < n_fields; ++i) {
      fields_[i] = call.fields[i];
      changes_[i] = call.changes[i];
      present_[i] = call.present[i];
      events_[i] = call.events[i];
    }
  }

  template <class Rule>
  static void run(neuron_call<P>& call, const Rule& rule) {
    const field_sweep sweep(call);
    std::array<std::uint64_t, n_fields> totals{};
    N nonfinite_bits(0);  // bits of value - value, which is +0 for finite numbers
    bool moved = false;
    for (std::size_t panel = call.first_panel; panel < call.last_panel; ++panel) {
      if (call.awake != nullptr && call.awake[panel] == 0) {
        sweep.leave_out(panel);
        call.moved_panels[panel] = 0;
        continue;
      }
      const P* const valid = panel + 1 == call.panels ? call.last_valid : nullptr;
      const bool panel_moved = sweep.one_panel(panel, valid, rule, nonfinite_bits, totals);
      call.moved_panels[panel] = panel_moved ? 1 : 0;
      moved = moved || panel_moved;
    }
    call.moved = call.moved || moved;
    call.finite = call.finite && !N::any(differ(nonfinite_bits, N(0)));
    for (std::size_t i = 0; i < n_fields; ++i) call.changed[i] += totals[i];
  }

 private:
  /// Calls f(i) for each field that `by` writes.
  template <class F>
  static void each_owned(F&& f) {
    each_index<n_fields>([&](auto i) {
      if constexpr (field_of<M, i>().by == by) f(i);
    });
  }

  void leave_out(std::size_t panel) const {
    each_owned([&](auto i) {
      if (changes_[i] == nullptr) return;
      for (std::size_t k = 0; k < panel_width; ++k) changes_[i][panel * panel_width + k] = P(0);
    });
  }

  template <class Rule>
  bool one_panel(std::size_t panel, const P* valid, const Rule& rule, N& nonfinite_bits,
                 std::array<std::uint64_t, n_fields>& totals) const {
    std::array<std::uint32_t, n_fields> present{};
    std::array<std::uint32_t, n_fields> events{};
    N moved(0);
    for (std::size_t r = 0; r < vectors; ++r) {
      panel_counts<N, n_fields> found;
      const std::size_t start = panel * lanes_ * panel_width + r * N::width;
      const N kept = valid == nullptr ? all_bits() : N::load(valid + r * N::width);
      for (std::size_t lane = 0; lane < lanes_; ++lane)
        one_vector(start + lane * panel_width, kept, rule, found, moved, nonfinite_bits);
      each_owned([&](auto i) {
        constexpr field info = field_of<M, i>();
        if constexpr (info.seen == visibility::sent) {
          present[i] |= N::bits(differ(found.present[i], N(0))) << (r * N::width);
          if (changes_[i] != nullptr) {
            found.changes[i].store(changes_[i] + panel * panel_width + r * N::width);
            totals[i] += static_cast<std::uint64_t>(sum(found.changes[i]));
          }
        }
        if constexpr (info.event) events[i] += static_cast<std::uint32_t>(sum(found.events[i]));
      });
    }
    each_owned([&](auto i) {
      constexpr field info = field_of<M, i>();
      if constexpr (info.seen == visibility::sent) present_[i][panel] = static_cast<std::uint16_t>(present[i]);
      if constexpr (info.event) events_[i][panel] = events[i];
    });
    return N::any(differ(moved, N(0)));
  }

  static N all_bits() {
    using bits = std::conditional_t<sizeof(P) == 4, std::uint32_t, std::uint64_t>;
    return N::of(std::bit_cast<P>(~bits{0}));
  }

  /// `valid`: all bits of the neurons that exist, 0 for those past the last.
  template <class Rule>
  void one_vector(std::size_t offset, N valid, const Rule& rule, panel_counts<N, n_fields>& found, N& moved,
                  N& nonfinite_bits) const {
    state before;
    auto before_members = members<n_fields>(before);
    each_index<n_fields>([&](auto i) { std::get<i>(before_members) = N::load(fields_[i] + offset); });
    state after = before;
    rule(offset, after);
    auto after_members = members<n_fields>(after);
    each_owned([&](auto i) {
      constexpr field info = field_of<M, i>();
      const N value = bits_and(std::get<i>(after_members) + N(0), valid);
      value.store(fields_[i] + offset);
      const N was = std::get<i>(before_members);
      moved = bits_or(moved, bits_xor(value, was));
      nonfinite_bits = bits_or(nonfinite_bits, value - value);
      if constexpr (info.seen == visibility::sent) {
        found.present[i] = bits_or(found.present[i], value);
        found.changes[i] = found.changes[i] + select(differ(value, was), N(1), N(0));
      }
      if constexpr (info.event) found.events[i] = found.events[i] + select(value == N(0), N(0), N(1));
    });
  }

  std::size_t lanes_;
  P *fields_[n_fields], *changes_[n_fields];
  std::uint16_t* present_[n_fields];
  std::uint32_t* events_[n_fields];
};

/// The messages of one vector of neurons on a phase's ports.
template <class Phase, class N>
inline typename Phase::template in<N> load_ports(const scalar_of<N>* const* ports, std::size_t offset) {
  typename Phase::template in<N> in;
  auto in_members = members<port_count<Phase>>(in);
  each_index<port_count<Phase>>([&](auto i) { std::get<i>(in_members) = N::load(ports[i] + offset); });
  return in;
}

/// Which of a model's parameters is an activation, the first if there are several; their number if none is.
template <class M>
consteval std::size_t activation_parameter() {
  std::size_t found = 0;
  bool wanted = true;
  std::apply(
      [&](const auto&... each) {
        ((wanted = wanted && !std::same_as<decltype(each.member), activation M::params::*>, found += wanted ? 1 : 0),
         ...);
      },
      M::parameters);
  return found;
}
template <class M>
inline constexpr bool has_activation = activation_parameter<M>() < std::tuple_size_v<decltype(M::parameters)>;

/// Whether a model's sweeps are compiled for each activation, so that nothing is decided anew for each neuron. With one
/// number at a time it would not be worth the compiler's time.
template <class M, class N>
inline constexpr bool knows_activation = has_activation<M>&& N::width > 1;

/// Calls f(constant) with the activation among a model's parameters, whichever it is; with any, if they are not to know
/// it. Inlined, as it does not depend on the target.
template <class M, class N, class F>
[[gnu::always_inline]] inline void with_activation(const void* params, const F& f) {
  if constexpr (knows_activation<M, N>) {
    constexpr auto member = std::get<activation_parameter<M>()>(M::parameters).member;
    const activation chosen = static_cast<const typename M::params*>(params)->*member;
    each_index<std::size(enum_names<activation>::all)>([&](auto i) {
      constexpr activation each = enum_names<activation>::all[i].second;
      if (chosen == each) f(std::integral_constant<activation, each>());
    });
  } else {
    f(std::integral_constant<activation, activation::identity>());
  }
}

/// A copy of a model's parameters, which stays in registers. Requires: their activation is `known`, if the sweep is to
/// know it. N: see simd.hpp.
template <class M, class N, activation known>
[[nodiscard]] typename M::params copy_of(const void* params) {
  auto copy = *static_cast<const typename M::params*>(params);
  if constexpr (knows_activation<M, N>) copy.*std::get<activation_parameter<M>()>(M::parameters).member = known;
  return copy;
}

// Flattened: a rule that stays a call of its own would pass its state through memory.

template <class M, class N, activation known>
[[gnu::flatten]] void advance_knowing(neuron_call<scalar_of<N>>& call) {
  const auto params = copy_of<M, N, known>(call.params);
  const scalar_of<N>* const clamp = call.clamp;
  const scalar_of<N>* const* const ports = call.ports;
  bool steps = call.with_step;
  if constexpr (requires { M::clamp_is_total; }) steps = steps && (clamp == nullptr || !M::clamp_is_total);
  field_sweep<M, N, writer::step>::run(call, [=](std::size_t offset, typename M::template state<N>& s) {
    if constexpr (has_step<M>) {
      if (steps) M::step::rule(params, load_ports<typename M::step, N>(ports, offset), s);
    }
    if constexpr (has_clamp<M, N>) {
      if (clamp != nullptr) M::clamp(params, N::load(clamp + offset), s);
    }
    if constexpr (has_emit<M, N>) M::emit(params, s);
  });
}

template <class M, class N, std::size_t k, activation known>
[[gnu::flatten]] void react_knowing(neuron_call<scalar_of<N>>& call) {
  using phase = std::tuple_element_t<k, typename M::reactions>;
  const auto params = copy_of<M, N, known>(call.params);
  const scalar_of<N>* const* const ports = call.ports;
  field_sweep<M, N, static_cast<writer>(k)>::run(call, [=](std::size_t offset, typename M::template state<N>& s) {
    phase::rule(params, load_ports<phase, N>(ports, offset), s);
  });
}

/// step, clamp, emit.
template <class M, class N>
void advance(neuron_call<scalar_of<N>>& call) {
  with_activation<M, N>(call.params, [&](auto known) { advance_knowing<M, N, known()>(call); });
}

/// One immediate reaction.
template <class M, class N, std::size_t k>
void react(neuron_call<scalar_of<N>>& call) {
  with_activation<M, N>(call.params, [&](auto known) { react_knowing<M, N, k, known()>(call); });
}

template <class M, class N>
consteval neuron_kernels<scalar_of<N>> make_neuron_kernels() {
  neuron_kernels<scalar_of<N>> kernels;
  kernels.advance = &advance<M, N>;
  if constexpr (has_reactions<M>) {
    static_assert(std::tuple_size_v<typename M::reactions> <= max_reactions);
    [&]<std::size_t... k>(std::index_sequence<k...>) { ((kernels.react[k] = &react<M, N, k>), ...); }
    (std::make_index_sequence<std::tuple_size_v<typename M::reactions>>{});
  }
  return kernels;
}

}  // namespace locus::detail
