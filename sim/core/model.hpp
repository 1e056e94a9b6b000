#pragma once
/// The vocabulary in which a model declares itself. A model is one struct in one file of models/;
/// everything else (kernels, delivery, traces, audit, `locus models`) follows from its declaration.
///
/// A neuron model M declares
///   static constexpr model_info info
///   struct params { ... };                      doubles, bools and activations, with defaults
///   static constexpr auto parameters            std::tuple of parameter{...}, one a member of params
///   template <class T> struct state { T ...; }  private state and outputs, at most 12 members
///   static constexpr state<field> fields        their names, units, meanings, writers
/// and any of
///   struct step      registered: next state from the messages of the tick before
///   static emit      outputs that follow from the state, after a step or a clamp
///   static clamp     what a stimulus does to the state
///   static constexpr bool clamp_is_total = true   after a clamp, state and outputs depend on the clamped value alone
///   using reactions = std::tuple<...>           immediate: outputs that follow from this tick's messages
/// where a step and each reaction is a struct with
///   template <class T> struct in { T ...; }     the ports it reads, at most 12, perhaps none (nothing else is visible)
///   static constexpr in<port> ports             their names, units, meanings; some may be the neuron's own noise
///   static void rule(const params&, const in<T>&, state<T>&)
///
/// A synapse model declares info, params, parameters, and
///   template <class T> struct ends { T pre, post; }   what it sees of its two neurons; a third member, gate, is the
///                                               modulator (1 if there is none)
///   template <class T> struct sums { T ...; }   what it sums over the lanes, at most 12; without it, one T
///   static T modulate(const params&, const T& gate, const T& end)   once a neuron and lane: what the modulator makes
///                                               of the end that it is attached to (of post, if to neither), which
///                                               accumulate then sees in the end's place
///   static void accumulate(const params&, const ends<T>&, sums&)    once a lane, lanes ascending, sums from +0
///   static void apply(const params&, const sums&, T& theta)         once, after the lanes
///   static constexpr idle_rule idle             when a tick cannot change the weight
/// and one that never changes declares info, params and parameters alone.
///
/// What a declaration must keep to is checked when a model is compiled (sim/core/well_declared.hpp) and when the
/// catalogue is made (sim/audit/model_check.hpp): who writes what, what is read, names and words.

#include <concepts>
#include <cstddef>
#include <limits>
#include <string_view>
#include <tuple>
#include <type_traits>

#include "sim/core/enum_names.hpp"

namespace locus {

/// What `locus models` says of a model; all plain text.
struct model_info {
  std::string_view name;      ///< as netlists call it
  std::string_view title;     ///< what it is, one line
  std::string_view equation;  ///< the rule, as in the paper
  std::string_view source;    ///< authors, year, equation number; or "Locus" and why
  std::string_view notes = {};
};

/// Who writes a field.
enum class writer : int { step = -1, first_reaction = 0, second_reaction = 1, third_reaction = 2 };

/// Whether a field can be sent as a message.
enum class visibility { hidden, sent };

/// One member of a model's state.
struct field {
  std::string_view name;     ///< as in references ("hidden1.error.eps") and traces
  std::string_view unit;     ///< "1" for dimensionless
  std::string_view meaning;  ///< one phrase
  writer by = writer::step;
  visibility seen = visibility::sent;
  bool event = false;  ///< a 0/1 output whose ones are events (spikes)
};

/// Where the numbers of a port come from: from other neurons, or from the neuron's own noise, a new draw each tick and
/// lane, independent of all others.
enum class port_source {
  messages,  ///< their sum
  largest,   ///< the largest of the messages, each times its weight
  uniform,   ///< in [0, 1)
  normal,    ///< standard normal
};
template <>
struct enum_names<port_source> {
  static constexpr std::pair<std::string_view, port_source> all[] = {{"messages", port_source::messages},
                                                                     {"largest", port_source::largest},
                                                                     {"uniform", port_source::uniform},
                                                                     {"normal", port_source::normal}};
};
[[nodiscard]] constexpr bool is_noise(port_source from) noexcept {
  return from == port_source::uniform || from == port_source::normal;
}

/// One place where messages or noise arrive. A port of messages without connections holds +0.
struct port {
  std::string_view name;
  std::string_view unit;
  std::string_view meaning;
  port_source from = port_source::messages;

  friend constexpr bool operator==(const port&, const port&) = default;
};

/// The interval in which a parameter is valid.
struct limits {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_open = false;
  bool whole = false;  ///< integers only
};
[[nodiscard]] constexpr limits any_value() { return {}; }
[[nodiscard]] constexpr limits above(double low) { return {.low = low, .low_open = true}; }
[[nodiscard]] constexpr limits at_least(double low) { return {.low = low}; }
[[nodiscard]] constexpr limits whole_at_least(double low) { return {.low = low, .whole = true}; }

/// One member of a model's params; V is double, bool or activation.
template <class P, class V>
struct parameter {
  std::string_view name;
  V P::*member;
  std::string_view unit;
  std::string_view meaning;
  limits valid = {};
};
template <class P, class V>
parameter(std::string_view, V P::*, std::string_view, std::string_view) -> parameter<P, V>;
template <class P, class V>
parameter(std::string_view, V P::*, std::string_view, std::string_view, limits) -> parameter<P, V>;

/// When a synapse's weight certainly stays as it is; the engine skips only then. A test holds each
/// model's claim against its rule.
struct idle_rule {
  bool when_gate_is_zero = false;  ///< gate 0 in all lanes
  bool when_pre_is_zero = false;   ///< presynaptic value 0 in all lanes
};

/// Number of members of a struct template over T (state, in, ends, sums): all members have type T.
template <template <class> class S>
inline constexpr std::size_t member_count = std::is_empty_v<S<char>> ? 0 : sizeof(S<char>);

/// The members of `s` as a tuple of references; N = member_count.
template <std::size_t N, class S>
[[nodiscard]] constexpr auto members([[maybe_unused]] S& s) {
  static_assert(N <= 12, "a model's state or port list has at most 12 members");
  // clang-format off
  if constexpr (N == 0) { return std::tuple<>(); }
  else if constexpr (N == 1) { auto& [a] = s; return std::tie(a); }
  else if constexpr (N == 2) { auto& [a, b] = s; return std::tie(a, b); }
  else if constexpr (N == 3) { auto& [a, b, c] = s; return std::tie(a, b, c); }
  else if constexpr (N == 4) { auto& [a, b, c, d] = s; return std::tie(a, b, c, d); }
  else if constexpr (N == 5) { auto& [a, b, c, d, e] = s; return std::tie(a, b, c, d, e); }
  else if constexpr (N == 6) { auto& [a, b, c, d, e, f] = s; return std::tie(a, b, c, d, e, f); }
  else if constexpr (N == 7) { auto& [a, b, c, d, e, f, g] = s; return std::tie(a, b, c, d, e, f, g); }
  else if constexpr (N == 8) { auto& [a, b, c, d, e, f, g, h] = s; return std::tie(a, b, c, d, e, f, g, h); }
  else if constexpr (N == 9) { auto& [a, b, c, d, e, f, g, h, i] = s; return std::tie(a, b, c, d, e, f, g, h, i); }
  else if constexpr (N == 10) { auto& [a, b, c, d, e, f, g, h, i, j] = s; return std::tie(a, b, c, d, e, f, g, h, i, j); }
  else if constexpr (N == 11) { auto& [a, b, c, d, e, f, g, h, i, j, k] = s; return std::tie(a, b, c, d, e, f, g, h, i, j, k); }
  else { auto& [a, b, c, d, e, f, g, h, i, j, k, l] = s; return std::tie(a, b, c, d, e, f, g, h, i, j, k, l); }
  // clang-format on
}

/// Whether a synapse model's rule sees the modulator itself.
template <class M>
inline constexpr bool reads_gate = member_count<M::template ends> == 3;

/// Whether a synapse model says what the modulator makes of an end.
template <class M>
concept modulates = requires(const typename M::params& p, const double& value) {
  M::modulate(p, value, value);
};

/// What synapse model M sums over the lanes, as numbers of type T.
template <class M, class T>
struct sums_of_model {
  using type = T;
};
template <class M, class T>
requires requires { sizeof(typename M::template sums<char>); }
struct sums_of_model<M, T> {
  using type = typename M::template sums<T>;
};
template <class M, class T>
using sums_of = typename sums_of_model<M, T>::type;

/// The sums before the first lane.
template <class M, class T>
[[nodiscard]] inline sums_of<M, T> empty_sums() {
  if constexpr (std::same_as<sums_of<M, T>, T>) {
    return T(0);
  } else {
    sums_of<M, T> sums;
    std::apply([](auto&... each) { ((each = T(0)), ...); }, members<member_count<M::template sums>>(sums));
    return sums;
  }
}

}  // namespace locus
