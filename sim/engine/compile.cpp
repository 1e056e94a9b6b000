#include "sim/engine/compile.hpp"

#include <algorithm>
#include <bit>
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

  /// A choice by a comparison compares for itself.
  [[nodiscard]] bool compares(const node& n) const {
    if (n.op != operation::choose) return false;
    const operation op = at(n.a).op;
    return kind_of(op) == rules::value_kind::condition && rules::with_comparison(op, [](auto) {});
  }

  /// Calls f(id) for the nodes whose places an instruction reads.
  template <class F>
  void each_read(const node& n, F&& f) const {
    if (compares(n)) {
      f(at(n.a).a), f(at(n.a).b), f(n.b), f(n.c);
    } else {
      rules::each_operand(n, f);
    }
  }

  /// Which nodes become instructions, when each is read for the last time, and the constants.
  void plan() {
    const std::size_t count = rule_.nodes.size();
    computed_.assign(count, false);
    last_use_.assign(count, 0);
    std::vector<bool> needed(count, false);
    for (const rules::assignment& w : rule_.writes) needed[w.value] = true, last_use_[w.value] = count;
    for (std::size_t k = count; k-- > 0;) {
      const auto id = static_cast<node_id>(k);
      if (!needed[id]) continue;
      const node& n = at(id);
      if (n.op == operation::constant) constant(n.value);
      if (n.op == operation::always || n.op == operation::never) constant(n.op == operation::always ? 1 : 0);
      computed_[id] = rules::operands_of(n.op) > 0;
      each_read(n, [&](node_id operand) {
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
    const node& n = at(id);
    instruction i;
    using kind = instruction::kind;
    i.op = n.op;
    const std::size_t operands = rules::operands_of(n.op);
    if (compares(n)) {
      const node& condition = at(n.a);
      i.what = kind::choose_by;
      i.op = condition.op;
      i.a = place_of(condition.a), i.b = place_of(condition.b), i.c = place_of(n.b), i.e = place_of(n.c);
    } else {
      i.a = place_of(n.a);
      i.b = operands > 1 ? place_of(n.b) : i.a;
      i.c = operands > 2 ? place_of(n.c) : i.a;
      i.what = kind_of_instruction(n);
      i.index = static_cast<std::uint8_t>(n.index);
    }
    // What is read here for the last time leaves its register to the result: an instruction reads before it writes.
    each_read(n, [&](node_id operand) {
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
      frame_place from = place_of(w.value);
      if (at(w.value).op == operation::field && at(w.value).index != w.field) {
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
