#pragma once
/// A number that knows what it was computed from. Rules are instantiated over it and run as they are; every result then
/// carries the set of what entered it: the entity's own fields, its ports, a clamp, a synapse's ends. Within one
/// evaluation of one rule of one entity these sources are numbered slots, so that a set is a word of bits.
///
/// A value that was kept from another evaluation (a static, a global, a template variable) carries that evaluation's
/// number, and using it is noted as a foreign read. Constants have no origin. Nothing turns a traced number or mask
/// back into a plain one, so that a rule cannot look at it without being seen.

#include <cmath>
#include <cstdint>

#include "sim/core/number.hpp"

namespace locus {

/// Which slots of which evaluation entered a value.
struct origins {
  std::uint64_t evaluation = 0;
  std::uint32_t slots = 0;
  std::uint32_t foreign = 0;  ///< 1 + index of the first foreign read of this evaluation; 0: none
};

/// A value of evaluation `source` that was used in another one.
struct foreign_read {
  std::uint64_t source = 0;
  std::uint32_t slots = 0;
  double value = 0;
};

namespace tracing {

/// Starts the next evaluation of this thread and returns its number. Numbers are never used again in a process, so that
/// what a static keeps is recognised even in a later audit.
std::uint64_t begin_evaluation();

[[nodiscard]] std::uint64_t current_evaluation() noexcept;

/// Requires: 1 <= number, as in origins of the current evaluation.
[[nodiscard]] foreign_read foreign(std::uint32_t number);

/// Origins of a value of another evaluation, seen from the current one.
[[nodiscard]] origins note_foreign(const origins& o, double value);

/// Origins as the current evaluation sees them.
[[nodiscard]] inline origins seen(const origins& o, double value) {
  if ((o.slots | o.foreign) == 0 || o.evaluation == current_evaluation()) return o;
  return note_foreign(o, value);
}

[[nodiscard]] inline origins merged(const origins& a, const origins& b) noexcept {
  if ((b.slots | b.foreign) == 0) return a;
  if ((a.slots | a.foreign) == 0) return b;
  return {a.evaluation, a.slots | b.slots, a.foreign != 0 ? a.foreign : b.foreign};
}

}  // namespace tracing

/// What a comparison of traced numbers gives.
class traced_mask {
 public:
  traced_mask() = default;
  friend traced_mask operator&(const traced_mask& a, const traced_mask& b) { return {a.on_ && b.on_, a, b}; }
  friend traced_mask operator|(const traced_mask& a, const traced_mask& b) { return {a.on_ || b.on_, a, b}; }
  friend traced_mask operator!(const traced_mask& a) { return {!a.on_, a, a}; }

 private:
  template <class P>
  friend class traced;
  traced_mask(bool on, const origins& from) : on_(on), from_(from) {}
  traced_mask(bool on, const traced_mask& a, const traced_mask& b)
      : on_(on), from_(tracing::merged(a.now(), b.now())) {}
  [[nodiscard]] origins now() const { return tracing::seen(from_, on_ ? 1.0 : 0.0); }

  bool on_ = false;
  origins from_;
};

template <class P>
class traced {
 public:
  using scalar = P;
  using mask = traced_mask;

  traced() = default;
  explicit traced(double constant) : value_(static_cast<P>(constant)) {}

  friend traced operator+(const traced& a, const traced& b) { return {a.value_ + b.value_, both(a, b)}; }
  friend traced operator-(const traced& a, const traced& b) { return {a.value_ - b.value_, both(a, b)}; }
  friend traced operator*(const traced& a, const traced& b) { return {a.value_ * b.value_, both(a, b)}; }
  friend traced operator/(const traced& a, const traced& b) { return {a.value_ / b.value_, both(a, b)}; }
  friend traced operator-(const traced& a) { return {-a.value_, a.now()}; }
  friend mask operator==(const traced& a, const traced& b) { return compared(a.value_ == b.value_, a, b); }
  friend mask operator>(const traced& a, const traced& b) { return compared(a.value_ > b.value_, a, b); }
  friend mask operator>=(const traced& a, const traced& b) { return compared(a.value_ >= b.value_, a, b); }
  friend mask operator<(const traced& a, const traced& b) { return compared(a.value_ < b.value_, a, b); }
  friend traced fma(const traced& a, const traced& b, const traced& c) {
    return {std::fma(a.value_, b.value_, c.value_), tracing::merged(both(a, b), c.now())};
  }
  friend traced abs(const traced& a) { return {std::fabs(a.value_), a.now()}; }
  friend traced min(const traced& a, const traced& b) {
    return {b.value_ < a.value_ ? b.value_ : a.value_, both(a, b)};
  }
  friend traced select(const mask& m, const traced& a, const traced& b) {
    return {holds(m) ? a.value_ : b.value_, tracing::merged(from(m), both(a, b))};
  }
  friend traced power_of_two(const traced& n) { return {locus::power_of_two(n.value_), n.now()}; }

 private:
  template <class Q>
  friend struct traced_access;
  traced(P value, const origins& from) : value_(value), from_(from) {}
  [[nodiscard]] origins now() const { return tracing::seen(from_, static_cast<double>(value_)); }
  static origins both(const traced& a, const traced& b) { return tracing::merged(a.now(), b.now()); }
  static mask compared(bool on, const traced& a, const traced& b) { return {on, both(a, b)}; }
  static bool holds(const mask& m) { return m.on_; }
  static origins from(const mask& m) { return m.now(); }

  P value_ = 0;
  origins from_;
};

/// What the interpreter may do with traced numbers, and rules may not.
template <class P>
struct traced_access {
  /// A source of the current evaluation.
  static traced<P> source(P value, unsigned slot) {
    return {value, {tracing::current_evaluation(), std::uint32_t{1} << slot, 0}};
  }
  static P value(const traced<P>& t) { return t.value_; }
  static origins from(const traced<P>& t) { return t.now(); }
};

}  // namespace locus
