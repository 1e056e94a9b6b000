#include "models/templates/common/backpropagation.hpp"

#include <fmt/format.h>

namespace locus::templates {
namespace {

void add_units(const network& n, description& out, const std::string& hidden_model) {
  for (std::size_t k = 0; k < n.depth(); ++k) {
    add_population(out, n.layer(k) + ".value", k == 0 ? "backprop-hidden" : hidden_model, n.sizes[k],
                   {{"activation", n.activation_of(k), {}}});
  }
  add_population(out, "output.value", "backprop-output", n.sizes.back());
  add_bias_unit(n, out);
}

void add_control(const network& n, description& out) {
  add_controller(out, "phase", 0, 0);
  add_controller(out, "update", static_cast<std::int64_t>(n.depth()), 1);
  for (std::size_t k = 1; k <= n.depth(); ++k) {
    add_link(out, "phase.signal", n.layer(k) + ".value.phase", all_to_all{});
  }
}

}  // namespace

void add_backpropagation_without_feedback(const network& n, description& out, const backpropagation_parts& parts) {
  add_units(n, out, parts.hidden_model);
  add_control(n, out);
  for (std::size_t k = 1; k <= n.depth(); ++k) {
    synapses s;
    s.to = n.layer(k) + ".value.prediction";
    s.post = n.layer(k) + ".value.delta";
    s.gate = "update.signal";
    s.gate_at = gate_end::everywhere;
    s.model = parts.synapse;
    s.params = parts.params;
    add_forward(out, n, k, s);
  }
}

synapses feedback_synapses(const network& n, std::size_t k) {
  synapses s;
  s.name = n.layer(k - 1) + ".feedback";
  s.from = n.layer(k) + ".value.delta";
  s.to = n.layer(k - 1) + ".value.feedback";
  s.post = n.layer(k - 1) + ".value.rate";
  s.gate = "update.signal";
  s.gate_at = gate_end::everywhere;
  return s;
}

void add_backpropagation_stimuli(const network& n, description& out) {
  add_data(out);
  const auto depth = static_cast<std::int64_t>(n.depth());
  const timeline_description& t = out.timeline;
  expect_bound(out, t.predict.low > depth,
               fmt::format("stimuli.predict = {} is below L + 1 = {}: the answer is read before it has arrived",
                           t.predict.low, depth + 1));
  expect_bound(out, t.teach.low >= depth && t.teach.low + t.rest.low > depth,
               fmt::format("stimuli.teach = {}, rest = {}: backpropagation needs teach >= L = {} and teach + rest > L",
                           t.teach.low, t.rest.low, depth));
}

void build_backpropagation(const network& n, description& out) {
  add_backpropagation_without_feedback(n, out);
  for (std::size_t k = 2; k <= n.depth(); ++k) {
    synapses s = feedback_synapses(n, k);
    s.weights = feedback_source(n, n.layer(k) + ".forward", s.name);
    add_synapses(out, n, s, n.feedback_weights == "learned");
  }
  add_backpropagation_stimuli(n, out);
}

}  // namespace locus::templates
