#pragma once
/// What a model's declaration must keep to for its rules to mean anything. Whatever instantiates a model asks
/// well_declared<M>() first and goes no further where it does not hold, so that a mistake is one sentence that says
/// what is allowed, and not a page about templates. The compiler names the model: "[with M = locus::models::NAME]".
///
/// What rules read and write, names, words and values are looked at when the catalogue is made:
/// sim/audit/model_check.hpp.

#include <concepts>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

#include "sim/core/activation.hpp"
#include "sim/core/model.hpp"

namespace locus {
namespace detail {

template <class M>
concept declares_state = requires {
  sizeof(typename M::template state<char>);
};
template <class M>
concept declares_step = requires {
  typename M::step;
};
template <class M>
concept declares_reactions = requires {
  typename M::reactions;
};
template <class M>
concept declares_learning = requires {
  sizeof(typename M::template ends<char>);
};
template <class M>
concept declares_sums = requires {
  sizeof(typename M::template sums<char>);
};

template <class M>
concept declares_parameters = requires {
  typename M::params;
  M::parameters;
};
template <class M>
concept declares_fields = requires {
  M::fields;
};
template <class M>
concept claims_total = requires {
  M::clamp_is_total;
};
template <class M>
concept claims_idle = requires {
  M::idle;
};

/// A name that M has too is ambiguous here, so that it is found whatever M means by it: a function that cannot be
/// called as it should be would otherwise be left out without a word.
struct function_names {
  int emit, clamp, modulate, accumulate, apply;
};
template <class M>
struct with_function_names : M, function_names {};
template <class M>
concept names_emit = !requires {
  &with_function_names<M>::emit;
};
template <class M>
concept names_clamp = !requires {
  &with_function_names<M>::clamp;
};
template <class M>
concept names_modulate = !requires {
  &with_function_names<M>::modulate;
};
template <class M>
concept names_accumulate = !requires {
  &with_function_names<M>::accumulate;
};
template <class M>
concept names_apply = !requires {
  &with_function_names<M>::apply;
};

// Whether it can be called over numbers of type T.
template <class M, class T>
concept takes_emit = requires(const typename M::params& p, typename M::template state<T>& s) {
  M::emit(p, s);
};
template <class M, class T>
concept takes_clamp = requires(const typename M::params& p, const T& value, typename M::template state<T>& s) {
  M::clamp(p, value, s);
};
template <class M, class T>
concept takes_modulate = requires(const typename M::params& p, const T& value) {
  { M::modulate(p, value, value) } -> std::same_as<T>;
};
template <class M, class T>
concept takes_sums = requires(const typename M::params& p, const typename M::template ends<T>& e, sums_of<M, T>& sums,
                              T& theta) {
  M::accumulate(p, e, sums);
  M::apply(p, std::as_const(sums), theta);
};
template <class M, class Phase, class T>
concept takes_rule = requires(const typename M::params& p, const typename Phase::template in<T>& in,
                              typename M::template state<T>& s) {
  Phase::rule(p, in, s);
};

template <class Declared, class Expected>
concept is_declared_as = std::same_as<std::remove_cvref_t<Declared>, Expected>;
template <class M>
concept has_info = is_declared_as<decltype(M::info), model_info>;
template <class M>
concept has_fields = is_declared_as<decltype(M::fields), typename M::template state<field>>;
template <class Phase>
concept has_ports = is_declared_as<decltype(Phase::ports), typename Phase::template in<port>>;

/// Becomes whatever a member asks for.
struct anything {
  template <class V>
  operator V() const noexcept;
};

/// Number of members of an aggregate.
template <class S, class... Given>
consteval std::size_t aggregate_size() {
  if constexpr (sizeof...(Given) < 64 && requires { S{Given{}..., anything{}}; }) {
    return aggregate_size<S, Given..., anything>();
  } else {
    return sizeof...(Given);
  }
}

/// One byte, of a type that no member has for another reason.
enum class marked_byte : unsigned char {};

/// Whether the member after `Given` is an array: braces around two values would not do for a number.
template <class S, class... Given>
concept array_follows = requires {
  S{Given{}..., {anything{}, anything{}}};
};
template <std::size_t>
using anything_at = anything;
template <class S, std::size_t... i>
consteval bool has_array(std::index_sequence<i...>) {
  const auto at = []<std::size_t... before>(std::index_sequence<before...>) {
    return array_follows<S, anything_at<before>...>;
  };
  return (at(std::make_index_sequence<i>{}) || ...);
}

/// Whether S is at most 12 members of type T.
template <template <class> class S>
consteval bool holds_numbers() {
  using bytes = S<marked_byte>;
  // Each question needs the answer to the one before: NOLINTNEXTLINE(bugprone-branch-clone)
  if constexpr (!std::is_aggregate_v<bytes>) return false;
  else if constexpr (std::is_empty_v<bytes>) return true;
  else if constexpr (sizeof(bytes) > 12 || sizeof(bytes) != aggregate_size<bytes>()) return false;
  else if constexpr (has_array<bytes>(std::make_index_sequence<sizeof(bytes)>{})) return false;
  else {
    return []<class... Member>(const std::tuple<Member&...>*) {
      return (std::same_as<Member, marked_byte> && ...);
    }(static_cast<decltype(members<sizeof(bytes)>(std::declval<bytes&>()))*>(nullptr));
  }
}

// ---- parameters -----------------------------------------------------------------------------------------------------

template <class Each, class P>
inline constexpr bool is_parameter_of = false;
template <class P, class V>
inline constexpr bool is_parameter_of<parameter<P, V>, P> = true;
template <class List, class P>
inline constexpr bool are_parameters_of = false;
template <class... Each, class P>
inline constexpr bool are_parameters_of<std::tuple<Each...>, P> = (is_parameter_of<Each, P> && ...);

template <class Each>
inline constexpr bool has_known_type = false;
template <class P, class V>
inline constexpr bool has_known_type<parameter<P, V>> =
    std::same_as<V, double> || std::same_as<V, bool> || std::same_as<V, activation>;
template <class List>
inline constexpr bool have_known_types = false;
template <class... Each>
inline constexpr bool have_known_types<std::tuple<Each...>> = (has_known_type<Each> && ...);

template <class A, class B>
constexpr std::size_t same_member(const A& a, const B& b) {
  if constexpr (std::same_as<A, B>) return a.member == b.member ? 1 : 0;
  else return 0;
}

/// How often the member that `one` names stands in the list.
constexpr std::size_t times_listed(const auto& one, const auto& list) {
  return std::apply([&](const auto&... each) { return (std::size_t{0} + ... + same_member(one, each)); }, list);
}

template <class M>
consteval bool parameters_are_sound() {
  using params = typename M::params;
  using list = std::remove_cvref_t<decltype(M::parameters)>;
  constexpr bool listed = std::is_aggregate_v<params> && are_parameters_of<list, params>;
  static_assert(
      listed,
      "`params` is a plain struct, and `parameters` a std::tuple of parameter{\"name\", &params::member, unit, "
      "meaning, limits}, with members of the model's own `params`");
  if constexpr (listed) {
    static_assert(have_known_types<list>,
                  "a parameter is a double, a bool or an activation: for a whole number use a double with the limits "
                  "whole_at_least(n), for a choice an activation or bools");
    constexpr bool once = std::apply(
        [](const auto&... each) { return ((times_listed(each, M::parameters) == 1) && ...); }, M::parameters);
    static_assert(once, "a member of `params` stands in `parameters` twice: list each once");
    constexpr bool all = aggregate_size<params>() <= std::tuple_size_v<list>;
    static_assert(all,
                  "a member of `params` is missing from `parameters`, so that no netlist could set it: list it, or "
                  "make it a constant of the rule");
    return have_known_types<list> && once && all;
  } else {
    return false;
  }
}

// ---- neurons --------------------------------------------------------------------------------------------------------

template <class M, class Phase>
consteval bool phase_is_sound() {
  constexpr bool ports = has_ports<Phase>;
  static_assert(
      ports,
      "the step and each reaction declare `template <class T> struct in { T ...; }`, the ports that they read, "
      "and `static constexpr in<port> ports`, their descriptions");
  if constexpr (ports) {
    constexpr bool numbers = holds_numbers<Phase::template in>();
    static_assert(numbers, "all members of `in` have type T, and there are at most 12");
    constexpr bool ruled = takes_rule<M, Phase, float> && takes_rule<M, Phase, double>;
    static_assert(ruled,
                  "the step and each reaction have `template <class T> static void rule(const params&, const in<T>&, "
                  "state<T>&)`");
    return numbers && ruled;
  } else {
    return false;
  }
}

template <class M, class Reactions>
struct reactions_of {
  static constexpr bool counted = false;
};
template <class M, class... Phase>
struct reactions_of<M, std::tuple<Phase...>> {
  static constexpr bool counted = sizeof...(Phase) >= 1 && sizeof...(Phase) <= 3;
  static consteval bool sound() { return (phase_is_sound<M, Phase>() && ...); }
};

template <class M>
consteval bool neuron_is_sound() {
  constexpr bool numbers = holds_numbers<M::template state>() && !std::is_empty_v<typename M::template state<char>>;
  static_assert(numbers, "all members of `state` have type T, and there are 1 to 12");
  constexpr bool described = has_fields<M>;
  static_assert(described, "a neuron model describes its state: `static constexpr state<field> fields`");
  constexpr bool emits = !names_emit<M> || (takes_emit<M, float> && takes_emit<M, double>);
  static_assert(emits, "emit is `template <class T> static void emit(const params&, state<T>&)`");
  constexpr bool clamps = !names_clamp<M> || (takes_clamp<M, float> && takes_clamp<M, double>);
  static_assert(clamps, "clamp is `template <class T> static void clamp(const params&, const T& value, state<T>&)`");
  constexpr bool total = names_clamp<M> || !claims_total<M>;
  static_assert(total, "clamp_is_total says something of a `clamp`, and there is none");
  bool phases = true;
  if constexpr (declares_step<M>) phases = phase_is_sound<M, typename M::step>();
  if constexpr (declares_reactions<M>) {
    using reactions = reactions_of<M, typename M::reactions>;
    static_assert(reactions::counted, "`reactions` is a std::tuple of 1 to 3 structs");
    if constexpr (reactions::counted) phases = reactions::sound() && phases;
    else phases = false;
  }
  return numbers && described && emits && clamps && total && phases;
}

// ---- synapses -------------------------------------------------------------------------------------------------------

template <class M>
concept has_idle = is_declared_as<decltype(M::idle), idle_rule>;
template <class S>
concept has_two_ends = requires(S ends) {
  ends.pre;
  ends.post;
};
template <class S>
concept has_gate = requires(S ends) {
  ends.gate;
};

template <class M>
consteval bool sums_are_numbers() {
  if constexpr (!declares_sums<M>) return true;
  else return holds_numbers<M::template sums>() && !std::is_empty_v<typename M::template sums<char>>;
}

template <class M>
consteval bool synapse_is_sound() {
  using ends = typename M::template ends<double>;
  constexpr std::size_t n = member_count<M::template ends>;
  constexpr bool known = holds_numbers<M::template ends>() && has_two_ends<ends> && n == (has_gate<ends> ? 3 : 2);
  static_assert(known,
                "a synapse sees `template <class T> struct ends { T pre, post; }`, or `{ T pre, post, gate; }`, and "
                "nothing else: what else its rule needs, its neurons must send in one of these");
  constexpr bool rests = has_idle<M>;
  static_assert(rests,
                "a synapse model that learns says when it certainly does not: `static constexpr idle_rule idle`, which "
                "is {} for never");
  constexpr bool modulated = !names_modulate<M> || (takes_modulate<M, float> && takes_modulate<M, double>);
  static_assert(modulated,
                "modulate is `template <class T> static T modulate(const params&, const T& gate, const T& end)`");
  constexpr bool numbers = sums_are_numbers<M>();
  static_assert(numbers, "all members of `sums` have type T, and there are 1 to 12");
  constexpr bool summed = !numbers || (takes_sums<M, float> && takes_sums<M, double>);
  static_assert(summed,
                "a synapse model that learns has `template <class T> static void accumulate(const params&, const "
                "ends<T>&, sums<T>&)` and `apply(const params&, const sums<T>&, T& theta)`, with T in the place of "
                "sums<T> if it declares no `sums`");
  return known && rests && modulated && numbers && summed;
}

}  // namespace detail

/// Whether M is a model. Where it is not, this does not compile.
template <class M>
consteval bool well_declared() {
  using namespace detail;
  constexpr bool named = has_info<M> && declares_parameters<M>;
  static_assert(named,
                "a model declares `static constexpr model_info info`, `struct params` and `static constexpr std::tuple "
                "parameters`");
  constexpr bool neuron = declares_step<M> || declares_reactions<M> || names_emit<M> || names_clamp<M> ||
                          declares_fields<M> || claims_total<M>;
  constexpr bool synapse =
      declares_sums<M> || names_accumulate<M> || names_apply<M> || names_modulate<M> || claims_idle<M>;
  constexpr bool has_state = !neuron || declares_state<M>;
  static_assert(has_state, "this model has rules of a neuron, and no `template <class T> struct state`");
  constexpr bool has_ends = !synapse || declares_learning<M>;
  static_assert(has_ends, "this model has rules of a synapse that learns, and no `template <class T> struct ends`");
  constexpr bool one = !(declares_state<M> || neuron) || !(declares_learning<M> || synapse);
  static_assert(one, "a model is a neuron (`state`) or a synapse (`ends`), not both");
  if constexpr (named && has_state && has_ends && one) {
    bool sound = parameters_are_sound<M>();
    if constexpr (declares_state<M>) sound = neuron_is_sound<M>() && sound;
    if constexpr (declares_learning<M>) sound = synapse_is_sound<M>() && sound;
    return sound;
  } else {
    return false;
  }
}

}  // namespace locus
