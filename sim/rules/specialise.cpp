#include "sim/rules/specialise.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "sim/rules/evaluate.hpp"

namespace locus::rules {
namespace {

/// Copies all of `from` into another graph and returns what becomes of each node: replace(node) may give another one
/// for it; nothing, if it stays.
template <class Replace>
std::vector<node_id> copied(const graph& from, graph& to, const Replace& replace) {
  std::vector<node_id> here;
  for (const node& each : from) {
    const node n = moved(each, here);
    const std::optional<node_id> other = replace(n);
    here.push_back(other ? *other : to.add(n));
  }
  return here;
}

/// Folds what is known into an equal node.
template <class P>
class folding {
 public:
  explicit folding(graph& nodes) : nodes_(nodes) {}

  node_id add(const node& n) {
    if (const auto known = condition(n)) return *known;
    if (n.op == operation::choose) {
      if (is(n.a, operation::always)) return n.b;
      if (is(n.a, operation::never)) return n.c;
    }
    const std::size_t count = operands_of(n.op);
    bool constants = count > 0 && n.op != operation::sum && n.op != operation::choose;
    each_operand(n, [&](node_id operand) { constants = constants && is(operand, operation::constant); });
    if (!constants) return nodes_.add(n);
    const auto value = [&](node_id operand) { return static_cast<P>(nodes_[operand].value); };
    const P a = value(n.a), b = count > 1 ? value(n.b) : a, c = count > 2 ? value(n.c) : a;
    std::optional<node_id> made;
    with_number_operation(n.op, [&](auto op) { made = nodes_.constant(static_cast<double>(apply<op(), P>(a, b, c))); });
    with_comparison(n.op, [&](auto op) { made = truth(apply<op(), P>(a, b, c)); });
    if (n.op == operation::activate)
      made = nodes_.constant(static_cast<double>(locus::activate(static_cast<activation>(n.index), a)));
    if (n.op == operation::slope)
      made = nodes_.constant(static_cast<double>(locus::slope(static_cast<activation>(n.index), a, b)));
    return made ? *made : nodes_.add(n);
  }

 private:
  [[nodiscard]] bool is(node_id id, operation op) const { return nodes_[id].op == op; }
  node_id truth(bool holds) { return nodes_.add({.op = holds ? operation::always : operation::never}); }

  std::optional<node_id> condition(const node& n) {
    const bool both = n.op == operation::both;
    if (n.op == operation::opposite) {
      if (is(n.a, operation::always)) return truth(false);
      if (is(n.a, operation::never)) return truth(true);
    }
    if (!both && n.op != operation::either) return std::nullopt;
    const operation decides = both ? operation::never : operation::always;
    const operation leaves = both ? operation::always : operation::never;
    if (is(n.a, decides) || is(n.b, leaves)) return n.a;
    if (is(n.b, decides) || is(n.a, leaves)) return n.b;
    return std::nullopt;
  }

  graph& nodes_;
};

/// The nodes that the assignments need, and no others.
rule pruned(const rule& s) {
  std::vector<node_id> roots;
  for (const assignment& w : s.writes) roots.push_back(w.value);
  const std::vector<bool> needed = reached_from(s.nodes, roots);
  rule out;
  std::vector<node_id> here(s.nodes.size(), 0);
  for (node_id id = 0; id < s.nodes.size(); ++id) {
    if (!needed[id]) continue;
    here[id] = out.nodes.add(moved(s.nodes[id], here));
  }
  for (const assignment& w : s.writes) out.writes.push_back({w.field, here[w.value]});
  return out;
}

template <class P>
node_id put_in_place(folding<P>& fold, graph& to, const graph& text, node_id root, node_id x, node_id y) {
  const std::vector<node_id> here = copied(text, to, [&](const node& n) -> std::optional<node_id> {
    if (n.op == operation::argument) return n.index == 0 ? x : y;
    return fold.add(n);
  });
  return here[root];
}

template <class P>
rule with_values(const rule& s, const text_model& model, const std::vector<parameter_value>& values) {
  rule out;
  folding<P> fold(out.nodes);
  const auto replace = [&](node n) -> std::optional<node_id> {
    switch (n.op) {
      case operation::number_parameter: return out.nodes.constant(std::get<double>(values[n.index]));
      case operation::flag_parameter:
        return out.nodes.add({.op = std::get<bool>(values[n.index]) ? operation::always : operation::never});
      case operation::activate:
      case operation::slope: {
        const std::string& name = std::get<std::string>(values[n.index]);
        if (const auto ours = value_named<activation>(name)) {
          n.index = static_cast<std::uint32_t>(*ours);
          return fold.add(n);
        }
        const auto own = std::find_if(model.activations.begin(), model.activations.end(),
                                      [&](const auto& each) { return each->name == name; });
        const text_activation& text = **own;
        if (n.op == operation::activate)
          return put_in_place(fold, out.nodes, text.function, text.function_root, n.a, n.a);
        return put_in_place(fold, out.nodes, text.derivative, text.derivative_root, n.a, n.b);
      }
      default: return fold.add(n);
    }
  };
  const std::vector<node_id> here = copied(s.nodes, out.nodes, replace);
  for (const assignment& w : s.writes) out.writes.push_back({w.field, here[w.value]});
  return pruned(out);
}

}  // namespace

template <class P>
rule specialised(const rule& s, const text_model& model, const std::vector<parameter_value>& values) {
  return with_values<P>(s, model, values);
}
template rule specialised<float>(const rule&, const text_model&, const std::vector<parameter_value>&);
template rule specialised<double>(const rule&, const text_model&, const std::vector<parameter_value>&);

rule advance_of(const text_model& model, bool with_step, bool with_clamp) {
  std::vector<const rule*> all;
  if (with_step && model.step) all.push_back(&*model.step);
  if (with_clamp && model.clamp) all.push_back(&*model.clamp);
  if (model.emit) all.push_back(&*model.emit);
  return joined(all);
}

rule joined(const std::vector<const rule*>& all) {
  rule out;
  std::map<std::uint32_t, node_id> written;
  for (const rule* s : all) {
    const std::vector<node_id> here = copied(s->nodes, out.nodes, [&](const node& n) -> std::optional<node_id> {
      const auto found = n.op == operation::field ? written.find(n.index) : written.end();
      return found == written.end() ? std::nullopt : std::optional(found->second);
    });
    for (const assignment& w : s->writes) written[w.field] = here[w.value];
  }
  for (const auto& [field, value] : written) out.writes.push_back({field, value});
  return pruned(out);
}

std::vector<unsigned> ends_of(const rule& learn, bool gate_at_pre) {
  std::vector<unsigned> ends;
  for (const node& n : learn.nodes) {
    unsigned here = 0;
    if (n.op == operation::pre || (n.op == operation::gate && gate_at_pre)) here = of_pre;
    else if (n.op == operation::post || n.op == operation::gate) here = of_post;
    else if (n.op == operation::field || n.op == operation::sum) here = of_synapse;
    each_operand(n, [&](node_id operand) { here |= ends[operand]; });
    ends.push_back(here);
  }
  return ends;
}

rule with_products_by_end(const rule& learn, bool gate_at_pre) {
  const std::vector<unsigned> ends = ends_of(learn, gate_at_pre);
  rule out;
  std::vector<node_id> here;
  // Products of products have more factors than can be listed: x8 = x4 * x4, x4 = x2 * x2, ...
  constexpr std::size_t most_factors = 64;
  const auto factors = [&](node_id product) {
    std::vector<node_id> all, waiting = {product};
    while (!waiting.empty() && all.size() <= most_factors) {
      const node_id id = waiting.back();
      waiting.pop_back();
      const node& n = learn.nodes[id];
      if (n.op != operation::multiply) {
        all.push_back(id);
        continue;
      }
      waiting.push_back(n.b);
      waiting.push_back(n.a);
    }
    return all;
  };
  for (node_id id = 0; id < learn.nodes.size(); ++id) {
    node n = learn.nodes[id];
    if (n.op == operation::sum && learn.nodes[n.a].op == operation::multiply) {
      const std::vector<node_id> all = factors(n.a);
      const bool by_end = all.size() <= most_factors && std::all_of(all.begin(), all.end(), [&](node_id f) {
                            return ends[f] == 0 || ends[f] == of_pre || ends[f] == of_post;
                          });
      std::optional<node_id> before, after;
      for (const node_id f : all) {
        std::optional<node_id>& product = ends[f] == of_pre ? before : after;
        product = product ? out.nodes.add({.op = operation::multiply, .a = *product, .b = here[f]}) : here[f];
      }
      if (by_end && before && after) {
        n.a = out.nodes.add({.op = operation::multiply, .a = *after, .b = *before});
        here.push_back(out.nodes.add(n));
        continue;
      }
    }
    here.push_back(out.nodes.add(moved(n, here)));
  }
  for (const assignment& w : learn.writes) out.writes.push_back({w.field, here[w.value]});
  return pruned(out);
}

}  // namespace locus::rules
