/// Short form "supervised-predictive-coding": strict, fixed-prediction and exact predictive coding (Rosenbaum 2022).
///
/// Value and error neurons in layers, as in "predictive-coding". The values first follow the prediction; with the
/// teacher comes the signal `relax`, the circuit relaxes for n ticks, and a controller says "now" to all synapses at
/// the n-th (update_at = n - 1), or to those of layer l at t = l (update_at = "l").
///   strict            relaxing-value: predictions and slopes move with the values
///   fixed-prediction  relaxing-value whose axon and slope hang on a compartment that holds the prediction
///   exact             segregated-value at gamma = 1: value = prediction + f' g, eps = value - prediction is the
///   gradient

#include <fmt/format.h>

#include "models/templates/common/backpropagation.hpp"
#include "models/templates/common/network.hpp"

namespace locus::templates {
namespace {

struct relaxing_network : network {
  double gamma = 0.1;
  std::optional<std::int64_t> update_at;

  [[nodiscard]] bool exact() const { return rule == "exact"; }
};

relaxing_network read_relaxing_network(const section& root) {
  relaxing_network n;
  static_cast<network&>(n) = read_layers(root, {"fixed-prediction", "strict", "exact"});
  if (n.rule != "bp") n.feedback_weights = "learned";
  const section learning = root.table("learning");
  n.gamma = learning.number("gamma", n.exact() ? 1.0 : 0.1);
  if (n.gamma <= 0) learning.fail("gamma", "expected a number > 0");
  if (n.exact() && n.gamma != 1) learning.fail("gamma", "rule = \"exact\" sets values in one step: expected 1");
  n.update_at = read_update_at(learning, n.exact() ? static_cast<std::int64_t>(n.depth()) - 1 : 19);
  return n;
}

void add_neurons(const relaxing_network& n, description& out) {
  for (std::size_t k = 0; k <= n.depth(); ++k) {
    std::vector<parameter_setting> params = {{"gamma", n.gamma, {}}, {"activation", n.nodes[k].activation, {}}};
    if (!n.exact()) params.push_back({"fixed_prediction", n.rule == "fixed-prediction", {}});
    add_population(out, n.nodes[k], "value", n.exact() ? "segregated-value" : "relaxing-value", params);
  }
  for (std::size_t k = 1; k <= n.depth(); ++k) add_population(out, n.nodes[k], "error", "error");
  add_bias_unit(n, out);
  if (!n.exact()) add_controller(out, "relax", 0, 0);
  if (n.rule != "none") add_update_controllers(n, n.update_at, out);
}

void add_links(const relaxing_network& n, description& out) {
  for (std::size_t k = 1; k <= n.depth(); ++k) {
    const std::string value = n.name(k) + ".value";
    const std::string error = n.name(k) + ".error";
    add_link(out, error + ".mu", value + ".prediction");
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
    s.to = n.name(k) + ".error.prediction";
    s.post = n.name(k) + ".error.eps";
    s.gate = update_gate(n, n.update_at, k);
    s.gate_at = gate_end::everywhere;
    add_forward(out, n, k, s);
  }
  for (const network_edge& e : n.feedback_edges()) {
    synapses s;
    s.from = n.name(e.to) + ".error.eps";
    s.to = n.name(e.from) + ".value.feedback";
    s.post = n.name(e.from) + ".value.rate";
    s.gate = update_gate(n, n.update_at, e.to);
    s.gate_at = gate_end::everywhere;
    add_feedback(out, n, e, s);
  }
}

void check_bounds(const relaxing_network& n, description& out) {
  if (n.rule == "none") return;
  const auto depth = static_cast<std::int64_t>(n.depth());
  // A prediction runs down in L ticks; in the exact form its errors run up again meanwhile.
  const std::int64_t settled = n.exact() ? 2 * depth + 1 : depth + 1;
  expect_bound(out, out.timeline.predict.low >= settled,
               fmt::format("stimuli.predict = {} is below {} = {}: the prediction has not settled when the teacher "
                           "comes",
                           out.timeline.predict.low, n.exact() ? "2 L + 1" : "L + 1", settled));
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
  add_data(out, n);
  check_bounds(n, out);
}

}  // namespace locus::templates
