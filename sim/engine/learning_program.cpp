#include "sim/engine/learning_program.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>

#include "sim/core/errors.hpp"
#include "sim/engine/compile.hpp"
#include "sim/engine/models.hpp"
#include "sim/rules/declaration.hpp"
#include "sim/rules/specialise.hpp"

namespace locus {
namespace {

using rules::node;
using rules::node_id;
using rules::operation;
using rules::rule;

std::vector<std::size_t> first_numbers(std::size_t count) {
  std::vector<std::size_t> all(count);
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

template <class P>
struct kept_learning {
  learning_programs<P> views;
  program_store<P> store;
  end_parts aliases;  ///< which parts are outputs as they are
};

/// Takes a rule apart.
template <class P>
class planner {
 public:
  planner(const rules::text_parameters& params, bool gate_at_pre)
      : model_(*params.model),
        learn_(rules::specialised<P>(rules::with_products_by_end(*model_.learn, gate_at_pre), model_, params.values)),
        ends_(rules::ends_of(learn_, gate_at_pre)) {
    plan();
  }

  std::shared_ptr<const kept_learning<P>> take() { return made_; }

 private:
  /// A part's node in the rule.
  using parts = std::vector<node_id>;

  void plan() {
    learning_programs<P>& v = made_->views;
    v.fields = model_.fields.size();
    v.weight = model_.weight;
    v.idle_without_gate = model_.idle.when_gate_is_zero;
    v.pre_outputs = model_.pre.size();
    v.post_outputs = model_.post.size();
    for (std::size_t f = 0; f < v.fields; ++f) v.per_lane[f] = model_.fields[f].per_lane;
    rule lane, apply;
    for (node_id id = 0; id < learn_.nodes.size(); ++id) {
      if (learn_.nodes[id].op == operation::sum) plan_sum(id, lane);
    }
    for (const rules::assignment& w : learn_.writes) {
      v.written[w.field] = true;
      rule& into = v.per_lane[w.field] ? lane : apply;
      into.writes.push_back({w.field, copied(w.value, into, &into == &lane), 0, 0});
    }
    v.has_lane_program = !lane.writes.empty();
    v.lane_results = v.fields + lane_sums_;
    v.pre_parts = pre_.size();
    v.post_parts = post_.size();
    made_->aliases = {aliases_of(pre_, operation::pre), aliases_of(post_, operation::post), v.sums};
    program_store<P>& store = made_->store;
    v.pre = end_program(pre_, v.pre_outputs);
    v.post = end_program(post_, v.post_outputs);
    const auto lane_ports = first_numbers(v.pre_parts + v.post_parts);
    number_ports(lane);
    v.lane = store.keep(compiled<P>(lane, v.fields, lane_ports, v.lane_results), v.fields, lane_ports.size());
    v.apply = store.keep(compiled<P>(apply, v.fields, first_numbers(v.sums), v.fields), v.fields, v.sums);
    find_product(apply);
  }

  void plan_sum(node_id id, rule& lane) {
    learning_programs<P>& v = made_->views;
    const node& inner = learn_.nodes[learn_.nodes[id].a];
    sum_plan s;
    s.product = inner.op == operation::multiply;
    const node_id a = s.product ? inner.a : learn_.nodes[id].a;
    const node_id b = s.product ? inner.b : a;
    const unsigned both = ends_[a] | ends_[b];
    const auto number = [](std::size_t n) { return static_cast<std::uint8_t>(n); };
    if (s.product && ends_[a] == rules::of_post && ends_[b] == rules::of_pre) {
      s.of = sum_plan::kind::ends;
      s.a = number(part(a, post_)), s.b = number(part(b, pre_));
    } else if (s.product && ends_[a] == rules::of_pre && ends_[b] == rules::of_post) {
      s.of = sum_plan::kind::ends;
      s.a = number(part(b, post_)), s.b = number(part(a, pre_));
    } else if (both == rules::of_post || both == rules::of_pre) {
      parts& end = both == rules::of_post ? post_ : pre_;
      s.of = both == rules::of_post ? sum_plan::kind::post : sum_plan::kind::pre;
      s.a = number(part(a, end)), s.b = number(part(b, end));
    } else {
      s.of = sum_plan::kind::lane;
      s.a = number(lane_result(a, lane));
      s.b = s.product ? number(lane_result(b, lane)) : s.a;
    }
    if (v.sums == max_synapse_members)
      throw usage_error(fmt::format("synapse model \"{}\": more than {} sums", model_.name, max_synapse_members));
    sum_of_[id] = v.sums;
    v.sum[v.sums++] = s;
  }

  std::size_t lane_result(node_id id, rule& lane) {
    const std::size_t result = model_.fields.size() + lane_sums_++;
    lane.writes.push_back({static_cast<std::uint32_t>(result), copied(id, lane, true), 0, 0});
    return result;
  }

  std::size_t part(node_id id, parts& all) const {
    const auto found = std::find(all.begin(), all.end(), id);
    if (found == all.end()) {
      if (all.size() == max_synapse_members)
        throw usage_error(
            fmt::format("synapse model \"{}\": its rule takes more than {} numbers from one end; give names "
                        "to what belongs together, or let the neuron compute it",
                        model_.name, max_synapse_members));
      all.push_back(id);
      return all.size() - 1;
    }
    return static_cast<std::size_t>(found - all.begin());
  }

  /// A node and what it depends on, in a rule of its own. In the lane program, what comes from one end alone is a part:
  /// port `index` of the presynaptic end, or 1000 + index of the other until their number is known.
  node_id copied(node_id id, rule& into, bool of_lane) {
    auto& seen = copies_[&into];
    if (const auto found = seen.find(id); found != seen.end()) return found->second;
    node n = learn_.nodes[id];
    node_id made = 0;
    if (of_lane && (ends_[id] == rules::of_pre || ends_[id] == rules::of_post)) {
      const bool before = ends_[id] == rules::of_pre;
      const std::size_t k = part(id, before ? pre_ : post_);
      made = into.nodes.add({.op = operation::port, .index = static_cast<std::uint32_t>(before ? k : far_port + k)});
    } else if (n.op == operation::sum) {
      made = into.nodes.add({.op = operation::port, .index = static_cast<std::uint32_t>(sum_of_.at(id))});
    } else {
      const std::size_t count = rules::operands_of(n.op);
      if (count > 0) n.a = copied(n.a, into, of_lane);
      if (count > 1) n.b = copied(n.b, into, of_lane);
      if (count > 2) n.c = copied(n.c, into, of_lane);
      made = into.nodes.add(n);
    }
    seen.emplace(id, made);
    return made;
  }

  /// Ports of the postsynaptic end follow those of the presynaptic end.
  void number_ports(rule& lane) {
    rule out;
    std::vector<node_id> here;
    for (node_id id = 0; id < lane.nodes.size(); ++id) {
      node n = rules::moved(lane.nodes[id], here);
      if (n.op == operation::port && n.index >= far_port)
        n.index = static_cast<std::uint32_t>(n.index - far_port + pre_.size());
      here.push_back(out.nodes.add(n));
    }
    for (const rules::assignment& w : lane.writes) out.writes.push_back({w.field, here[w.value], 0, 0});
    lane = std::move(out);
  }

  [[nodiscard]] std::vector<std::optional<std::size_t>> aliases_of(const parts& all, operation output) const {
    std::vector<std::optional<std::size_t>> out;
    for (const node_id id : all) {
      const node& n = learn_.nodes[id];
      out.push_back(n.op == output ? std::optional<std::size_t>(n.index) : std::nullopt);
    }
    return out;
  }

  /// What an end brings. Its outputs are ports, and the modulator is the one after them.
  program_view<P> end_program(const parts& all, std::size_t outputs) {
    rule r;
    for (std::size_t k = 0; k < all.size(); ++k) {
      const std::vector<bool> needed = rules::reached_from(learn_.nodes, {all[k]});
      std::vector<node_id> here(learn_.nodes.size(), 0);
      for (node_id id = 0; id <= all[k]; ++id) {
        if (!needed[id]) continue;
        node n = rules::moved(learn_.nodes[id], here);
        if (n.op == operation::gate) n.index = static_cast<std::uint32_t>(outputs);
        if (n.op == operation::pre || n.op == operation::post || n.op == operation::gate) n.op = operation::port;
        here[id] = r.nodes.add(n);
      }
      r.writes.push_back({static_cast<std::uint32_t>(k), here[all[k]], 0, 0});
    }
    return made_->store.keep(compiled<P>(r, 0, first_numbers(outputs + 1), all.size()), 0, outputs + 1);
  }

  void find_product(const rule& apply) {
    learning_programs<P>& v = made_->views;
    if (v.fields != 1 || v.sums != 1 || v.sum[0].of != sum_plan::kind::ends || apply.writes.size() != 1) return;
    const auto at = [&](node_id id) { return apply.nodes[id]; };
    const node last = at(apply.writes[0].value);
    if (last.op != operation::fused_multiply_add || at(last.c).op != operation::field) return;
    const bool sum_first = at(last.a).op == operation::port;
    const node rate = at(sum_first ? last.b : last.a), sum = at(sum_first ? last.a : last.b);
    if (rate.op != operation::constant || sum.op != operation::port) return;
    v.only_product = true;
    v.rate = static_cast<double>(static_cast<P>(rate.value));
  }

  static constexpr std::size_t far_port = 1000;

  const rules::text_model& model_;
  rule learn_;
  std::vector<unsigned> ends_;
  parts pre_, post_;
  std::map<node_id, std::size_t> sum_of_;
  std::map<const rule*, std::map<node_id, node_id>> copies_;
  std::size_t lane_sums_ = 0;
  std::shared_ptr<kept_learning<P>> made_ = std::make_shared<kept_learning<P>>();
};

/// Both programs of a block: for a modulator at the postsynaptic end or everywhere, and at the presynaptic end.
template <class P>
struct both_programs {
  std::shared_ptr<const kept_learning<P>> at_post, at_pre;
};

template <class P>
const kept_learning<P>& kept_of(const void* params, gate_position gate_at) {
  const auto& block = *static_cast<const rules::text_parameters*>(params);
  constexpr std::size_t slot = sizeof(P) == sizeof(float) ? 0 : 1;
  rules::text_parameters::prepared& cache = *block.cache;
  std::call_once(cache.once[slot], [&] {
    cache.made[slot] = std::make_shared<const both_programs<P>>(
        both_programs<P>{planner<P>(block, false).take(), planner<P>(block, true).take()});
  });
  const auto& both = *static_cast<const both_programs<P>*>(cache.made[slot].get());
  return gate_at == gate_position::pre ? *both.at_pre : *both.at_post;
}

}  // namespace

template <class P>
const learning_programs<P>& learning_programs_of(const void* params, gate_position gate_at) {
  return kept_of<P>(params, gate_at).views;
}
template const learning_programs<float>& learning_programs_of<float>(const void*, gate_position);
template const learning_programs<double>& learning_programs_of<double>(const void*, gate_position);

template <class P>
end_parts parts_of(const model_declaration& model, const synapse_kernels<P>& kernels, const void* params,
                   gate_position gate_at) {
  if (model.kernels == nullptr && model.text != nullptr) return kept_of<P>(params, gate_at).aliases;
  end_parts parts{{0}, {0}, kernels.sums};
  if (kernels.ends != nullptr && gate_at != gate_position::none)
    (gate_at == gate_position::pre ? parts.pre : parts.post)[0] = std::nullopt;
  return parts;
}
template end_parts parts_of<float>(const model_declaration&, const synapse_kernels<float>&, const void*, gate_position);
template end_parts parts_of<double>(const model_declaration&, const synapse_kernels<double>&, const void*,
                                    gate_position);

}  // namespace locus
