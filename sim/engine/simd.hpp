#pragma once
/// Number types of the kernels, one per instruction set: the set is part of the type, so that every
/// instantiation of a model's rule has a symbol of its own and model headers stay ordinary headers.
/// To be included only by files that are compiled once per target, with LOCUS_TARGET defined. What such a file
/// instantiates must have its target's number type among its arguments, or not outlive the compiler (consteval,
/// inlined): the linker keeps one function of each name, whichever target's.
///
/// Beyond what rules need (sim/core/number.hpp), a kernel number N has
///   N::width, N::load(p), x.store(p)
///   N::gather(lane, neurons, lanes)   of a field with so many lanes, from its `lane`; indices of 16 or 32 bits
///   bits_or(a, b), bits_and(a, b), bits_xor(a, b)   bitwise or, and, exclusive or
///   differ(a, b), agree(a, b)   masks: the bits differ, or do not
///   any(mask), all(mask), count(mask), sum(x)
///   bits(mask)       bit i for lane i
///   N::registers     how many vector registers the target has
/// and, unless its width is 1,
///   N::first(n)               mask: the first n lanes
///   N::load(mask, p), x.store(mask, p)   the first lanes alone; others are 0, and not touched
///   N::block         numbers of 16 bytes
///   N::load_blocks(p, step)   blocks that begin `step` numbers apart
///   N::turn_blocks(a)         number j of a block of a[i] becomes number i of that block of a[j]

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "sim/core/number.hpp"
#include "sim/engine/kernels.hpp"

#ifdef LOCUS_TARGET_SCALAR

namespace locus::simd::inline LOCUS_TARGET {

/// A mask of one lane.
struct lone_mask {
  bool m = false;
  friend lone_mask operator&(lone_mask a, lone_mask b) { return {a.m && b.m}; }
  friend lone_mask operator|(lone_mask a, lone_mask b) { return {a.m || b.m}; }
  friend lone_mask operator!(lone_mask a) { return {!a.m}; }
};

/// One number at a time; std::fma is correctly rounded on every machine.
template <class P>
struct lone {
  using scalar = P;
  using mask = lone_mask;
  using bits_type = std::conditional_t<sizeof(P) == 4, std::uint32_t, std::uint64_t>;
  static constexpr std::size_t width = 1;
  static constexpr std::size_t registers = 16;
  P v;

  lone() = default;
  explicit lone(double value) : v(static_cast<P>(value)) {}
  static lone of(P value) {
    lone result;
    result.v = value;
    return result;
  }
  static lone load(const P* p) { return of(*p); }
  template <class Index>
  static lone gather(const P* lane, const Index* neurons, std::size_t lanes) {
    return of(lane[field_offset(*neurons, 0, lanes)]);
  }
  void store(P* p) const { *p = v; }

  friend lone operator+(lone a, lone b) { return of(a.v + b.v); }
  friend lone operator-(lone a, lone b) { return of(a.v - b.v); }
  friend lone operator*(lone a, lone b) { return of(a.v * b.v); }
  friend lone operator/(lone a, lone b) { return of(a.v / b.v); }
  friend lone operator-(lone a) { return of(-a.v); }
  friend mask operator==(lone a, lone b) { return {a.v == b.v}; }
  friend mask operator!=(lone a, lone b) { return {a.v != b.v}; }
  friend mask operator>(lone a, lone b) { return {a.v > b.v}; }
  friend mask operator>=(lone a, lone b) { return {a.v >= b.v}; }
  friend mask operator<(lone a, lone b) { return {a.v < b.v}; }
  friend mask operator<=(lone a, lone b) { return {a.v <= b.v}; }
  friend lone fma(lone a, lone b, lone c) { return of(std::fma(a.v, b.v, c.v)); }
  friend lone abs(lone a) { return of(std::fabs(a.v)); }
  friend lone min(lone a, lone b) { return of(b.v < a.v ? b.v : a.v); }
  friend lone max(lone a, lone b) { return of(a.v < b.v ? b.v : a.v); }
  friend lone sqrt(lone a) { return of(std::sqrt(a.v)); }
  friend lone floor(lone a) { return of(std::floor(a.v)); }
  friend lone select(mask m, lone a, lone b) { return m.m ? a : b; }
  friend lone power_of_two(lone n) { return of(locus::power_of_two(n.v)); }
  friend lone exponent_of(lone a) { return of(locus::exponent_of(a.v)); }
  friend lone fraction_of(lone a) { return of(locus::fraction_of(a.v)); }

  friend lone bits_or(lone a, lone b) { return of_bits(to_bits(a) | to_bits(b)); }
  friend lone bits_and(lone a, lone b) { return of_bits(to_bits(a) & to_bits(b)); }
  friend lone bits_xor(lone a, lone b) { return of_bits(to_bits(a) ^ to_bits(b)); }
  friend mask differ(lone a, lone b) { return {to_bits(a) != to_bits(b)}; }
  friend mask agree(lone a, lone b) { return {to_bits(a) == to_bits(b)}; }
  friend P sum(lone a) { return a.v; }
  static bool any(mask m) { return m.m; }
  static bool all(mask m) { return m.m; }
  static std::size_t count(mask m) { return m.m ? 1 : 0; }
  static std::uint32_t bits(mask m) { return m.m ? 1 : 0; }

 private:
  static bits_type to_bits(lone a) { return std::bit_cast<bits_type>(a.v); }
  static lone of_bits(bits_type b) { return of(std::bit_cast<P>(b)); }
};

template <class P>
using number = lone<P>;

}  // namespace locus::simd::inline LOCUS_TARGET

#else

#include <hwy/highway.h>

// Highway's MulAdd rounds twice on targets without fused multiply-add.
#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128 || HWY_TARGET == HWY_SSSE3 || HWY_TARGET == HWY_SSE4
#error "a vector target needs fused multiply-add; compile this file with the target's flags"
#endif

namespace locus::simd::inline LOCUS_TARGET {

namespace hn = hwy::HWY_NAMESPACE;

/// A mask over the lanes of D, with the operators that rules use.
template <class D>
struct lanes_mask {
  using M = hn::Mask<D>;
  M m;
  friend HWY_INLINE lanes_mask operator&(lanes_mask a, lanes_mask b) { return {hn::And(a.m, b.m)}; }
  friend HWY_INLINE lanes_mask operator|(lanes_mask a, lanes_mask b) { return {hn::Or(a.m, b.m)}; }
  friend HWY_INLINE lanes_mask operator!(lanes_mask a) { return {hn::Not(a.m)}; }
};

/// A SIMD vector. D is Highway's tag, which lives in the target's own namespace.
template <class D>
struct pack {
  using scalar = hn::TFromD<D>;
  using mask = lanes_mask<D>;
  using V = hn::Vec<D>;
  static constexpr std::size_t width = hn::MaxLanes(D{});
  static constexpr std::size_t registers = HWY_TARGET == HWY_AVX2 ? 16 : 32;
  static_assert(panel_width % width == 0);
  V v;

  pack() = default;
  HWY_INLINE explicit pack(double value) : v(hn::Set(D{}, static_cast<scalar>(value))) {}
  HWY_INLINE explicit pack(V value) : v(value) {}
  static HWY_INLINE pack of(scalar value) { return pack(hn::Set(D{}, value)); }
  static HWY_INLINE pack load(const scalar* p) { return pack(hn::LoadU(D{}, p)); }
  template <class Index>
  static HWY_INLINE pack gather(const scalar* lane, const Index* neurons, std::size_t lanes) {
    const hn::Rebind<std::int32_t, D> whole;
    auto offsets = load_indices(neurons);
    if (lanes != 1) {  // field_offset
      const auto before = hn::And(offsets, hn::Set(whole, -static_cast<std::int32_t>(panel_width)));
      offsets = hn::Add(offsets, hn::Mul(before, hn::Set(whole, static_cast<std::int32_t>(lanes - 1))));
    }
    if constexpr (sizeof(scalar) == 4) return pack(hn::GatherIndex(D{}, lane, offsets));
    else return pack(hn::GatherIndex(D{}, lane, hn::PromoteTo(hn::RebindToSigned<D>(), offsets)));
  }
  HWY_INLINE void store(scalar* p) const { hn::StoreU(v, D{}, p); }

  static HWY_INLINE mask first(std::size_t count) { return {hn::FirstN(D{}, count)}; }
  static HWY_INLINE pack load(mask where, const scalar* p) { return pack(hn::MaskedLoad(where.m, D{}, p)); }
  HWY_INLINE void store(mask where, scalar* p) const {
#if HWY_ARCH_X86
    hn::BlendedStore(v, where.m, D{}, p);
#else  // which would write what it has read
    scalar all[width];
    store(all);
    for (std::size_t i = 0; i < hn::CountTrue(D{}, where.m); ++i) p[i] = all[i];
#endif
  }

  /// Vectors of at most 32 bytes: their shuffles are faster than those of 64 bytes.
  using narrow = pack<hn::CappedTag<scalar, 32 / sizeof(scalar)>>;
  static constexpr std::size_t block = 16 / sizeof(scalar);
  static HWY_INLINE pack load_blocks(const scalar* first, std::size_t step) {
    return pack(load_blocks(D{}, first, step));
  }
  static HWY_INLINE void turn_blocks(pack (&a)[block]) {
    constexpr D d;
    if constexpr (block == 2) {
      const V lower = hn::InterleaveLower(d, a[0].v, a[1].v), upper = hn::InterleaveUpper(d, a[0].v, a[1].v);
      a[0].v = lower;
      a[1].v = upper;
    } else {
      constexpr hn::RepartitionToWide<D> pairs;
      const auto wide = [&](V of) { return hn::BitCast(pairs, of); };
      const auto lower02 = wide(hn::InterleaveLower(d, a[0].v, a[1].v));
      const auto upper02 = wide(hn::InterleaveUpper(d, a[0].v, a[1].v));
      const auto lower13 = wide(hn::InterleaveLower(d, a[2].v, a[3].v));
      const auto upper13 = wide(hn::InterleaveUpper(d, a[2].v, a[3].v));
      a[0].v = hn::BitCast(d, hn::InterleaveLower(pairs, lower02, lower13));
      a[1].v = hn::BitCast(d, hn::InterleaveUpper(pairs, lower02, lower13));
      a[2].v = hn::BitCast(d, hn::InterleaveLower(pairs, upper02, upper13));
      a[3].v = hn::BitCast(d, hn::InterleaveUpper(pairs, upper02, upper13));
    }
  }

  friend HWY_INLINE pack operator+(pack a, pack b) { return pack(hn::Add(a.v, b.v)); }
  friend HWY_INLINE pack operator-(pack a, pack b) { return pack(hn::Sub(a.v, b.v)); }
  friend HWY_INLINE pack operator*(pack a, pack b) { return pack(hn::Mul(a.v, b.v)); }
  friend HWY_INLINE pack operator/(pack a, pack b) { return pack(hn::Div(a.v, b.v)); }
  friend HWY_INLINE pack operator-(pack a) { return pack(hn::Neg(a.v)); }
  friend HWY_INLINE mask operator==(pack a, pack b) { return {hn::Eq(a.v, b.v)}; }
  friend HWY_INLINE mask operator!=(pack a, pack b) { return !(a == b); }  // hn::Ne does not hold for NaN on x86
  friend HWY_INLINE mask operator>(pack a, pack b) { return {hn::Gt(a.v, b.v)}; }
  friend HWY_INLINE mask operator>=(pack a, pack b) { return {hn::Ge(a.v, b.v)}; }
  friend HWY_INLINE mask operator<(pack a, pack b) { return {hn::Lt(a.v, b.v)}; }
  friend HWY_INLINE mask operator<=(pack a, pack b) { return {hn::Le(a.v, b.v)}; }
  friend HWY_INLINE pack fma(pack a, pack b, pack c) { return pack(hn::MulAdd(a.v, b.v, c.v)); }
  friend HWY_INLINE pack abs(pack a) { return pack(hn::Abs(a.v)); }
  friend HWY_INLINE pack min(pack a, pack b) { return select(b < a, b, a); }
  friend HWY_INLINE pack max(pack a, pack b) { return select(a < b, b, a); }
  friend HWY_INLINE pack sqrt(pack a) { return pack(hn::Sqrt(a.v)); }
  friend HWY_INLINE pack floor(pack a) { return pack(hn::Floor(a.v)); }
  friend HWY_INLINE pack select(mask m, pack a, pack b) { return pack(hn::IfThenElse(m.m, a.v, b.v)); }
  friend HWY_INLINE pack power_of_two(pack n) {
    using DU = hn::RebindToUnsigned<D>;
    const pack shifted = n + of(rounding_constant<scalar> + scalar(exponent_bias<scalar>));
    return pack(hn::BitCast(D{}, hn::ShiftLeft<mantissa_bits<scalar>>(hn::BitCast(DU{}, shifted.v))));
  }
  friend HWY_INLINE pack exponent_of(pack a) {
    using DU = hn::RebindToUnsigned<D>;
    const pack biased(hn::BitCast(D{}, hn::ShiftRight<mantissa_bits<scalar>>(hn::BitCast(DU{}, a.v))));
    return bits_or(biased, of(whole_constant<scalar>)) - of(whole_constant<scalar> + scalar(exponent_bias<scalar>));
  }
  friend HWY_INLINE pack fraction_of(pack a) {
    using DU = hn::RebindToUnsigned<D>;
    const auto below_one = hn::Set(DU{}, (bits_of<scalar>{1} << mantissa_bits<scalar>)-1);
    return bits_or(pack(hn::BitCast(D{}, hn::And(hn::BitCast(DU{}, a.v), below_one))), of(1));
  }

  friend HWY_INLINE pack bits_or(pack a, pack b) { return pack(hn::Or(a.v, b.v)); }
  friend HWY_INLINE pack bits_and(pack a, pack b) { return pack(hn::And(a.v, b.v)); }
  friend HWY_INLINE pack bits_xor(pack a, pack b) { return pack(hn::Xor(a.v, b.v)); }
  friend HWY_INLINE mask differ(pack a, pack b) {
    using DU = hn::RebindToUnsigned<D>;
    return {hn::RebindMask(D{}, hn::Ne(hn::BitCast(DU{}, a.v), hn::BitCast(DU{}, b.v)))};
  }
  friend HWY_INLINE mask agree(pack a, pack b) {
    using DU = hn::RebindToUnsigned<D>;
    return {hn::RebindMask(D{}, hn::Eq(hn::BitCast(DU{}, a.v), hn::BitCast(DU{}, b.v)))};
  }
  friend HWY_INLINE scalar sum(pack a) { return hn::GetLane(hn::SumOfLanes(D{}, a.v)); }
  static HWY_INLINE bool any(mask m) { return !hn::AllFalse(D{}, m.m); }
  static HWY_INLINE bool all(mask m) { return hn::AllTrue(D{}, m.m); }
  static HWY_INLINE std::size_t count(mask m) { return hn::CountTrue(D{}, m.m); }
  static HWY_INLINE std::uint32_t bits(mask m) {
    std::uint8_t bytes[8] = {};
    hn::StoreMaskBits(D{}, m.m, bytes);
    return static_cast<std::uint32_t>(bytes[0] | bytes[1] << 8);
  }

 private:
  template <class E>
  static HWY_INLINE hn::Vec<E> load_blocks(E e, const scalar* first, std::size_t step) {
    if constexpr (hn::MaxLanes(e) <= block) {
      return hn::LoadU(e, first);
    } else {
      const hn::Half<E> half;
      return hn::Combine(e, load_blocks(half, first + hn::MaxLanes(half) / block * step, step),
                         load_blocks(half, first, step));
    }
  }

  using indices = hn::Vec<hn::Rebind<std::int32_t, D>>;
  static HWY_INLINE indices load_indices(const std::uint32_t* from) {
    return hn::LoadU(hn::Rebind<std::int32_t, D>(), reinterpret_cast<const std::int32_t*>(from));
  }
  static HWY_INLINE indices load_indices(const std::uint16_t* from) {
    return hn::PromoteTo(hn::Rebind<std::int32_t, D>(), hn::LoadU(hn::Rebind<std::uint16_t, D>(), from));
  }
};

/// The widest vector of the target, but not wider than a panel.
template <class P>
using number = pack<hn::CappedTag<P, panel_width>>;

}  // namespace locus::simd::inline LOCUS_TARGET

#endif
