/// Short form "bmvr": biologically plausible multivariate regression (Golkar, Lipshutz, Bahroun, Sengupta and
/// Chklovskii 2020), a network input-hidden-output whose hidden neurons are pyramidal. Labels excite their tufts over
/// synapses that learn by Hebb's rule with decay, interneurons inhibit the tufts, and proximal synapses learn from the
/// difference. Nothing computes or sends an error.
///   learning.alpha, alpha_apical, alpha_inhibition, alpha_mean   eta_W, eta_V, eta_P of Eqs. (5)-(7), and beta
///   circuit.interneurons   tied | born-equal | born-apart: the two directions between pyramidal and interneurons are
///                          one weight P, two that are born equal, or two that find each other, Eqs. (21)-(23)
///   circuit.mean           none | after | inside: the running mean is taken off after f, or before, Eq. (24)
///   [apical], [inhibition], [excitation]   the key `weights` of a projection: V^T, which starts as the answer's V
///                          without it, P, which starts as the identity without it, and with born-apart R

#include <fmt/format.h>

#include "models/templates/common/backpropagation.hpp"

namespace locus::templates {
namespace {

struct bmvr_network : network {
  double alpha_apical = 0, alpha_inhibition = 0, alpha_mean = 0;
  std::string interneurons, mean;
  double lanes = 1;
  weight_source apical, inhibition, excitation;  ///< V^T, P, R
};

double rate(const section& learning, std::string_view key, double otherwise) {
  const double value = learning.number(key, otherwise);
  if (value < 0) learning.fail(key, "expected a number >= 0");
  return value;
}

/// One interneuron a pyramidal neuron at birth. From P = 0 the inhibition could never grow.
weight_source one_each(std::uint32_t size) {
  matrix identity{size, size, std::vector<double>(std::size_t{size} * size)};
  for (std::size_t i = 0; i < size; ++i) identity.values[i * size + i] = 1;
  return listed_weights{std::move(identity)};
}

bmvr_network read_bmvr_network(const section& root, const description& out) {
  bmvr_network n;
  static_cast<network&>(n) = read_layers(root, {"bmvr"}, {.pools = false, .softmax = false});
  const section circuit = root.table("circuit"), learning = root.table("learning");
  if (n.nodes.size() != 3) circuit.fail("layers", "expected three sizes: input, hidden, output");
  n.alpha_apical = rate(learning, "alpha_apical", n.alpha);
  n.alpha_inhibition = rate(learning, "alpha_inhibition", n.alpha);
  n.interneurons = circuit.choice("interneurons", {"tied", "born-equal", "born-apart"}, "tied");
  n.mean = circuit.choice("mean", {"none", "after", "inside"}, "none");
  if (n.mean != "none") n.alpha_mean = rate(learning, "alpha_mean", 0.001);
  n.lanes = out.lanes;
  const section apical = root.table("apical"), inhibition = root.table("inhibition");
  n.apical = apical.has("weights") ? read_weight_source(apical) : copied_weights{"output.forward", true};
  n.inhibition = inhibition.has("weights") ? read_weight_source(inhibition) : one_each(n.size(1));
  if (n.interneurons == "tied") n.excitation = shared_weights{"hidden1.inhibition", true};
  if (n.interneurons == "born-equal") n.excitation = copied_weights{"hidden1.inhibition", true};
  if (n.interneurons == "born-apart") n.excitation = read_weight_source(root.table("excitation"));
  return n;
}

void add_neurons(const bmvr_network& n, description& out) {
  add_population(out, n.nodes[0], "value", "backprop-hidden", {{"activation", n.nodes[0].activation, {}}});
  add_population(out, n.nodes[1], "value", "bmvr-pyramidal",
                 {{"activation", n.nodes[1].activation, {}}, {"mean_inside", n.mean == "inside", {}}});
  add_population(out, n.nodes[1], "interneuron", "bmvr-interneuron");
  add_population(out, n.nodes[2], "value", "bmvr-label");
  add_bias_unit(n, out);
  if (n.mean != "none") add_population(out, "tonic", "constant", 1, {{"value", 1.0, {}}});
  add_link(out, "output.value.onset", "hidden1.value.teaching", all_to_all{});
}

/// Proximal synapses, the only ones that need the calcium.
void add_proximal(const bmvr_network& n, description& out) {
  synapses s;
  s.to = "hidden1.value.prediction";
  s.post = "hidden1.value.calcium";
  s.gate = "hidden1.value.plateau";
  add_forward(out, n, 1, s);
}

/// Synapses that learn by Hebb's rule with decay, theta <- theta + alpha (post pre - theta) for each lane, which is
/// the rule of the decaying Hebbian synapse.
void add_hebbian(const bmvr_network& n, description& out, synapses s, double alpha) {
  s.model = "decaying-hebbian";
  s.params = {{"alpha", alpha, {}}, {"lambda", 1 - n.lanes * alpha, {}}};
  if (s.name.empty()) add_forward(out, n, 2, s);
  else add_synapses(out, n, s, true);
}

void add_answer_and_apical(const bmvr_network& n, description& out) {
  synapses answer;
  answer.to = "output.value.prediction";
  answer.post = "output.value.label";
  answer.gate = "output.value.onset";
  add_hebbian(n, out, answer, n.alpha_apical);
  synapses apical;
  apical.name = "hidden1.apical";
  apical.from = "output.value.label";
  apical.to = "hidden1.value.apical";
  apical.post = "hidden1.value.rate";
  apical.gate = "hidden1.value.plateau";
  apical.weights = n.apical;
  apical.connect = feedback_connections(n.edges.back());
  add_hebbian(n, out, apical, n.alpha_apical);
}

void add_interneurons(const bmvr_network& n, description& out) {
  synapses inhibition;
  inhibition.name = "hidden1.inhibition";
  inhibition.from = "hidden1.interneuron.rate";
  inhibition.to = "hidden1.value.inhibition";
  inhibition.post = "hidden1.value.rate";
  inhibition.gate = "hidden1.value.plateau";
  inhibition.weights = n.inhibition;
  add_hebbian(n, out, inhibition, n.alpha_inhibition);
  synapses excitation;
  excitation.name = "hidden1.excitation";
  excitation.from = "hidden1.value.rate";
  excitation.to = "hidden1.interneuron.excitation";
  excitation.post = "hidden1.interneuron.rate";
  excitation.gate = "hidden1.value.plateau";
  excitation.gate_at = gate_end::pre;
  excitation.weights = n.excitation;
  add_hebbian(n, out, excitation, n.alpha_inhibition);
}

/// The running mean is the weight of a synapse from a neuron that always sends 1.
void add_mean(const bmvr_network& n, description& out) {
  if (n.mean == "none") return;
  synapses mean;
  mean.name = "hidden1.mean";
  mean.from = "tonic.rate";
  mean.to = "hidden1.value.mean";
  mean.post = "hidden1.value.averaged";
  mean.gate = "hidden1.value.plateau";
  mean.weights = random_weights{"constant", 0, n.seed, {}};
  add_hebbian(n, out, mean, n.alpha_mean);
}

}  // namespace

void bmvr(const section& root, description& out);
void bmvr(const section& root, description& out) {
  const bmvr_network n = read_bmvr_network(root, out);
  if (n.rule == "bp") return build_backpropagation(n, out);
  add_neurons(n, out);
  add_proximal(n, out);
  add_answer_and_apical(n, out);
  add_interneurons(n, out);
  add_mean(n, out);
  add_data(out, n);
  expect_bound(out, out.timeline.teach.low > 0 && !out.timeline.hold_teacher,
               "stimuli.teach = 0 or teacher_off = false: learning needs the onset of a label at each presentation");
}

}  // namespace locus::templates
