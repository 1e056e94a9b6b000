#pragma once
/// The evaluation of a whole rule over one number type.

#include <utility>
#include <vector>

#include "sim/rules/apply.hpp"

namespace locus::rules {

/// All numbers of a section over T, given those of its leaves: leaf(node) -> T. Parameters must be constants (see
/// specialise.hpp). Sums are of one lane: +0 plus what it brings; or plus `sums`
/// [node], what lanes before it have brought.
template <class T, class Leaf>
class evaluation {
 public:
  using mask = decltype(std::declval<T>() == std::declval<T>());

  evaluation(const graph& nodes, const Leaf& leaf, const T* sums = nullptr)
      : numbers_(nodes.size()), masks_(nodes.size()) {
    for (node_id id = 0; id < nodes.size(); ++id) evaluate(nodes, id, leaf, sums);
  }
  [[nodiscard]] const std::vector<T>& numbers() const { return numbers_; }
  [[nodiscard]] const T& number(node_id id) const { return numbers_[id]; }

 private:
  void evaluate(const graph& nodes, node_id id, const Leaf& leaf, const T* sums) {
    const node& n = nodes[id];
    const auto a = [&]() -> const T& { return numbers_[n.a]; };
    const auto b = [&]() -> const T& { return numbers_[operands_of(n.op) > 1 ? n.b : n.a]; };
    const auto c = [&]() -> const T& { return numbers_[operands_of(n.op) > 2 ? n.c : n.a]; };
    if (with_number_operation(n.op, [&](auto op) { numbers_[id] = apply<op(), T>(a(), b(), c()); })) return;
    if (with_comparison(n.op, [&](auto op) { masks_[id] = apply<op(), T>(a(), b(), a()); })) return;
    switch (n.op) {
      case operation::constant: numbers_[id] = T(n.value); break;
      case operation::always: masks_[id] = T(0) == T(0); break;
      case operation::never: masks_[id] = T(0) > T(0); break;
      case operation::both: masks_[id] = both(masks_[n.a], masks_[n.b]); break;
      case operation::either: masks_[id] = either(masks_[n.a], masks_[n.b]); break;
      case operation::opposite: masks_[id] = !masks_[n.a]; break;
      case operation::choose: numbers_[id] = select(masks_[n.a], b(), c()); break;
      case operation::activate: numbers_[id] = locus::activate(static_cast<activation>(n.index), a()); break;
      case operation::slope: numbers_[id] = locus::slope(static_cast<activation>(n.index), a(), b()); break;
      case operation::sum: {
        const node& inner = nodes[n.a];
        const T before = sums != nullptr ? sums[id] : T(0);
        numbers_[id] =
            inner.op == operation::multiply ? fma(numbers_[inner.a], numbers_[inner.b], before) : before + a();
        break;
      }
      default: numbers_[id] = leaf(n);
    }
  }

  static mask both(const mask& x, const mask& y) { return x & y; }
  static mask either(const mask& x, const mask& y) { return x | y; }

  std::vector<T> numbers_;
  std::vector<mask> masks_;  // of bool for plain numbers: one thread writes it
};

}  // namespace locus::rules
