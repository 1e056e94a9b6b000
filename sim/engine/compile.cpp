#include "sim/engine/compile.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <initializer_list>
#include <map>

#include "sim/rules/apply.hpp"

namespace locus {
namespace {

using rules::node;
using rules::node_id;
using rules::operation;
using rules::rule;

/// Turns a rule into instructions, in the order of its nodes. A register is free again after its last use.
template <class P>
class compiler {
 public:
  compiler(const rule& r, std::size_t fields, const std::vector<std::size_t>& ports, std::size_t results)
      : rule_(r), ports_(ports), results_(results) {
    frame_.fields = fields;
    frame_.ports = ports.size();
    plan();
    frame_.constants = made_.constants.size() / panel_width;
    for (node_id id = 0; id < rule_.nodes.size(); ++id) {
      if (computed_[id]) emit(id);
    }
    finish();
  }

  program<P> take() { return std::move(made_); }

 private:
  [[nodiscard]] const node& at(node_id id) const { return rule_.nodes[id]; }

  [[nodiscard]] bool is_constant(node_id id, double value) const {
    const node& n = at(id);
    return n.op == operation::constant && std::bit_cast<std::uint64_t>(n.value) == std::bit_cast<std::uint64_t>(value);
  }

  /// The node that has the same numbers: if(condition, 1, 0) is what a condition is here.
  [[nodiscard]] node_id same(node_id id) const {
    const node& n = at(id);
    return n.op == operation::choose && is_constant(n.b, 1) && is_constant(n.c, 0) ? n.a : id;
  }

  /// A condition without the `not` before it.
  struct plain_condition {
    node_id id = 0;
    bool negated = false;
    bool compares = false;  ///< it is a comparison
  };
  [[nodiscard]] plain_condition plain(node_id id) const {
    plain_condition p{id, false, false};
    while (at(p.id).op == operation::opposite) p = {at(p.id).a, !p.negated, false};
    p.compares =
        kind_of(at(p.id).op) == rules::value_kind::condition && rules::with_comparison(at(p.id).op, [](auto) {});
    return p;
  }

  /// A node as an instruction, whose operands are nodes. One that needs a comparison compares for itself.
  struct step {
    instruction::kind what = instruction::kind::number;
    operation op = operation::add;
    bool negated = false;
    std::array<node_id, 4> reads{};
    std::size_t count = 0;
  };
  [[nodiscard]] step step_of(const node& n) const {
    using kind = instruction::kind;
    const auto by = [&](kind what, const plain_condition& c, std::initializer_list<node_id> others) {
      step s{what, at(c.id).op, c.negated, {at(c.id).a, at(c.id).b}, 2};
      for (const node_id id : others) s.reads[s.count++] = id;
      return s;
    };
    if (n.op == operation::choose) {
      const plain_condition c = plain(n.a);
      const node_id holds = c.negated ? n.c : n.b, else_ = c.negated ? n.b : n.c;
      if (!c.compares) return {kind::choose, n.op, false, {c.id, holds, else_}, 3};
      return by(kind::choose_by, {c.id, false, true}, {holds, else_});
    }
    if (n.op == operation::both || n.op == operation::either) {
      const kind what = n.op == operation::both ? kind::both_by : kind::either_by;
      if (const plain_condition c = plain(n.b); c.compares) return by(what, c, {n.a});
      if (const plain_condition c = plain(n.a); c.compares) return by(what, c, {n.b});
    }
    if (n.op == operation::opposite) {
      plain_condition c = plain(n.a);
      c.negated = !c.negated;
      if (c.compares) return by(kind::comparison, c, {});
    }
    return {kind_of_instruction(n), n.op, false, {n.a, n.b, n.c}, rules::operands_of(n.op)};
  }

  /// Calls f(id) for the nodes whose places an instruction reads.
  template <class F>
  void each_read(const step& s, F&& f) const {
    for (std::size_t k = 0; k < s.count; ++k) f(same(s.reads[k]));
  }

  /// Which nodes become instructions, when each is read for the last time, and the constants.
  void plan() {
    const std::size_t count = rule_.nodes.size();
    computed_.assign(count, false);
    last_use_.assign(count, 0);
    std::vector<bool> needed(count, false);
    for (const rules::assignment& w : rule_.writes) needed[same(w.value)] = true, last_use_[same(w.value)] = count;
    for (std::size_t k = count; k-- > 0;) {
      const auto id = static_cast<node_id>(k);
      if (!needed[id]) continue;
      const node& n = at(id);
      if (n.op == operation::constant) constant(n.value);
      if (n.op == operation::always || n.op == operation::never) constant(n.op == operation::always ? 1 : 0);
      computed_[id] = rules::operands_of(n.op) > 0;
      if (!computed_[id]) continue;
      each_read(step_of(n), [&](node_id operand) {
        needed[operand] = true;
        last_use_[operand] = std::max(last_use_[operand], k);
      });
    }
  }

  void constant(double value) {
    const P rounded = static_cast<P>(value);
    const auto [found, is_new] = constants_.try_emplace(std::bit_cast<bits>(rounded), constants_.size());
    if (is_new) made_.constants.insert(made_.constants.end(), panel_width, rounded);
  }

  [[nodiscard]] frame_place place_of(node_id id) const {
    const node& n = at(id);
    std::size_t p = 0;
    switch (n.op) {
      case operation::field: p = n.index; break;
      case operation::port:
        p = frame_.first_port() +
            static_cast<std::size_t>(std::find(ports_.begin(), ports_.end(), n.index) - ports_.begin());
        break;
      case operation::imposed: p = frame_.imposed(); break;
      case operation::constant: p = place_of_constant(n.value); break;
      case operation::always: p = place_of_constant(1); break;
      case operation::never: p = place_of_constant(0); break;
      default: p = frame_.first_register() + registers_.at(id); break;
    }
    return static_cast<frame_place>(p);
  }
  [[nodiscard]] std::size_t place_of_constant(double value) const {
    return frame_.first_constant() + constants_.at(std::bit_cast<bits>(static_cast<P>(value)));
  }

  void emit(node_id id) {
    const step s = step_of(at(id));
    instruction i;
    i.what = s.what;
    i.op = s.op;
    i.negated = s.negated;
    i.index = static_cast<std::uint8_t>(at(id).index);
    frame_place* const reads[] = {&i.a, &i.b, &i.c, &i.e};
    for (std::size_t k = 0; k < std::size(reads); ++k) *reads[k] = place_of(same(s.reads[k < s.count ? k : 0]));
    // What is read here for the last time leaves its register to the result: an instruction reads before it writes.
    each_read(s, [&](node_id operand) {
      if (last_use_[operand] == id && computed_[operand] && registers_.contains(operand)) {
        free_.push_back(registers_.at(operand));
        last_use_[operand] = rule_.nodes.size() + 1;  // freed once
      }
    });
    registers_[id] = new_register();
    i.d = place_of(id);
    made_.code.push_back(i);
  }

  static instruction::kind kind_of_instruction(const node& n) {
    using kind = instruction::kind;
    switch (n.op) {
      case operation::both: return kind::both;
      case operation::either: return kind::either;
      case operation::opposite: return kind::opposite;
      case operation::choose: return kind::choose;
      case operation::activate: return kind::activate;
      case operation::slope: return kind::slope;
      default: return kind_of(n.op) == rules::value_kind::number ? kind::number : kind::comparison;
    }
  }

  std::size_t new_register() {
    if (free_.empty()) return made_.registers++;
    const std::size_t r = free_.back();
    free_.pop_back();
    return r;
  }

  /// Results that are other fields as they were are copied, since those fields may be stored first.
  void finish() {
    for (std::size_t f = 0; f < results_; ++f)
      made_.result.push_back(static_cast<frame_place>(f < frame_.fields ? f : 0));
    for (const rules::assignment& w : rule_.writes) {
      const node_id value = same(w.value);
      frame_place from = place_of(value);
      if (at(value).op == operation::field && at(value).index != w.field) {
        instruction copy;
        copy.what = instruction::kind::copy;
        copy.a = copy.b = copy.c = from;
        copy.d = from = static_cast<frame_place>(frame_.first_register() + new_register());
        made_.code.push_back(copy);
      }
      made_.result[w.field] = from;
    }
  }

  using bits = std::conditional_t<sizeof(P) == 4, std::uint32_t, std::uint64_t>;
  const rule& rule_;
  const std::vector<std::size_t>& ports_;
  std::size_t results_;
  program_view<P> frame_;
  program<P> made_;
  std::vector<bool> computed_;
  std::vector<std::size_t> last_use_;
  std::map<bits, std::size_t> constants_;
  std::map<node_id, std::size_t> registers_;
  std::vector<std::size_t> free_;
};

}  // namespace

template <class P>
program<P> compiled(const rule& r, std::size_t fields, const std::vector<std::size_t>& ports, std::size_t results) {
  return compiler<P>(r, fields, ports, results).take();
}
template program<float> compiled<float>(const rule&, std::size_t, const std::vector<std::size_t>&, std::size_t);
template program<double> compiled<double>(const rule&, std::size_t, const std::vector<std::size_t>&, std::size_t);

}  // namespace locus
