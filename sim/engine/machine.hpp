#pragma once
/// Runs the instructions of programs (program.hpp) over blocks of numbers. To be included only by files that are
/// compiled once per target: see simd.hpp.

#include <cstddef>
#include <iterator>
#include <new>
#include <type_traits>

#include "sim/engine/program.hpp"
#include "sim/engine/simd.hpp"
#include "sim/engine/unroll.hpp"
#include "sim/rules/apply.hpp"

namespace locus::detail {

/// Where the numbers of a place are, 16 by 16: those of constants stay where they are, all others move on.
template <class P>
struct row {
  const P* at;
  std::size_t step;  ///< from 16 numbers to the next 16
};

/// d = f(a, b, ...) for a block of numbers.
template <class N, class F, class... Rows>
[[gnu::always_inline]] inline void each_number(std::size_t count, scalar_of<N>* d, F f, Rows... rows) {
  for (scalar_of<N>* const end = d + count; d != end; d += panel_width) {
    each_index<panel_width / N::width>([&](auto r) {
      constexpr std::size_t at = r() * N::width;
      f(N::load(rows.at + at)...).store(d + at);
    });
    ((rows.at += rows.step), ...);
  }
}

/// Uninitialised space for records: its own, or if that is too small, of the heap. N: see simd.hpp.
template <class N, class T, std::size_t usual>
class room {
 public:
  explicit room(std::size_t count)
      : begin_(count <= usual ? own_ : static_cast<T*>(::operator new(count * sizeof(T), alignment))) {}
  ~room() {
    if (begin_ != own_) ::operator delete(begin_, alignment);
  }
  room(const room&) = delete;
  room& operator=(const room&) = delete;
  [[nodiscard]] T* begin() const { return begin_; }

 private:
  static constexpr std::align_val_t alignment{64};
  T* begin_;
  alignas(64) T own_[usual];
};

/// The frame of a program, and its registers, for blocks of so many numbers.
template <class N>
struct workspace {
  using P = scalar_of<N>;

  workspace(const program_view<P>& program, std::size_t block)
      : frame_room(program.first_register() + program.registers), register_room(program.registers * block) {
    for (std::size_t k = 0; k < program.constants; ++k)
      frame[program.first_constant() + k] = {program.constant_values + k * panel_width, 0};
    for (std::size_t k = 0; k < program.registers; ++k)
      frame[program.first_register() + k] = {registers + k * block, panel_width};
  }

  room<N, row<P>, 256> frame_room;
  room<N, P, register_bytes / sizeof(P)> register_room;
  row<P>* const frame = frame_room.begin();
  P* const registers = register_room.begin();
};

/// Runs one instruction over a block.
template <class N>
class machine {
 public:
  using P = scalar_of<N>;

  machine(const workspace<N>& space, const program_view<P>& program, std::size_t block)
      : frame_(space.frame), first_register_(program.first_register()), block_(block), registers_(space.registers) {}

  void run(const instruction& i, std::size_t count) const {
    using kind = instruction::kind;
    P* const d = registers_ + (i.d - first_register_) * block_;
    const row<P> a = frame_[i.a], b = frame_[i.b], c = frame_[i.c], e = frame_[i.e];
    const auto each = [&](auto f, auto... rows) { each_number<N>(count, d, f, rows...); };
    switch (i.what) {
      case kind::number:
        rules::with_number_operation(i.op, [&](auto op) {
          constexpr std::size_t operands = rules::operands_of(op());
          if constexpr (operands == 1) each([=](N x) { return rules::apply<op()>(x, x, x); }, a);
          else if constexpr (operands == 2) each([=](N x, N y) { return rules::apply<op()>(x, y, y); }, a, b);
          else each([=](N x, N y, N z) { return rules::apply<op()>(x, y, z); }, a, b, c);
        });
        break;
      case kind::comparison:
        with_comparison(i, [&](auto holds) { each([=](N x, N y) { return select(holds(x, y), N(1), N(0)); }, a, b); });
        break;
      case kind::both_by:
        with_comparison(
            i, [&](auto holds) { each([=](N x, N y, N m) { return select(holds(x, y), m, N(0)); }, a, b, c); });
        break;
      case kind::either_by:
        with_comparison(
            i, [&](auto holds) { each([=](N x, N y, N m) { return select(holds(x, y), N(1), m); }, a, b, c); });
        break;
      case kind::choose_by:
        with_comparison(
            i, [&](auto holds) { each([=](N x, N y, N z, N w) { return select(holds(x, y), z, w); }, a, b, c, e); });
        break;
      case kind::choose: each([](N m, N x, N y) { return select(m == N(0), y, x); }, a, b, c); break;
      case kind::copy: each([](N x) { return x; }, a); break;
      case kind::both: each([](N x, N y) { return bits_and(x, y); }, a, b); break;
      case kind::either: each([](N x, N y) { return bits_or(x, y); }, a, b); break;
      case kind::opposite: each([](N x) { return N(1) - x; }, a); break;
      case kind::activate:
        with_activation(i.index, [&](auto f) { each([=](N x) { return activate(f(), x); }, a); });
        break;
      case kind::slope:
        with_activation(i.index, [&](auto f) { each([=](N x, N y) { return slope(f(), x, y); }, a, b); });
        break;
    }
  }

 private:
  /// Calls f(whether the instruction's comparison holds of two numbers).
  template <class F>
  [[gnu::always_inline]] static void with_comparison(const instruction& i, F f) {
    rules::with_comparison(i.op, [&](auto op) {
      if (i.negated) f([=](N x, N y) { return !rules::apply<op()>(x, y, y); });
      else f([=](N x, N y) { return rules::apply<op()>(x, y, y); });
    });
  }

  /// Calls f(constant) for the activation of that number.
  template <class F>
  [[gnu::always_inline]] static void with_activation(std::uint8_t index, F f) {
    each_index<std::size(enum_names<activation>::all)>([&](auto k) {
      constexpr activation which = enum_names<activation>::all[k].second;
      if (static_cast<std::uint8_t>(which) == index) f(std::integral_constant<activation, which>());
    });
  }

  const row<P>* frame_;
  std::size_t first_register_, block_;
  P* registers_;
};

}  // namespace locus::detail
