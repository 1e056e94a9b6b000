/// Short form "predictive-coding": value, error and phi neurons in layers, forward and feedback synapses.
///
/// With layers counted from the input (k = 0 .. L), each layer k > 0 has error neurons; a value neuron sends its rate
/// through forward synapses to the errors of the layer above and receives their errors through feedback synapses.
/// Rules differ only in who gates plasticity: IL and Z-IL have controllers, Fa-Z-IL has phi neurons
/// (Song, Lukasiewicz, Xu and Bogacz 2020, Algorithms 1 and 2).

#include <fmt/format.h>

#include "models/templates/common/network.hpp"

namespace locus::templates {
namespace {

bool point(const network& n) { return n.neuron == "point"; }
bool autonomous(const network& n) { return n.rule == "fa-z-il"; }

void add_value_neurons(const network& n, description& out) {
  for (std::size_t k = 0; k <= n.depth(); ++k) {
    add_population(out, n.layer(k) + ".value", n.neuron + "-value", n.sizes[k],
                   {{"gamma", n.gamma, {}}, {"activation", n.activation_of(k), {}}});
  }
}

void add_error_neurons(const network& n, description& out) {
  for (std::size_t k = 1; k <= n.depth(); ++k) {
    add_population(out, n.layer(k) + ".error", "error", n.sizes[k]);
    if (!autonomous(n)) continue;
    add_population(
        out, n.layer(k) + ".phi", "phi", n.sizes[k],
        {{"quiet_ticks", n.quiet_ticks, {}}, {"tolerance", n.tolerance, {}}, {"cause_gate", n.cause_gate, {}}});
  }
  if (n.bias) add_population(out, "bias", "constant", 1, {{"value", 1.0, {}}});
}

/// One controller for all layers, or one a layer that says "now" at t = l.
void add_controllers(const network& n, description& out) {
  if (n.rule != "il" && n.rule != "z-il") return;
  if (n.update_at) {
    add_controller(out, "controller", *n.update_at, 1);
    return;
  }
  for (std::size_t k = 1; k <= n.depth(); ++k) {
    add_controller(out, n.layer(k) + ".controller", static_cast<std::int64_t>(n.depth() - k), 1);
  }
}

/// The modulator of the synapses of layer k's errors.
std::string gate_of(const network& n, std::size_t k) {
  if (autonomous(n)) return n.layer(k) + ".phi.spike";
  return n.update_at ? "controller.signal" : n.layer(k) + ".controller.signal";
}

void add_links(const network& n, description& out) {
  for (std::size_t k = 1; k <= n.depth(); ++k) {
    const std::string value = n.layer(k) + ".value";
    const std::string error = n.layer(k) + ".error";
    if (point(n)) {
      add_link(out, value + ".x", error + ".value");
      add_link(out, error + ".eps", value + ".error");
    } else {
      add_link(out, value + ".b", error + ".value");
      add_link(out, value + ".a", error + ".apical");
      add_link(out, error + ".mu", value + ".prediction");
    }
    if (!autonomous(n)) continue;
    const std::string phi = n.layer(k) + ".phi";
    add_link(out, error + ".eps", phi + ".error");
    add_link(out, error + ".mu", phi + ".prediction");
    add_link(out, phi + ".spike", error + ".gate");
  }
}

void add_forward(const network& n, description& out) {
  for (std::size_t k = 1; k <= n.depth(); ++k) {
    const std::string layer = n.layer(k);
    synapses s{layer + ".forward",
               n.layer(k - 1) + ".value.rate",
               layer + ".error.prediction",
               {},
               layer + ".error.eps",
               gate_of(n, k),
               autonomous(n) ? gate_end::post : gate_end::everywhere,
               n.forward_weights[k - 1]};
    add_synapses(out, n, s, true);
    if (!n.bias) continue;
    s.name = layer + ".bias";
    s.from = "bias.rate";
    s.weights = n.bias_weights[k - 1];
    add_synapses(out, n, s, true);
  }
}

/// From the errors of layer k to the values of layer k - 1; none into the clamped input.
void add_feedback(const network& n, description& out) {
  for (std::size_t k = 2; k <= n.depth(); ++k) {
    const std::string name = n.layer(k - 1) + ".feedback";
    const std::string error = n.layer(k) + ".error";
    const synapses s{name,
                     error + (n.feedback == "burst" ? ".burst" : ".eps"),
                     n.layer(k - 1) + ".value.feedback",
                     error + ".eps",
                     n.layer(k - 1) + ".value.rate",
                     gate_of(n, k),
                     autonomous(n) ? gate_end::pre : gate_end::everywhere,
                     feedback_source(n, n.layer(k) + ".forward", name)};
    add_synapses(out, n, s, n.feedback_weights == "learned");
  }
}

void add_stimuli(const network& n, description& out) {
  add_stimulus(out, "input.value", stimulus_role::input);
  add_stimulus(out, "output.value", stimulus_role::teacher);
  out.stimuli.back().answer = to_reference("output.value.x");
  if (n.start != "forward") return;
  for (std::size_t k = 1; k <= n.depth(); ++k) {
    add_stimulus(out, n.layer(k) + ".value", stimulus_role::imposed);
    out.stimuli.back().source = to_reference(n.layer(k) + ".error.prediction");
  }
}

/// The bounds within which the circuit does what its rule promises (science: derived in netlists/README.md).
void check_bounds(const network& n, description& out) {
  if (n.rule == "none") return;
  const auto depth = static_cast<std::int64_t>(n.depth());
  const timeline_description& t = out.timeline;
  if (n.start == "settle") {
    const std::int64_t quiet = autonomous(n) ? static_cast<std::int64_t>(n.quiet_ticks) : 1;
    const std::int64_t settled = depth + quiet + (point(n) ? 1 : 0);
    expect_bound(out, t.predict.low >= settled,
                 fmt::format("stimuli.predict = {} is below L + t_d{} = {}: the prediction has not settled when the "
                             "teacher comes, and learning will go wrong",
                             t.predict.low, point(n) ? " + 1 (point neurons)" : "", settled));
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
    expect_bound(out, n.quiet_ticks >= 1, "learning.phi.quiet_ticks = 0 is below 1: every error makes phi spike");
  } else {
    const std::int64_t last = n.update_at.value_or(depth - 1);
    expect_bound(out, t.teach.low > last,
                 fmt::format("stimuli.teach = {} is not above update_at = {}: the controller says \"now\" after the "
                             "teacher has gone",
                             t.teach.low, last));
  }
}

}  // namespace

void predictive_coding(const section& root, description& out);
void predictive_coding(const section& root, description& out) {
  const network n = read_network(root);
  if (n.rule == "bp") return build_backpropagation(n, out);
  add_value_neurons(n, out);
  add_error_neurons(n, out);
  add_controllers(n, out);
  add_links(n, out);
  add_forward(n, out);
  add_feedback(n, out);
  add_stimuli(n, out);
  check_bounds(n, out);
}

}  // namespace locus::templates
