/// Short form "learned-feedback": backpropagation's circuit whose feedback synapses are born at random and find the
/// forward weights by a local rule of their own (Akrout, Wilson, Humphreys, Lillicrap and Tweed 2019). [feedback] has
/// the key `weights` of a projection.
///   kolen-pollack  forward and feedback synapses learn by the same product and forget by the same factor lambda
///   weight-mirror  in the rest after the teacher, hidden units send noise, and feedback synapses learn from the layer
///                  above's answer: learning.mirror = { alpha, lambda, sigma, ticks }

#include <fmt/format.h>

#include "models/templates/common/backpropagation.hpp"

namespace locus::templates {
namespace {

struct mirror_keys {
  double alpha = 0.01;
  double lambda = 1;
  double sigma = 1;
  std::int64_t ticks = 1;
};

struct mirrored_network : network {
  double lambda = 1;
  mirror_keys mirror;
  weight_source feedback;
};

double factor(const section& table, double otherwise) {
  const double lambda = table.number("lambda", otherwise);
  if (lambda < 0 || lambda > 1) table.fail("lambda", "expected a number from 0 to 1");
  return lambda;
}

mirrored_network read_mirrored_network(const section& root) {
  mirrored_network n;
  const section learning = root.table("learning");
  // The mirror's noise takes the place of a unit's rate, which a pool would have to hear.
  const bool mirrors = learning.text("rule", "") == "weight-mirror";
  static_cast<network&>(n) = read_layers(root, {"kolen-pollack", "weight-mirror"}, {.pools = !mirrors});
  if (n.rule == "kolen-pollack" && learning.has("synapse"))
    learning.fail("synapse", "all synapses of kolen-pollack are decaying-hebbian");
  n.lambda = factor(learning, 1.0);
  const section mirror = learning.table("mirror");
  n.mirror = {not_negative(mirror, "alpha", 0.01), factor(mirror, 1.0), not_negative(mirror, "sigma", 1.0),
              mirror.whole("ticks", ticks_from(1), 1)};
  n.feedback = read_weight_source(root.table("feedback"));
  return n;
}

void add_kolen_pollack(const mirrored_network& n, description& out) {
  const std::string synapse = "decaying-hebbian";
  const std::vector<parameter_setting> params = {{"alpha", n.alpha, {}}, {"lambda", n.lambda, {}}};
  add_backpropagation_without_feedback(n, out, {"backprop-hidden", synapse, params});
  for (const network_edge& e : n.feedback_edges()) {
    synapses s = feedback_synapses(n, e);
    s.weights = n.feedback;
    s.model = synapse;
    s.params = params;
    add_synapses(out, n, s, true);
  }
}

/// Noise neurons, and the signal that hands the hidden units' axons over to them from the end of the teacher on. Both
/// hear it at once, and noise is immediate: as many draws are sent as the signal has ticks.
void add_noise(const mirrored_network& n, description& out) {
  add_controller(out, "mirror", out.timeline.teach.high, n.mirror.ticks);
  for (std::size_t k = 1; k < n.depth(); ++k) {
    const std::string noise = n.name(k) + ".noise", value = n.name(k) + ".value";
    add_population(out, n.nodes[k], "noise", "noise", {{"sigma", n.mirror.sigma, {}}, {"gated", true, {}}});
    add_link(out, "mirror.signal", noise + ".gate", all_to_all{});
    add_link(out, "mirror.signal", value + ".mirror", all_to_all{});
    add_link(out, noise + ".rate", value + ".noise");
  }
}

void add_weight_mirror(const mirrored_network& n, description& out) {
  add_backpropagation_without_feedback(n, out, {"mirroring-hidden", {}, {}});
  add_noise(n, out);
  for (const network_edge& e : n.feedback_edges()) {
    synapses s = feedback_synapses(n, e);
    s.weights = n.feedback;
    s.pre = n.name(e.to) + ".value.x";
    s.post = n.name(e.from) + ".value.sent";
    s.gate = n.name(e.from) + ".value.mirrored";
    s.gate_at = gate_end::post;
    s.model = "decaying-hebbian";
    s.params = {{"alpha", n.mirror.alpha, {}}, {"lambda", n.mirror.lambda, {}}};
    add_synapses(out, n, s, true);
  }
  const timeline_description& t = out.timeline;
  expect_bound(out, t.teach.low + t.rest.low >= t.teach.high + n.mirror.ticks + 2,
               fmt::format("stimuli.rest = {} is below the mirror's ticks + 2 = {} after the longest teacher: the next "
                           "input comes before the answers to the noise",
                           t.rest.low, n.mirror.ticks + 2));
}

}  // namespace

void learned_feedback(const section& root, description& out);
void learned_feedback(const section& root, description& out) {
  const mirrored_network n = read_mirrored_network(root);
  if (n.rule == "bp") return build_backpropagation(n, out);
  if (n.rule == "weight-mirror") add_weight_mirror(n, out);
  else add_kolen_pollack(n, out);
  add_backpropagation_stimuli(n, out);
}

}  // namespace locus::templates
