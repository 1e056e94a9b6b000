#pragma once
/// A number that knows what it was computed from. Rules are instantiated over it and run as they are; every result then
/// carries the set of what entered it: the entity's own fields, its ports, a clamp, a synapse's ends. Within one
/// evaluation of one rule of one entity these sources are numbered slots, so that a set is a word of bits.
///
/// A value that was kept from another evaluation (a static, a global, a template variable) carries that evaluation's
/// number, and using it is noted as a foreign read. Constants have no origin. Nothing turns a traced number or mask
/// back into a plain one, so that a rule cannot look at it without being seen.
///
/// A value also carries a fingerprint of the expression that gave it: equal for the same operations on the same sources
/// and constants in the same order, else different but for one case in 2^64. As rules have no `if` on numbers, the
/// fingerprint does not depend on values: what changes it is a parameter, and what leaves it as it was did nothing.

#include <bit>
#include <cmath>
#include <cstdint>

#include "sim/core/number.hpp"
#include "sim/core/random.hpp"

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

/// Starts the next evaluation of this thread and returns its number. Numbers are never used again in a process, by
/// whatever thread, so that what a static keeps is recognised even in another audit.
std::uint64_t begin_evaluation();

/// The next `count` evaluations of this thread will have consecutive numbers.
void reserve_evaluations(std::uint64_t count);

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

/// Origins and expression of a result.
struct ancestry {
  origins from;
  std::uint64_t expression = 0;
};

/// Of what the operation made of `operands`, traced numbers and masks.
template <class... Each>
[[nodiscard]] ancestry derived(char operation, const Each&... operands) {
  ancestry a{{}, mix_bits(static_cast<unsigned char>(operation))};
  ((a.from = merged(a.from, operands.now()), a.expression = mix_bits(a.expression ^ operands.ancestry_.expression)),
   ...);
  return a;
}

}  // namespace tracing

/// What a comparison of traced numbers gives.
class traced_mask {
 public:
  traced_mask() = default;
  friend traced_mask operator&(const traced_mask& a, const traced_mask& b) {
    return {a.on_ && b.on_, tracing::derived('&', a, b)};
  }
  friend traced_mask operator|(const traced_mask& a, const traced_mask& b) {
    return {a.on_ || b.on_, tracing::derived('|', a, b)};
  }
  friend traced_mask operator!(const traced_mask& a) { return {!a.on_, tracing::derived('!', a)}; }

 private:
  template <class P>
  friend class traced;
  template <class... Each>
  friend tracing::ancestry tracing::derived(char, const Each&...);
  traced_mask(bool on, const tracing::ancestry& a) : on_(on), ancestry_(a) {}
  [[nodiscard]] origins now() const { return tracing::seen(ancestry_.from, on_ ? 1.0 : 0.0); }

  bool on_ = false;
  tracing::ancestry ancestry_;
};

template <class P>
class traced {
 public:
  using scalar = P;
  using mask = traced_mask;

  traced() = default;
  explicit traced(double constant)
      : value_(static_cast<P>(constant)), ancestry_{{}, std::bit_cast<std::uint64_t>(constant)} {}

  friend traced operator+(const traced& a, const traced& b) {
    return {a.value_ + b.value_, tracing::derived('+', a, b)};
  }
  friend traced operator-(const traced& a, const traced& b) {
    return {a.value_ - b.value_, tracing::derived('-', a, b)};
  }
  friend traced operator*(const traced& a, const traced& b) {
    return {a.value_ * b.value_, tracing::derived('*', a, b)};
  }
  friend traced operator/(const traced& a, const traced& b) {
    return {a.value_ / b.value_, tracing::derived('/', a, b)};
  }
  friend traced operator-(const traced& a) { return {-a.value_, tracing::derived('n', a)}; }
  friend mask operator==(const traced& a, const traced& b) { return compared('=', a.value_ == b.value_, a, b); }
  friend mask operator!=(const traced& a, const traced& b) { return !(a == b); }
  friend mask operator>(const traced& a, const traced& b) { return compared('>', a.value_ > b.value_, a, b); }
  friend mask operator>=(const traced& a, const traced& b) { return compared('g', a.value_ >= b.value_, a, b); }
  friend mask operator<(const traced& a, const traced& b) { return compared('<', a.value_ < b.value_, a, b); }
  friend mask operator<=(const traced& a, const traced& b) { return compared('l', a.value_ <= b.value_, a, b); }
  friend traced fma(const traced& a, const traced& b, const traced& c) {
    return {std::fma(a.value_, b.value_, c.value_), tracing::derived('f', a, b, c)};
  }
  friend traced abs(const traced& a) { return {std::fabs(a.value_), tracing::derived('a', a)}; }
  friend traced min(const traced& a, const traced& b) {
    return {b.value_ < a.value_ ? b.value_ : a.value_, tracing::derived('m', a, b)};
  }
  friend traced max(const traced& a, const traced& b) {
    return {a.value_ < b.value_ ? b.value_ : a.value_, tracing::derived('M', a, b)};
  }
  friend traced sqrt(const traced& a) { return {std::sqrt(a.value_), tracing::derived('r', a)}; }
  friend traced floor(const traced& a) { return {std::floor(a.value_), tracing::derived('o', a)}; }
  friend traced select(const mask& m, const traced& a, const traced& b) {
    return {holds(m) ? a.value_ : b.value_, tracing::derived('s', m, a, b)};
  }
  friend traced power_of_two(const traced& n) { return {locus::power_of_two(n.value_), tracing::derived('p', n)}; }
  friend traced exponent_of(const traced& a) { return {locus::exponent_of(a.value_), tracing::derived('e', a)}; }
  friend traced fraction_of(const traced& a) { return {locus::fraction_of(a.value_), tracing::derived('d', a)}; }

 private:
  template <class Q>
  friend struct traced_access;
  template <class... Each>
  friend tracing::ancestry tracing::derived(char, const Each&...);
  traced(P value, const tracing::ancestry& a) : value_(value), ancestry_(a) {}
  [[nodiscard]] origins now() const { return tracing::seen(ancestry_.from, static_cast<double>(value_)); }
  static mask compared(char operation, bool on, const traced& a, const traced& b) {
    return {on, tracing::derived(operation, a, b)};
  }
  static bool holds(const mask& m) { return m.on_; }

  P value_ = 0;
  tracing::ancestry ancestry_;
};

/// What the interpreter may do with traced numbers, and rules may not.
template <class P>
struct traced_access {
  /// A source of the current evaluation.
  static traced<P> source(P value, unsigned slot) {
    const std::uint32_t bit = std::uint32_t{1} << slot;
    return {value, {{tracing::current_evaluation(), bit, 0}, mix_bits(bit)}};
  }
  static P value(const traced<P>& t) { return t.value_; }
  static origins from(const traced<P>& t) { return t.now(); }
  static std::uint64_t expression(const traced<P>& t) { return t.ancestry_.expression; }
};

}  // namespace locus
