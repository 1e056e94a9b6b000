#pragma once
/// Instantiates a model's rules over traced numbers. Included by generated files only.

#include <tuple>
#include <utility>

#include "sim/audit/rules.hpp"
#include "sim/core/describe.hpp"
#include "sim/core/model.hpp"
#include "sim/core/well_declared.hpp"

namespace locus::detail {

/// Copies an array into a struct of N members, and back.
template <std::size_t N, class S, class T>
void load_members([[maybe_unused]] const T* from, S& to) {
  std::apply([&](auto&... each) { ((each = *from++), ...); }, members<N>(to));
}
template <std::size_t N, class S, class T>
void store_members(S& from, T* to) {
  std::apply([&](auto&... each) { ((*to++ = each), ...); }, members<N>(from));
}

template <class Phase, class T>
typename Phase::template in<T> load_in(const T* ports) {
  typename Phase::template in<T> in;
  load_members<member_count<Phase::template in>>(ports, in);
  return in;
}

template <class M, class T>
void advance_traced(const void* params, bool with_step, const T* ports, const T* clamp, T* fields) {
  const auto& p = *static_cast<const typename M::params*>(params);
  constexpr std::size_t n = member_count<M::template state>;
  typename M::template state<T> s;
  load_members<n>(fields, s);
  if constexpr (declares_step<M>) {
    if (with_step) M::step::rule(p, load_in<typename M::step>(ports), s);
  }
  if constexpr (requires { M::clamp(p, *clamp, s); }) {
    if (clamp != nullptr) M::clamp(p, *clamp, s);
  }
  if constexpr (requires { M::emit(p, s); }) M::emit(p, s);
  store_members<n>(s, fields);
}

template <class M, class T, std::size_t k>
void react_traced(const void* params, const T* ports, T* fields) {
  using phase = std::tuple_element_t<k, typename M::reactions>;
  constexpr std::size_t n = member_count<M::template state>;
  typename M::template state<T> s;
  load_members<n>(fields, s);
  phase::rule(*static_cast<const typename M::params*>(params), load_in<phase>(ports), s);
  store_members<n>(s, fields);
}

template <class M, class T>
void learn_traced(const void* params, std::size_t places, const T* pre, const T* post, const T* gate, bool gate_at_pre,
                  T* state) {
  const auto& p = *static_cast<const typename M::params*>(params);
  sums_of<M, T> sums = empty_sums<M, T>();
  for (std::size_t place = 0; place < places; ++place) {
    typename M::template ends<T> e;
    e.pre = pre[place];
    e.post = post[place];
    if constexpr (reads_gate<M>) e.gate = gate != nullptr ? gate[place] : T(1.0);
    if constexpr (modulates<M>) {
      T& end = gate_at_pre ? e.pre : e.post;
      if (gate != nullptr) end = M::modulate(p, gate[place], end);
    }
    M::accumulate(p, e, sums);
  }
  M::apply(p, sums, *state);
}

template <class M, class P>
traced_rules<P> make_traced_rules() {
  using T = traced<P>;
  traced_rules<P> rules;
  if constexpr (declares_state<M>) {
    rules.advance = &advance_traced<M, T>;
    if constexpr (declares_reactions<M>) {
      [&]<std::size_t... k>(std::index_sequence<k...>) { ((rules.react[k] = &react_traced<M, T, k>), ...); }
      (std::make_index_sequence<std::tuple_size_v<typename M::reactions>>{});
    }
  } else if constexpr (declares_learning<M>) {
    rules.learn = &learn_traced<M, T>;
  }
  return rules;
}

template <class M>
traced_model make_traced_model() {
  if constexpr (well_declared<M>()) return {make_traced_rules<M, float>(), make_traced_rules<M, double>()};
  else return {};
}

}  // namespace locus::detail
