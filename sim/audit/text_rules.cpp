/// The rules of text models over traced numbers.

#include <algorithm>
#include <optional>

#include "sim/audit/rules.hpp"
#include "sim/rules/declaration.hpp"
#include "sim/rules/evaluate.hpp"
#include "sim/rules/specialise.hpp"

namespace locus {
namespace {

using rules::node;
using rules::operation;
using rules::rule;

/// A model's rules with its parameters put in.
struct followed_rules {
  rule advance[2][2];  ///< [with step][with clamp]
  std::vector<rule> reactions;
  std::vector<std::vector<std::size_t>> reaction_ports;  ///< of the model's ports, in the order of the phase's
  std::vector<std::size_t> step_ports;
  std::optional<rule> learn[2];  ///< [gate at pre]
};

template <class P>
std::shared_ptr<const followed_rules> make_rules(const rules::text_parameters& params) {
  const rules::text_model& model = *params.model;
  const model_declaration declared = rules::declaration_of(params.model);
  auto made = std::make_shared<followed_rules>();
  const auto with_values = [&](const rule& r) { return rules::specialised<P>(r, model, params.values); };
  for (const int step : {0, 1}) {
    for (const int clamp : {0, 1}) {
      made->advance[step][clamp] = with_values(rules::advance_of(model, step != 0, clamp != 0));
    }
  }
  if (declared.step) made->step_ports = declared.step->ports;
  for (std::size_t k = 0; k < model.reactions.size(); ++k) {
    made->reactions.push_back(with_values(model.reactions[k]));
    made->reaction_ports.push_back(declared.reactions[k].ports);
  }
  for (const bool pre : {false, true}) {
    if (model.learn) made->learn[pre ? 1 : 0] = with_values(rules::with_products_by_end(*model.learn, pre));
  }
  return made;
}

template <class P>
const followed_rules& rules_of(const void* params) {
  const auto& block = *static_cast<const rules::text_parameters*>(params);
  constexpr std::size_t slot = sizeof(P) == sizeof(float) ? 2 : 3;
  std::call_once(block.cache->once[slot], [&] { block.cache->made[slot] = make_rules<P>(block); });
  return *static_cast<const followed_rules*>(block.cache->made[slot].get());
}

/// Evaluates a rule and stores what it assigns.
template <class T, class Leaf>
void apply_rule(const rule& r, const Leaf& leaf, T* fields) {
  const rules::evaluation<T, Leaf> all(r.nodes, leaf);
  for (const rules::assignment& w : r.writes) fields[w.field] = all.number(w.value);
}

template <class T>
const T& port_of(const std::vector<std::size_t>& ports, const T* values, std::size_t port) {
  return values[static_cast<std::size_t>(std::find(ports.begin(), ports.end(), port) - ports.begin())];
}

template <class P>
void advance_text(const void* params, bool with_step, const traced<P>* ports, const traced<P>* clamp,
                  traced<P>* fields) {
  const followed_rules& all = rules_of<P>(params);
  const std::size_t imposed = clamp != nullptr ? 1 : 0;
  apply_rule(
      all.advance[with_step ? 1 : 0][imposed],
      [&](const node& n) -> const traced<P>& {
        if (n.op == operation::field) return fields[n.index];
        return n.op == operation::imposed ? *clamp : port_of(all.step_ports, ports, n.index);
      },
      fields);
}

template <class P, std::size_t k>
void react_text(const void* params, const traced<P>* ports, traced<P>* fields) {
  const followed_rules& all = rules_of<P>(params);
  apply_rule(
      all.reactions[k],
      [&](const node& n) -> const traced<P>& {
        return n.op == operation::field ? fields[n.index] : port_of(all.reaction_ports[k], ports, n.index);
      },
      fields);
}

template <class P>
void learn_text(const void* params, std::size_t places, const traced<P>* pre, const traced<P>* post,
                const traced<P>* gate, bool gate_at_pre, traced<P>* state) {
  const traced<P> open(1);
  const rules::text_model& model = *static_cast<const rules::text_parameters*>(params)->model;
  const rule& r = *rules_of<P>(params).learn[gate_at_pre ? 1 : 0];
  std::vector<traced<P>> sums;  // [node], what they have added up to before the last place
  for (std::size_t place = 0; place < places; ++place) {
    const auto leaf = [&](const node& n) -> const traced<P>& {
      switch (n.op) {
        case operation::pre: return pre[place * model.pre.size() + n.index];
        case operation::post: return post[place * model.post.size() + n.index];
        case operation::gate: return gate != nullptr ? gate[place] : open;
        default: return state[n.index];
      }
    };
    const rules::evaluation<traced<P>, decltype(leaf)> all(r.nodes, leaf, sums.empty() ? nullptr : sums.data());
    if (place + 1 < places) {
      sums = all.numbers();
      continue;
    }
    for (const rules::assignment& w : r.writes) state[w.field] = all.number(w.value);
  }
}

template <class P>
traced_rules<P> text_rules() {
  static_assert(max_reactions == 3);
  return {&advance_text<P>, {&react_text<P, 0>, &react_text<P, 1>, &react_text<P, 2>}, &learn_text<P>};
}

}  // namespace

const traced_model& traced_text_rules() {
  static const traced_model all = {text_rules<float>(), text_rules<double>()};
  return all;
}

}  // namespace locus
