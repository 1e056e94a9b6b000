#pragma once
/// Runs the instructions of programs (program.hpp) over blocks of numbers. To be included only by files that are
/// compiled once per target: see simd.hpp.

#include <cstddef>

#include "sim/engine/program.hpp"
#include "sim/engine/simd.hpp"
#include "sim/engine/unroll.hpp"
#include "sim/rules/apply.hpp"

namespace locus::detail {

/// Where the numbers of a place are: a constant's stay where they are, all others move on with the neurons.
template <class P>
struct row {
  const P* at = nullptr;
  std::size_t step = 0;  ///< 0 or 1
};

/// d[i] = f(a[i], b[i], c[i], e[i]) for a block of numbers.
template <class N, class F>
[[gnu::always_inline]] inline void each_number(std::size_t count, scalar_of<N>* d, const row<scalar_of<N>>& a,
                                               const row<scalar_of<N>>& b, const row<scalar_of<N>>& c, F f) {
  for (std::size_t i = 0; i < count; i += N::width) {
    f(N::load(a.at + i * a.step), N::load(b.at + i * b.step), N::load(c.at + i * c.step)).store(d + i);
  }
}

/// Runs one instruction over a block.
template <class N>
class machine {
 public:
  using P = scalar_of<N>;

  machine(const row<P>* frame, std::size_t first_register, std::size_t block, P* registers)
      : frame_(frame), first_register_(first_register), block_(block), registers_(registers) {}

  void run(const instruction& i, std::size_t count) const {
    using kind = instruction::kind;
    P* const d = registers_ + (i.d - first_register_) * block_;
    const row<P> a = frame_[i.a], b = frame_[i.b], c = frame_[i.c], e = frame_[i.e];
    const auto each = [&](auto f) { each_number<N>(count, d, a, b, c, f); };
    const auto one_or_zero = [](typename N::mask m) { return select(m, N(1), N(0)); };
    switch (i.what) {
      case kind::number:
        rules::with_number_operation(i.op, [&](auto op) {
          constexpr std::size_t operands = rules::operands_of(op());
          for (std::size_t k = 0; k < count; k += N::width) {
            const N x = N::load(a.at + k * a.step);
            N y = x, z = x;
            if constexpr (operands > 1) y = N::load(b.at + k * b.step);
            if constexpr (operands > 2) z = N::load(c.at + k * c.step);
            rules::apply<op()>(x, y, z).store(d + k);
          }
        });
        break;
      case kind::comparison:
        rules::with_comparison(
            i.op, [&](auto op) { each([&](N x, N y, N) { return one_or_zero(rules::apply<op()>(x, y, y)); }); });
        break;
      case kind::choose_by:
        rules::with_comparison(i.op, [&](auto op) {
          for (std::size_t k = 0; k < count; k += N::width) {
            const N x = N::load(a.at + k * a.step), y = N::load(b.at + k * b.step);
            select(rules::apply<op()>(x, y, y), N::load(c.at + k * c.step), N::load(e.at + k * e.step)).store(d + k);
          }
        });
        break;
      case kind::choose: each([](N m, N x, N y) { return select(m == N(0), y, x); }); break;
      case kind::copy: each([](N x, N, N) { return x; }); break;
      case kind::both: each([](N x, N y, N) { return bits_and(x, y); }); break;
      case kind::either: each([](N x, N y, N) { return bits_or(x, y); }); break;
      case kind::opposite: each([](N x, N, N) { return N(1) - x; }); break;
      case kind::activate:
        with_activation(i.index, [&](auto f) { each([&](N x, N, N) { return activate(f(), x); }); });
        break;
      case kind::slope:
        with_activation(i.index, [&](auto f) { each([&](N x, N y, N) { return slope(f(), x, y); }); });
        break;
    }
  }

 private:
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
