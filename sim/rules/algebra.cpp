#include "sim/rules/algebra.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

namespace locus::rules {
namespace {

/// What is known of a node: it is equal to some node (perhaps itself), a constant, or a condition whose outcome is
/// known. Zero has no sign here: no operation below tells -0 from +0, and no state keeps -0.
struct known {
  std::optional<double> number = std::nullopt;
  std::optional<bool> holds = std::nullopt;
  node_id same = 0;
};

bool is_zero(const known& k) { return k.number && *k.number == 0; }

class algebra {
 public:
  algebra(const rule& s, const std::function<bool(const node&)>& vanishes) : nodes_(s.nodes) {
    for (node_id id = 0; id < nodes_.size(); ++id) all_.push_back(look_at(id, vanishes));
  }

  [[nodiscard]] bool leaves(const assignment& w) const {
    const known& k = all_[w.value];
    const node& n = nodes_[k.same];
    return !k.number && n.op == operation::field && n.index == w.field;
  }

 private:
  known look_at(node_id id, const std::function<bool(const node&)>& vanishes) const {
    const node& n = nodes_[id];
    if (vanishes(n)) return constant(id, 0);
    const auto a = [&]() -> const known& { return all_[n.a]; };
    const auto b = [&]() -> const known& { return all_[n.b]; };
    const auto c = [&]() -> const known& { return all_[n.c]; };
    switch (n.op) {
      case operation::constant: return constant(id, n.value);
      case operation::always: return outcome(id, true);
      case operation::never: return outcome(id, false);
      case operation::add:
        if (is_zero(a())) return b();
        if (is_zero(b())) return a();
        break;
      case operation::subtract:
        if (is_zero(b())) return a();
        if (is_zero(a()) && is_zero(b())) return constant(id, 0);
        break;
      case operation::multiply:
        if (is_zero(a()) || is_zero(b())) return constant(id, 0);
        break;
      case operation::fused_multiply_add:
        if (is_zero(a()) || is_zero(b())) return c();
        break;
      case operation::negate:
      case operation::absolute:
      case operation::floor:
      case operation::square_root:
      case operation::tanh:
      case operation::relu:
      case operation::sum:
        if (is_zero(a())) return constant(id, 0);
        break;
      case operation::minimum:
      case operation::maximum:
        if (a().same == b().same && bool(a().number) == bool(b().number)) return a();
        if (is_zero(a()) && is_zero(b())) return constant(id, 0);
        break;
      case operation::choose:
        if (a().holds) return *a().holds ? b() : c();
        if (b().same == c().same && !b().number && !c().number) return b();
        if (is_zero(b()) && is_zero(c())) return constant(id, 0);
        break;
      case operation::equal: return compared(id, a(), b(), [](auto x, auto y) { return x == y; });
      case operation::less: return compared(id, a(), b(), [](auto x, auto y) { return x < y; });
      case operation::less_equal: return compared(id, a(), b(), [](auto x, auto y) { return x <= y; });
      case operation::greater: return compared(id, a(), b(), [](auto x, auto y) { return x > y; });
      case operation::greater_equal: return compared(id, a(), b(), [](auto x, auto y) { return x >= y; });
      case operation::both:
        if ((a().holds && !*a().holds) || (b().holds && !*b().holds)) return outcome(id, false);
        if (a().holds) return b();
        if (b().holds) return a();
        break;
      case operation::either:
        if ((a().holds && *a().holds) || (b().holds && *b().holds)) return outcome(id, true);
        if (a().holds) return b();
        if (b().holds) return a();
        break;
      case operation::opposite:
        if (a().holds) return outcome(id, !*a().holds);
        break;
      default: break;
    }
    return {.same = id};
  }

  static known constant(node_id id, double value) { return {.number = value, .same = id}; }
  /// Known if it is the same in both precisions.
  template <class F>
  static known compared(node_id id, const known& a, const known& b, F&& holds) {
    if (!a.number || !b.number) return {.same = id};
    const bool wide = holds(*a.number, *b.number);
    if (wide != holds(static_cast<float>(*a.number), static_cast<float>(*b.number))) return {.same = id};
    return outcome(id, wide);
  }
  static known outcome(node_id id, bool holds) { return {.holds = holds, .same = id}; }

  const graph& nodes_;
  std::vector<known> all_;
};

}  // namespace

bool changes_nothing(const rule& s, const std::function<bool(const node&)>& vanishes) {
  const algebra found(s, vanishes);
  return std::all_of(s.writes.begin(), s.writes.end(), [&](const assignment& w) { return found.leaves(w); });
}

}  // namespace locus::rules
