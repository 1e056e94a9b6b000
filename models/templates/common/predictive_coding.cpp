#include "models/templates/common/predictive_coding.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "models/templates/common/backpropagation.hpp"
#include "models/templates/common/pooling.hpp"
#include "models/templates/common/shared_weights.hpp"
#include "models/templates/common/softmax.hpp"

namespace locus::templates {
namespace {

/// As far as 32-bit numbers count one by one: see models/phi.toml.
constexpr std::int64_t most_quiet_ticks = 1 << 24;

struct predictive_network : network {
  std::string neuron;  ///< two-compartment | segregated | point
  double gamma = 1;
  std::string feedback;  ///< burst | continuous
  double quiet_ticks = 1;
  double tolerance = 0;
  bool cause_gate = true;
  std::optional<std::int64_t> update_at;  ///< ticks after the teacher's onset; none: at t = l
  std::string start;                      ///< settle | forward
  double sigma = 0;                       ///< of the noise on the hidden values when the teacher comes
};

void read_learning(const section& learning, predictive_network& n) {
  n.gamma = learning.number("gamma", 1.0);
  if (n.gamma <= 0) learning.fail("gamma", "expected a number > 0");
  n.feedback = learning.choice("feedback", {"burst", "continuous"}, n.rule == "fa-z-il" ? "burst" : "continuous");
  if (n.feedback == "burst" && n.rule != "fa-z-il" && n.rule != "bp") {
    learning.fail("feedback",
                  fmt::format("needs phi neurons, which rule = \"{}\" does not have: use rule = \"fa-z-il\" "
                              "or feedback = \"continuous\"",
                              n.rule));
  }
  const section phi = learning.table("phi");
  n.quiet_ticks = static_cast<double>(phi.whole("quiet_ticks", {0, most_quiet_ticks}, 1));
  n.tolerance = phi.number("tolerance", 0.0);
  if (n.tolerance < 0) phi.fail("tolerance", "expected a number >= 0");
  n.cause_gate = phi.flag("cause_gate", true);
  n.update_at = read_update_at(learning, n.rule == "il" ? std::optional<std::int64_t>(20) : std::nullopt);
}

predictive_network read_keys(const section& root, network nodes_and_edges) {
  predictive_network n;
  static_cast<network&>(n) = std::move(nodes_and_edges);
  const section circuit = root.table("circuit");
  n.neuron = circuit.choice("neuron", {"two-compartment", "segregated", "point"}, "two-compartment");
  if (n.rule != "bp") n.feedback_weights = circuit.choice("feedback_weights", feedback_kinds(), "learned");
  read_learning(root.table("learning"), n);
  if (shares_weights(n) && n.rule != "bp" && n.rule != "none" && n.update_at) {
    root.table("learning")
        .fail(n.rule == "il" ? "rule" : "update_at",
              "edges that share weights need errors that come one after the other, at t = l: use "
              "rule = \"fa-z-il\" or \"z-il\"");
  }
  const section stimuli = root.table("stimuli");
  n.start = stimuli.choice("start", {"settle", "forward"}, "settle");
  const bool pools =
      std::any_of(n.nodes.begin(), n.nodes.end(), [](const network_node& node) { return node.pool.has_value(); });
  if (n.start == "forward" && pools && n.rule != "bp")
    stimuli.fail("start",
                 "a forward sweep is imposed on values that hear each other, and not over pools: use \"settle\"");
  n.sigma = stimuli.number("sigma", 0.0);
  if (n.sigma < 0) stimuli.fail("sigma", "expected a number >= 0");
  if (n.sigma > 0 && n.start != "forward") stimuli.fail("sigma", "noise on an imposed start needs start = \"forward\"");
  return n;
}

bool point(const predictive_network& n) { return n.neuron == "point"; }
bool autonomous(const predictive_network& n) { return n.rule == "fa-z-il"; }

/// An output with softmax has no value neurons: what the teacher says is compared with its probabilities.
bool compares_probabilities(const predictive_network& n, const network_node& node) {
  return n.softmax && node.level == 0;
}

void add_value_neurons(const predictive_network& n, description& out) {
  for (const network_node& node : n.nodes) {
    if (compares_probabilities(n, node)) continue;
    add_population(out, node, "value", n.neuron + "-value",
                   {{"gamma", n.gamma, {}}, {"activation", node.activation, {}}});
  }
}

void add_error_neurons(const predictive_network& n, description& out) {
  for (std::size_t k = n.inputs; k < n.nodes.size(); ++k) {
    if (compares_probabilities(n, n.nodes[k])) add_softmax_errors(out, n.nodes[k]);
    else add_population(out, n.nodes[k], "error", "error");
    if (!autonomous(n)) continue;
    add_population(
        out, n.nodes[k], "phi", "phi",
        {{"quiet_ticks", n.quiet_ticks, {}}, {"tolerance", n.tolerance, {}}, {"cause_gate", n.cause_gate, {}}});
  }
  add_bias_unit(n, out);
}

/// The modulator of the synapses that learn from a node's errors.
std::string gate_of(const predictive_network& n, std::size_t k) {
  if (autonomous(n)) return n.name(k) + ".phi.spike";
  return update_gate(n, n.update_at, k);
}

void add_links(const predictive_network& n, description& out) {
  for (std::size_t k = n.inputs; k < n.nodes.size(); ++k) {
    const std::string value = n.name(k) + ".value";
    const std::string error = n.name(k) + ".error";
    if (compares_probabilities(n, n.nodes[k])) {
      // The links of their errors came with them.
    } else if (point(n)) {
      add_link(out, value + ".x", error + ".value");
      add_link(out, error + ".eps", value + ".error");
    } else {
      add_link(out, value + ".b", error + ".value");
      add_link(out, value + ".a", error + ".apical");
      add_link(out, error + ".mu", value + ".prediction");
    }
    if (!autonomous(n)) continue;
    const std::string phi = n.name(k) + ".phi";
    add_link(out, error + ".eps", phi + ".error");
    add_link(out, error + ".mu", phi + ".prediction");
    add_link(out, phi + ".spike", error + ".gate");
  }
}

void add_forward_synapses(const predictive_network& n, description& out) {
  for (std::size_t k = n.inputs; k < n.nodes.size(); ++k) {
    synapses s;
    s.to = n.name(k) + ".error.prediction";
    s.post = n.name(k) + ".error.eps";
    s.gate = gate_of(n, k);
    s.gate_at = autonomous(n) ? gate_end::post : gate_end::everywhere;
    add_forward(out, n, k, s);
  }
}

/// From the errors of each node to the values of those that it hears; none into the clamped inputs.
void add_feedback_synapses(const predictive_network& n, description& out) {
  for (const network_edge& e : n.feedback_edges()) {
    const std::string error = n.name(e.to) + ".error";
    synapses s;
    s.from = error + (n.feedback == "burst" ? ".burst" : ".eps");
    s.to = n.back(e.from);
    s.pre = error + ".eps";
    s.post = n.sent(e.from);
    s.gate = gate_of(n, e.to);
    s.gate_at = autonomous(n) ? gate_end::pre : gate_end::everywhere;
    add_feedback(out, n, e, s);
  }
}

/// Edges that share weights learn when the errors have been everywhere, L ticks after the teacher's onset. Phi neurons
/// tell which node's errors are there, and those of the outputs that errors have set out.
void add_sharing(const predictive_network& n, description& out) {
  if (n.rule == "none") return add_shared_weights(out, n, {});
  const auto depth = static_cast<std::int64_t>(n.depth());
  if (!autonomous(n)) {
    add_controller(out, "end", depth, 1);
    const auto now = [&](std::size_t node) { return n.name(node) + ".controller.signal"; };
    return add_shared_weights(out, n, {now, ".error.eps", "end.signal"});
  }
  add_population(out, "end", "largest", 1);
  for (std::size_t k = n.inputs; k < n.nodes.size(); ++k) {
    if (n.nodes[k].level > 0) continue;
    add_link(out, n.name(k) + ".phi.spike", "end.heard", all_to_all{});
    out.projections.back().delay = static_cast<std::uint32_t>(depth);
  }
  std::set<std::size_t> told;
  const auto now = [&](std::size_t node) {
    const std::string name = n.name(node) + ".turn";
    if (told.insert(node).second) {
      add_population(out, name, "largest", 1);
      add_link(out, n.name(node) + ".phi.spike", name + ".heard", all_to_all{});
    }
    return name + ".signal";
  };
  add_shared_weights(out, n, {now, ".error.eps", "end.signal"});
}

void add_stimuli(const predictive_network& n, description& out) {
  add_data(out, n, n.softmax ? "label" : "value");
  if (n.start != "forward") return;
  const auto impose = [&](std::size_t k, imposed_with moment, double sigma) {
    add_stimulus(out, n.name(k) + ".value", stimulus_role::imposed);
    stimulus_description& s = out.stimuli.back();
    s.source = to_reference(n.name(k) + ".error.prediction");
    s.with = moment;
    s.sigma = sigma;
  };
  for (std::size_t k = n.inputs; k < n.nodes.size(); ++k) {
    if (!compares_probabilities(n, n.nodes[k])) impose(k, imposed_with::input, 0);
  }
  if (n.sigma == 0) return;
  for (std::size_t k = n.inputs; k < n.nodes.size(); ++k) {
    if (n.nodes[k].level > 0) impose(k, imposed_with::teacher, n.sigma);
  }
}

/// The bounds within which the circuit does what its rule promises (science: derived in netlists/README.md).
void check_bounds(const predictive_network& n, description& out) {
  if (n.rule == "none") return;
  const auto depth = static_cast<std::int64_t>(n.depth());
  const timeline_description& t = out.timeline;
  if (n.start == "settle") {
    const std::int64_t quiet = autonomous(n) ? static_cast<std::int64_t>(n.quiet_ticks) : 1;
    const std::int64_t settled = depth + quiet + (point(n) ? 1 : 0) + ticks_of_softmax(n);
    expect_bound(
        out, t.predict.low >= settled,
        fmt::format("stimuli.predict = {} is below L + t_d{}{} = {}: the prediction has not settled when the "
                    "teacher comes, and learning will go wrong",
                    t.predict.low, point(n) ? " + 1 (point neurons)" : "", n.softmax ? " + 4 (softmax)" : "", settled));
  } else if (n.softmax) {
    expect_bound(out, t.predict.low > softmax_ticks,
                 fmt::format("stimuli.predict = {} is below {}: the probabilities have not settled when the teacher "
                             "comes, and learning will go wrong",
                             t.predict.low, softmax_ticks + 1));
  } else {
    expect_bound(
        out, t.predict.low >= 1,
        "stimuli.predict = 0 is below 1: the imposed start and the teacher come in the same tick, in which the "
        "start overrides the teacher");
  }
  if (autonomous(n)) {
    expect_bound(out, t.teach.low >= 1, "stimuli.teach = 0 is below 1: the teacher never comes");
    expect_bound(out, t.teach.low + t.rest.low >= depth,
                 fmt::format("stimuli.teach + rest = {} is below L = {}: the next input comes before the wave of "
                             "corrections has reached the input layer",
                             t.teach.low + t.rest.low, depth));
    expect_bound(
        out, !shares_weights(n) || t.teach.low + t.rest.low > depth,
        fmt::format("stimuli.teach + rest = {} is not above L = {}: the next input comes before shared weights "
                    "have learnt",
                    t.teach.low + t.rest.low, depth));
    expect_bound(out, n.quiet_ticks >= 1, "learning.phi.quiet_ticks = 0 is below 1: every error makes phi spike");
  } else {
    expect_update_in_time(n, n.update_at, out);
  }
}

}  // namespace

std::vector<std::string> predictive_rules() { return {"fa-z-il", "z-il", "il"}; }

void build_predictive_coding(const section& root, network nodes_and_edges, description& out) {
  const predictive_network n = read_keys(root, std::move(nodes_and_edges));
  if (n.rule == "bp") return build_backpropagation(n, out);
  add_value_neurons(n, out);
  add_error_neurons(n, out);
  add_pools(n, out);
  if (n.rule == "il" || n.rule == "z-il") add_update_controllers(n, n.update_at, out);
  add_links(n, out);
  add_forward_synapses(n, out);
  add_feedback_synapses(n, out);
  if (shares_weights(n)) add_sharing(n, out);
  add_stimuli(n, out);
  check_bounds(n, out);
}

}  // namespace locus::templates
