#include "sim/rules/algebra.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "sim/rules/specialise.hpp"

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
bool is_one(const known& k) { return k.number && *k.number == 1; }

/// Whether a number that is no constant of the text can be 0.
bool never_zero(const node& n, const text_model& model) {
  if (n.op == operation::constant) return n.value != 0 && static_cast<float>(n.value) != 0;
  if (n.op != operation::number_parameter) return false;
  const limits& valid = model.parameters[n.index].valid;
  return valid.low > 0 || (valid.low == 0 && valid.low_open) || valid.high < 0;
}

/// Which nodes are finite whatever finite numbers the leaves are, unless sums and products overflow: [node].
std::vector<bool> always_finite(const graph& nodes, const text_model& model) {
  const bool functions = std::all_of(model.activations.begin(), model.activations.end(), [&](const auto& own) {
    return always_finite(own->function, {})[own->function_root] &&
           always_finite(own->derivative, {})[own->derivative_root];
  });
  std::vector<bool> all;
  for (const node& n : nodes) {
    bool here = true;
    switch (n.op) {
      case operation::exponential:
      case operation::power_of_two:
      case operation::logarithm:
      case operation::square_root: here = false; break;
      case operation::divide: here = never_zero(nodes[n.b], model); break;
      case operation::activate:
      case operation::slope: here = functions; break;
      default: break;
    }
    each_operand(n, [&](node_id operand) { here = here && all[operand]; });
    all.push_back(here);
  }
  return all;
}

class algebra {
 public:
  algebra(const rule& s, const text_model& model, const std::function<bool(const node&)>& vanishes)
      : nodes_(s.nodes), finite_(always_finite(s.nodes, model)) {
    for (node_id id = 0; id < nodes_.size(); ++id) all_.push_back(look_at(id, vanishes));
  }

  [[nodiscard]] bool leaves(const assignment& w) const {
    const known& k = all_[w.value];
    const node& n = nodes_[k.same];
    return !k.number && n.op == operation::field && n.index == w.field;
  }

  [[nodiscard]] bool vanishes(node_id id) const { return is_zero(all_[id]); }

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
        break;
      case operation::multiply:
        if (is_zero_product(n)) return constant(id, 0);
        if (is_one(a())) return b();
        if (is_one(b())) return a();
        break;
      case operation::divide:
        if (is_zero(a()) && finite_[id]) return constant(id, 0);
        if (is_one(b())) return a();
        break;
      case operation::fused_multiply_add:
        if (is_zero_product(n)) return c();
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

  bool is_zero_product(const node& n) const {
    return (is_zero(all_[n.a]) && finite_[n.b]) || (is_zero(all_[n.b]) && finite_[n.a]);
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
  std::vector<bool> finite_;
  std::vector<known> all_;
};

}  // namespace

bool changes_nothing(const rule& s, const text_model& model, const std::function<bool(const node&)>& vanishes) {
  const algebra found(s, model, vanishes);
  return std::all_of(s.writes.begin(), s.writes.end(), [&](const assignment& w) { return found.leaves(w); });
}

bool sums_vanish_without_pre(const text_model& model, bool gate_at_pre) {
  const algebra found(*model.learn, model, [gate_at_pre](const node& n) {
    return n.op == operation::pre || (gate_at_pre && n.op == operation::gate);
  });
  const graph& nodes = model.learn->nodes;
  for (node_id id = 0; id < nodes.size(); ++id) {
    if (nodes[id].op == operation::sum && !found.vanishes(id)) return false;
  }
  return true;
}

bool same_with_ends_exchanged(const text_model& model) {
  if (!model.learn || model.fields.size() != 1) return false;
  graph both;
  const auto add = [&](const rule& learn, bool exchanged) {
    std::vector<node_id> here;
    for (const node& each : learn.nodes) {
      node n = moved(each, here);
      if (exchanged && n.op == operation::pre) n.op = operation::post;
      else if (exchanged && n.op == operation::post) n.op = operation::pre;
      const bool ordered =
          n.op != operation::add && n.op != operation::multiply && n.op != operation::fused_multiply_add;
      if (!ordered && n.b < n.a) std::swap(n.a, n.b);
      here.push_back(both.add(n));
    }
    return here[learn.writes.front().value];
  };
  return add(with_products_by_end(*model.learn, true), true) == add(with_products_by_end(*model.learn, false), false);
}

}  // namespace locus::rules
