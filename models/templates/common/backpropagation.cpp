#include "models/templates/common/backpropagation.hpp"

#include <fmt/format.h>

#include <set>

#include "models/templates/common/pooling.hpp"
#include "models/templates/common/shared_weights.hpp"
#include "models/templates/common/softmax.hpp"

namespace locus::templates {
namespace {

void add_units(const network& n, description& out, const std::string& hidden_model) {
  for (std::size_t k = 0; k < n.nodes.size(); ++k) {
    const network_node& node = n.nodes[k];
    if (node.level == 0) {
      add_population(out, node, "value", n.softmax ? "cross-entropy-output" : "backprop-output",
                     output_error_params(n));
      if (!n.softmax) continue;
      add_softmax(out, node, node.name + ".value.x");
      add_link(out, node.name + ".softmax.p", node.name + ".value.probability");
      continue;
    }
    const bool hidden = k >= n.inputs && !node.relay;
    add_population(out, node, "value", hidden ? hidden_model : "backprop-hidden",
                   {{"activation", node.activation, {}}});
  }
  add_bias_unit(n, out);
  add_pools(n, out);
}

void add_control(const network& n, description& out) {
  add_controller(out, "phase", 0, 0);
  add_controller(out, "update", static_cast<std::int64_t>(n.depth()), 1);
  for (std::size_t k = n.inputs; k < n.nodes.size(); ++k) {
    add_link(out, "phase.signal", n.name(k) + ".value.phase", all_to_all{});
  }
}

/// The errors of a node of level l are there from tick l + 1 after the teacher's onset on; each group of edges that
/// share weights sees them in that tick, the last in that of the update.
void add_sharing(const network& n, description& out) {
  std::set<std::size_t> told;
  const auto now = [&](std::size_t node) {
    const std::string name = n.name(node) + ".turn";
    if (told.insert(node).second) add_controller(out, name, static_cast<std::int64_t>(n.nodes[node].level) + 1, 1);
    return name + ".signal";
  };
  add_shared_weights(out, n, {now, ".value.delta", "update.signal"});
}

}  // namespace

void add_backpropagation_without_feedback(const network& n, description& out, const backpropagation_parts& parts) {
  add_units(n, out, parts.hidden_model);
  add_control(n, out);
  for (std::size_t k = n.inputs; k < n.nodes.size(); ++k) {
    synapses s;
    s.to = n.name(k) + ".value.prediction";
    s.post = n.name(k) + ".value.delta";
    s.gate = "update.signal";
    s.gate_at = gate_end::everywhere;
    s.model = parts.synapse;
    s.params = parts.params;
    add_forward(out, n, k, s);
  }
}

synapses feedback_synapses(const network& n, const network_edge& e) {
  synapses s;
  s.name = e.feedback;
  s.from = n.name(e.to) + ".value.delta";
  s.to = n.back(e.from);
  s.post = n.sent(e.from);
  s.gate = "update.signal";
  s.gate_at = gate_end::everywhere;
  s.connect = feedback_connections(e);
  return s;
}

void add_backpropagation_stimuli(const network& n, description& out) {
  add_data(out, n);
  const auto depth = static_cast<std::int64_t>(n.depth());
  const timeline_description& t = out.timeline;
  const std::int64_t answered = depth + 1 + ticks_of_softmax(n);
  expect_bound(out, t.predict.low >= answered,
               fmt::format("stimuli.predict = {} is below L + 1{} = {}: the answer is read before it has arrived",
                           t.predict.low, n.softmax ? " + 4 (softmax)" : "", answered));
  expect_bound(out, t.teach.low >= depth && t.teach.low + t.rest.low > depth,
               fmt::format("stimuli.teach = {}, rest = {}: backpropagation needs teach >= L = {} and teach + rest > L",
                           t.teach.low, t.rest.low, depth));
}

void build_backpropagation(const network& n, description& out) {
  add_backpropagation_without_feedback(n, out);
  for (const network_edge& e : n.feedback_edges()) add_feedback(out, n, e, feedback_synapses(n, e));
  if (shares_weights(n)) add_sharing(n, out);
  add_backpropagation_stimuli(n, out);
}

}  // namespace locus::templates
