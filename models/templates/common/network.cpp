#include "models/templates/common/network.hpp"

#include <fmt/format.h>

namespace locus::templates {

std::string network::layer(std::size_t k) const {
  if (k == 0) return "input";
  if (k == depth()) return "output";
  return fmt::format("hidden{}", k);
}

std::string network::activation_of(std::size_t k) const { return k == 0 && encode == "rate" ? "identity" : activation; }

namespace {

void read_circuit(const section& circuit, network& n) {
  n.at = circuit.at();
  for (const std::int64_t size : circuit.wholes("layers", 1)) n.sizes.push_back(static_cast<std::uint32_t>(size));
  if (n.sizes.size() < 2) circuit.fail("layers", "expected at least two sizes, input first, such as [64, 32, 10]");
  n.activation = circuit.choice("activation", {"sigmoid", "tanh", "relu", "identity"}, "sigmoid");
  n.bias = circuit.flag("bias", false);
  n.neuron = circuit.choice("neuron", {"two-compartment", "segregated", "point"}, "two-compartment");
  n.feedback_weights = circuit.choice("feedback_weights", {"learned", "tied", "fixed-random"}, "");
}

void read_rule(const section& learning, network& n) {
  n.rule = learning.choice("rule", {"bp", "il", "z-il", "fa-z-il", "none"}, "fa-z-il");
  n.alpha = learning.number("alpha", 0.001);
  if (n.alpha < 0) learning.fail("alpha", "expected a number >= 0");
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
  n.quiet_ticks = static_cast<double>(phi.whole("quiet_ticks", 0, 1));
  n.tolerance = phi.number("tolerance", 0.0);
  if (n.tolerance < 0) phi.fail("tolerance", "expected a number >= 0");
  n.cause_gate = phi.flag("cause_gate", true);
  if (n.rule == "il") n.update_at = 20;
  if (!learning.has("update_at")) return;
  if (!learning.is_text("update_at")) n.update_at = learning.whole("update_at", 0);
  else if (learning.choice("update_at", {"l"}, "l") == "l") n.update_at.reset();
}

/// Weights listed in the netlist: one matrix a layer, [post][pre], input side first.
std::vector<weight_source> listed_weights_of(const section& weights, const std::string& key, const network& n,
                                             const std::vector<matrix>& matrices, bool is_bias) {
  if (matrices.size() != n.depth()) {
    weights.fail(key, fmt::format("{} layers are listed: expected {}, one for each layer above the input",
                                  matrices.size(), n.depth()));
  }
  std::vector<weight_source> all;
  for (std::size_t k = 1; k <= n.depth(); ++k) {
    const matrix& m = matrices[k - 1];
    const std::uint32_t columns = is_bias ? 1 : n.sizes[k - 1];
    if (m.rows != n.sizes[k] || m.columns != columns) {
      weights.fail(key, fmt::format("element {} is {} x {}: expected {} x {} ([post][pre]) for the layer \"{}\"", k - 1,
                                    m.rows, m.columns, n.sizes[k], columns, n.layer(k)));
    }
    all.push_back(listed_weights{m});
  }
  return all;
}

/// bias_theta = [[...], ...]: one row a layer.
std::vector<matrix> bias_matrices(const std::vector<std::vector<double>>& rows) {
  std::vector<matrix> all;
  for (const std::vector<double>& row : rows) all.push_back({static_cast<std::uint32_t>(row.size()), 1, row});
  return all;
}

void read_weights(const section& weights, network& n) {
  n.seed = static_cast<std::uint64_t>(weights.whole("seed", 0, 1));
  const std::string init = weights.choice("init", {"glorot-uniform", "uniform", "constant"}, "glorot-uniform");
  const double scale = weights.number("scale", 1.0);
  const std::string file = weights.text("file", "");
  for (std::size_t k = 1; k <= n.depth(); ++k) {
    if (!file.empty()) {
      n.forward_weights.push_back(stored_weights{file, n.layer(k) + ".forward"});
      n.bias_weights.push_back(stored_weights{file, n.layer(k) + ".bias"});
    } else {
      n.forward_weights.push_back(random_weights{init, scale, n.seed, {}});
      n.bias_weights.push_back(random_weights{"constant", 0, n.seed, {}});
    }
  }
  if (weights.has("theta")) {
    n.forward_weights = listed_weights_of(weights, "theta", n, weights.matrices("theta"), false);
  }
  if (weights.has("bias_theta")) {
    n.bias_weights = listed_weights_of(weights, "bias_theta", n, bias_matrices(weights.lists("bias_theta")), true);
  }
}

}  // namespace

network read_network(const section& root) {
  network n;
  read_circuit(root.table("circuit"), n);
  read_rule(root.table("learning"), n);
  if (n.feedback_weights.empty()) n.feedback_weights = n.rule == "bp" ? "tied" : "learned";
  read_weights(root.table("weights"), n);
  const section stimuli = root.table("stimuli");
  n.start = stimuli.choice("start", {"settle", "forward"}, "settle");
  n.encode = stimuli.choice("encode", {"value", "rate"}, "value");
  return n;
}

reference to_reference(const std::string& text) {
  const std::size_t dot = text.rfind('.');
  return {text.substr(0, dot), text.substr(dot + 1), {}};
}

void add_population(description& out, const std::string& name, const std::string& model, std::uint32_t size,
                    std::vector<parameter_setting> params) {
  out.populations.push_back({name, model, size, std::move(params), {}});
}

void add_link(description& out, const std::string& from, const std::string& to, connectivity connect) {
  projection_description p;
  p.name = fmt::format("{}->{}", from, to);
  p.from = to_reference(from);
  p.to = to_reference(to);
  p.connect = std::move(connect);
  out.projections.push_back(std::move(p));
}

void add_stimulus(description& out, const std::string& target, stimulus_role role) {
  stimulus_description s;
  s.target = {target, "clamp", {}};
  s.role = role;
  out.stimuli.push_back(std::move(s));
}

void add_controller(description& out, const std::string& name, std::int64_t onset, std::int64_t ticks) {
  add_population(out, name, "controller", 1);
  add_stimulus(out, name, stimulus_role::control);
  out.stimuli.back().onset = onset;
  out.stimuli.back().ticks = ticks;
}

void add_synapses(description& out, const network& n, const synapses& s, bool learns) {
  projection_description p;
  p.name = s.name;
  p.from = to_reference(s.from);
  p.to = to_reference(s.to);
  p.pre = s.pre.empty() ? p.from : to_reference(s.pre);
  p.weights = s.weights;
  p.synapse = "fixed";
  const bool own = !std::holds_alternative<shared_weights>(s.weights);
  if (learns && own && n.rule != "none") {
    p.synapse = "gated-hebbian";
    p.params = {{"alpha", n.alpha, {}}};
    p.post = to_reference(s.post);
    p.gate = to_reference(s.gate);
    p.gate_at = s.gate_at;
  }
  out.projections.push_back(std::move(p));
}

weight_source feedback_source(const network& n, const std::string& forward, const std::string& name) {
  if (n.feedback_weights == "tied") return shared_weights{forward, true};
  if (n.feedback_weights == "fixed-random") return random_weights{"glorot-uniform", 1.0, n.seed, name};
  return copied_weights{forward, true};
}

void expect_bound(description& out, bool holds, const std::string& sentence) {
  if (!holds) out.warnings.push_back(sentence);
}

}  // namespace locus::templates
