/// Short form "target-propagation": each layer is told what it should have sent, and learns that from the layer before
/// (Lee, Zhang, Fischer and Bengio 2015).
///
/// Backpropagation's circuit as far as the last hidden layer, whose target is a step down the loss; from there on
/// inverse synapses, "hidden1.inverse" from hidden2 to hidden1, bring targets down, a layer a tick.
///   difference  hidden1's target is h1 - g(h2) + g(target of h2)
///   plain       it is g(target of h2)
/// Before the teacher comes, hidden units send noise, and inverse synapses learn to reconstruct it from the answer of
/// the layer above: learning.inverse = { alpha, sigma, ticks }. learning.frozen lists projections that keep their
/// weights.

#include <fmt/format.h>

#include <algorithm>

#include "models/templates/common/backpropagation.hpp"
#include "models/templates/common/softmax.hpp"

namespace locus::templates {
namespace {

struct targeted_network : network {
  double stride = 0.1;
  double inverse_alpha = 0;
  double sigma = 0.1;
  std::int64_t ticks = 1;
  std::vector<std::string> frozen;

  [[nodiscard]] bool hears_inverse(std::size_t k) const { return k > 0 && k + 1 < depth(); }
  /// From the first noise to the teacher: a tick to send it, one to answer, two for what answers and reconstructions
  /// are without it, and those of a softmax.
  [[nodiscard]] std::int64_t exploring_time() const { return ticks + 4 + ticks_of_softmax(*this); }
};

targeted_network read_targeted_network(const section& root) {
  targeted_network n;
  static_cast<network&>(n) = read_layers(root, {"difference", "plain"}, {.pools = false});
  const section circuit = root.table("circuit"), learning = root.table("learning");
  if (n.rule != "bp") n.feedback_weights = circuit.choice("feedback_weights", feedback_kinds(), "learned");
  n.stride = not_negative(learning, "stride", 0.1);
  const section inverse = learning.table("inverse");
  n.inverse_alpha = not_negative(inverse, "alpha", n.alpha);
  n.sigma = not_negative(inverse, "sigma", 0.1);
  n.ticks = inverse.whole("ticks", ticks_from(1), 1);
  n.frozen = learning.texts("frozen");
  return n;
}

void set_units(const targeted_network& n, description& out) {
  for (std::size_t k = 1; k < n.depth(); ++k) {
    const std::string name = n.name(k) + ".value";
    const auto is = [&](const population_description& p) { return p.name == name; };
    auto& params = std::find_if(out.populations.begin(), out.populations.end(), is)->params;
    params.push_back({"stride", n.stride, {}});
    if (n.hears_inverse(k)) params.push_back({"difference", n.rule == "difference", {}});
  }
}

/// Noise neurons, and the signal that makes hidden units send what they say.
void add_noise(const targeted_network& n, description& out) {
  if (n.rule == "none" || !n.hears_inverse(1)) return;
  add_controller(out, "explore", -n.exploring_time(), n.ticks);
  for (std::size_t k = 1; n.hears_inverse(k); ++k) {
    const std::string noise = n.name(k) + ".noise", value = n.name(k) + ".value";
    add_population(out, n.nodes[k], "noise", "noise", {{"sigma", n.sigma, {}}, {"gated", true, {}}});
    add_link(out, "explore.signal", noise + ".gate", all_to_all{});
    add_link(out, "explore.signal", value + ".explore", all_to_all{});
    add_link(out, noise + ".rate", value + ".noise");
  }
}

/// Synapses from a hidden layer to the one before, which learn while answers to noise are there.
void add_inverses(const targeted_network& n, const section& weights, description& out) {
  for (const network_edge& e : n.feedback_edges()) {
    if (!n.hears_inverse(e.from)) {
      add_feedback(out, n, e, feedback_synapses(n, e));
      continue;
    }
    synapses s;
    s.name = n.name(e.from) + ".inverse";
    s.from = n.name(e.to) + ".value.down";
    s.to = n.name(e.from) + ".value.inverse";
    s.post = n.name(e.from) + ".value.surprise";
    s.gate = n.name(e.from) + ".value.answered";
    s.weights = forward_weights(weights, s.name);
    s.connect = feedback_connections(e);
    s.model = n.synapse;
    s.params = n.params;
    const auto is_alpha = [](const parameter_setting& p) { return p.name == "alpha"; };
    std::erase_if(s.params, is_alpha);
    s.params.insert(s.params.begin(), {"alpha", n.inverse_alpha, {}});
    add_synapses(out, n, s, true);
    if (!n.bias) continue;
    s.name += ".bias";
    s.from = "bias.rate";
    s.weights = bias_weights(weights, s.name);
    s.connect = all_to_all{};
    add_synapses(out, n, s, true);
  }
}

/// Projections that are not to learn become fixed.
void freeze(const targeted_network& n, const section& learning, description& out) {
  for (const std::string& name : n.frozen) {
    const auto is = [&](const projection_description& p) { return p.name == name && !p.synapse.empty(); };
    const auto found = std::find_if(out.projections.begin(), out.projections.end(), is);
    if (found == out.projections.end())
      learning.fail("frozen", fmt::format("no projection is called \"{}\": locus expand lists them", name));
    projection_description still;
    still.name = found->name;
    still.at = found->at;
    still.from = found->from;
    still.to = found->to;
    still.connect = found->connect;
    still.weights = found->weights;
    still.synapse = "fixed";
    *found = std::move(still);
  }
}

}  // namespace

void target_propagation(const section& root, description& out);
void target_propagation(const section& root, description& out) {
  const targeted_network n = read_targeted_network(root);
  if (n.rule == "bp") return build_backpropagation(n, out);
  add_backpropagation_without_feedback(n, out, {"target-unit", {}, {}});
  set_units(n, out);
  add_noise(n, out);
  add_inverses(n, root.table("weights"), out);
  freeze(n, root.table("learning"), out);
  add_backpropagation_stimuli(n, out);
  const std::int64_t settled = static_cast<std::int64_t>(n.depth()) + 1 + ticks_of_softmax(n) + n.exploring_time();
  expect_bound(out, n.rule == "none" || out.timeline.predict.low >= settled,
               fmt::format("stimuli.predict = {} is below {}: hidden units send noise before the answer has settled",
                           out.timeline.predict.low, settled));
}

}  // namespace locus::templates
