/// Short form "supervised-predictive-coding": strict, fixed-prediction and exact predictive coding (Rosenbaum 2022).
///
/// Value and error neurons in layers, as in "predictive-coding". The values first follow the prediction; with the
/// teacher comes the signal `relax`, the circuit relaxes for n ticks, and a controller says "now" to all synapses at
/// the n-th (update_at = n - 1), or to those of layer l at t = l (update_at = "l").
///   strict            relaxing-value: predictions and slopes move with the values
///   fixed-prediction  relaxing-value whose axon and slope hang on a compartment that holds the prediction
///   exact             segregated-value at gamma = 1: value = prediction + f' g, eps = value - prediction is the
///                     gradient
/// circuit.values says what the values are: "sums", v_l = theta f(v_{l-1}), as in Song et al. 2020, or "rates",
/// v_l = f(theta v_{l-1}), as in Rosenbaum's programs. Then units sum, pool and bend what the errors compare with the
/// values, and take errors back through their slopes.
///
/// Relaxed predictive coding (Millidge, Tschantz, Seth and Buckley 2020) has three switches, for all of these rules:
///   feedback.weights         feedback synapses have initial weights of their own
///   learning.slopes = false  errors go back to the values without f', which only the forward synapses still know
///   errors.connect = "dense" errors compare the values with what dense synapses make of the predictions;
///                            errors.rule says how these learn

#include <fmt/format.h>

#include "models/templates/common/backpropagation.hpp"
#include "models/templates/common/network.hpp"
#include "models/templates/common/pooling.hpp"
#include "models/templates/common/softmax.hpp"

namespace locus::templates {
namespace {

struct relaxing_network : network {
  double gamma = 0.1;
  std::optional<std::int64_t> update_at;
  bool rates = false;  ///< values are rates, otherwise sums
  bool slopes = true;  ///< errors go back through f'
  std::optional<weight_source> own_feedback = {};
  bool dense_errors = false;
  std::string error_rule;  ///< descent | ascent | none
  double error_alpha = 0;
  weight_source error_weights;

  [[nodiscard]] bool exact() const { return rule == "exact"; }
  /// Whether units stand between the synapses of a layer and its errors.
  [[nodiscard]] bool has_units(std::size_t k) const { return rates && k > 0 && k < depth(); }
  /// The errors from which the synapses onto a layer learn.
  [[nodiscard]] std::string errors(std::size_t k) const {
    return name(k) + (has_units(k) ? ".unit.delta" : ".error.eps");
  }
  /// What goes back over the synapses onto a layer.
  [[nodiscard]] std::string errors_back(std::size_t k) const {
    return slopes || !has_units(k) ? errors(k) : name(k) + ".unit.told";
  }
  /// The output has no values: what the teacher says is compared with its probabilities.
  [[nodiscard]] bool has_values(std::size_t k) const { return k < depth() || !softmax; }
};

/// The switches of relaxed predictive coding.
void read_relaxations(const section& root, relaxing_network& n) {
  const section feedback = root.table("feedback"), learning = root.table("learning"), errors = root.table("errors");
  const weight_source own = read_weight_source(feedback);
  if (feedback.has("weights")) n.own_feedback = own;
  n.slopes = learning.flag("slopes", true);
  n.dense_errors = errors.choice("connect", {"one-to-one", "dense"}, "one-to-one") == "dense";
  n.error_rule = errors.choice("rule", {"descent", "ascent", "none"}, "descent");
  n.error_alpha = not_negative(errors, "alpha", n.alpha);
  n.error_weights =
      errors.has("weights") ? read_weight_source(errors) : weight_source{random_weights{"normal", 0.05, n.seed, {}}};
  if (n.rule == "bp") return;
  if (n.own_feedback && n.feedback_weights == "tied")
    feedback.fail("weights",
                  "tied feedback has the forward weights: use circuit.feedback_weights = \"learned\" or "
                  "\"fixed-random\"");
  if (!n.slopes && n.exact() && !n.rates)
    learning.fail("slopes", "exact values that are sums go through the slope: use circuit.values = \"rates\"");
  if (n.dense_errors && !n.rates)
    errors.fail("connect", "errors of sums hear the forward synapses themselves: use circuit.values = \"rates\"");
  for (std::size_t k = 1; k < n.depth(); ++k) {
    if (!n.nodes[k].pool || !n.rates) continue;
    if (!n.slopes) learning.fail("slopes", "errors of a pooled layer go back through its pool and its slopes");
    if (n.dense_errors) errors.fail("connect", "a pooled layer's errors are one-to-one");
  }
}

relaxing_network read_relaxing_network(const section& root) {
  relaxing_network n;
  static_cast<network&>(n) = read_layers(root, {"fixed-prediction", "strict", "exact"});
  const section circuit = root.table("circuit"), learning = root.table("learning");
  if (n.rule != "bp") n.feedback_weights = circuit.choice("feedback_weights", feedback_kinds(), "learned");
  n.rates = circuit.choice("values", {"sums", "rates"}, "sums") == "rates";
  for (network_node& node : n.nodes) {
    if (node.pool) node.pool->of_units = n.rates && n.rule != "bp";
  }
  n.gamma = learning.number("gamma", n.exact() ? 1.0 : 0.1);
  if (n.gamma <= 0) learning.fail("gamma", "expected a number > 0");
  if (n.exact() && n.gamma != 1) learning.fail("gamma", "rule = \"exact\" sets values in one step: expected 1");
  n.loss_scale = read_loss_scale(learning);
  n.update_at = read_update_at(learning, n.exact() ? static_cast<std::int64_t>(n.depth()) - 1 : 19);
  read_relaxations(root, n);
  return n;
}

void add_values(const relaxing_network& n, description& out) {
  for (std::size_t k = 0; k <= n.depth(); ++k) {
    if (!n.has_values(k)) continue;
    const network_node& node = n.nodes[k];
    const std::string f = n.has_units(k) ? "identity" : node.activation;
    std::vector<parameter_setting> params = {{"gamma", n.gamma, {}}, {"activation", f, {}}};
    if (!n.exact()) params.push_back({"fixed_prediction", n.rule == "fixed-prediction", {}});
    if (!n.slopes && !n.rates) params.push_back({"slopes", false, {}});
    add_population(out, node, "value", n.rates ? node.heard() : node.grid(),
                   n.exact() ? "segregated-value" : "relaxing-value", params);
  }
}

/// Strict predictive coding needs probabilities of the tick's own values.
bool at_once(const relaxing_network& n) { return n.rule == "strict"; }

void add_errors(const relaxing_network& n, description& out) {
  for (std::size_t k = 1; k <= n.depth(); ++k) {
    const network_node& node = n.nodes[k];
    const std::vector<parameter_setting> params =
        k == n.depth() ? output_error_params(n) : std::vector<parameter_setting>{};
    if (n.has_values(k)) add_population(out, node, "error", n.rates ? node.heard() : node.grid(), "error", params);
    else add_softmax_errors(out, node, at_once(n), params);
  }
}

/// What a layer sums becomes what its errors compare its values with; errors take the same way back.
void add_units(const relaxing_network& n, description& out) {
  for (std::size_t k = 1; k < n.depth(); ++k) {
    const network_node& node = n.nodes[k];
    const std::string unit = node.name + ".unit", error = node.name + ".error";
    add_population(out, node, "unit", "summing-unit", {{"activation", node.activation, {}}});
    if (node.pool) add_pool(out, node, unit + ".rate", unit + ".error");
    if (!n.dense_errors) add_link(out, node.pool ? pool_output(node) : unit + ".rate", error + ".prediction");
    add_link(out, error + ".eps", node.pool ? pool_port(node) : unit + ".error");
  }
}

void add_neurons(const relaxing_network& n, description& out) {
  add_values(n, out);
  add_errors(n, out);
  add_bias_unit(n, out);
  if (n.rates) add_units(n, out);
  else add_pools(n, out);
  if (!n.exact()) add_controller(out, "relax", 0, 0);
  if (n.rule != "none") add_update_controllers(n, n.update_at, out);
}

void add_links(const relaxing_network& n, description& out) {
  for (std::size_t k = 1; k <= n.depth(); ++k) {
    if (!n.has_values(k)) continue;
    const std::string value = n.name(k) + ".value";
    const std::string error = n.name(k) + ".error";
    add_link(out, n.dense_errors && n.has_units(k) ? n.name(k) + ".unit.rate" : error + ".mu", value + ".prediction");
    if (n.exact()) {
      add_link(out, value + ".b", error + ".value");
      add_link(out, value + ".a", error + ".apical");
      continue;
    }
    add_link(out, value + ".x", error + ".value");
    add_link(out, error + ".eps", value + ".error");
    // The output's value is clamped while the others relax, and free otherwise.
    if (k < n.depth()) add_link(out, "relax.signal", value + ".relax", all_to_all{});
  }
}

void add_weighted(const relaxing_network& n, description& out) {
  for (std::size_t k = 1; k <= n.depth(); ++k) {
    synapses s;
    s.to = n.name(k) + (n.has_units(k) ? ".unit.drive" : ".error.prediction");
    s.post = n.errors(k);
    s.gate = update_gate(n, n.update_at, k);
    s.gate_at = gate_end::everywhere;
    add_forward(out, n, k, s);
  }
  for (const network_edge& e : n.feedback_edges()) {
    synapses s;
    s.from = n.errors_back(e.to);
    if (!n.slopes) s.pre = n.errors(e.to);
    s.to = n.back(e.from);
    s.post = n.sent(e.from);
    s.gate = update_gate(n, n.update_at, e.to);
    s.gate_at = gate_end::everywhere;
    if (!n.own_feedback) {
      add_feedback(out, n, e, s);
      continue;
    }
    s.name = e.feedback;
    s.connect = feedback_connections(e);
    s.weights = *n.own_feedback;
    add_synapses(out, n, s, n.feedback_weights == "learned");
  }
}

/// Dense synapses from a layer's predictions to its errors. They learn by eps times the prediction, down the squared
/// error or up, as in the authors' program.
void add_error_connections(const relaxing_network& n, description& out) {
  for (std::size_t k = 1; n.dense_errors && k < n.depth(); ++k) {
    synapses s;
    s.name = n.name(k) + ".comparison";
    s.from = n.name(k) + ".unit.rate";
    s.to = n.name(k) + ".error.prediction";
    s.post = n.name(k) + ".error.eps";
    s.gate = update_gate(n, n.update_at, k);
    s.gate_at = gate_end::everywhere;
    s.weights = n.error_weights;
    s.model = n.error_rule == "ascent" ? "anti-hebbian" : "gated-hebbian";
    s.params = {{"alpha", n.error_alpha, {}}};
    add_synapses(out, n, s, n.error_rule != "none");
  }
}

void check_bounds(const relaxing_network& n, description& out) {
  if (n.rule == "none") return;
  const auto depth = static_cast<std::int64_t>(n.depth());
  // A prediction runs down in L ticks; in the exact form its errors run up again meanwhile.
  const std::int64_t softmax = at_once(n) ? 0 : ticks_of_softmax(n);
  const std::int64_t settled = (n.exact() ? 2 * depth + 1 : depth + 1) + softmax;
  expect_bound(out, out.timeline.predict.low >= settled,
               fmt::format("stimuli.predict = {} is below {}{} = {}: the prediction has not settled when the teacher "
                           "comes",
                           out.timeline.predict.low, n.exact() ? "2 L + 1" : "L + 1",
                           softmax > 0 ? " + 4 (softmax)" : "", settled));
  expect_update_in_time(n, n.update_at, out);
}

}  // namespace

void supervised_predictive_coding(const section& root, description& out);
void supervised_predictive_coding(const section& root, description& out) {
  const relaxing_network n = read_relaxing_network(root);
  if (n.rule == "bp") return build_backpropagation(n, out);
  add_neurons(n, out);
  add_links(n, out);
  add_weighted(n, out);
  add_error_connections(n, out);
  add_data(out, n, n.softmax ? "label" : "value");
  check_bounds(n, out);
}

}  // namespace locus::templates
