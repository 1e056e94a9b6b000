#include "models/templates/common/network.hpp"

#include <fmt/format.h>
#include "sim/core/activation.hpp"

namespace locus::templates {

std::string network::layer(std::size_t k) const {
  if (k == 0) return "input";
  if (k == depth()) return "output";
  return fmt::format("hidden{}", k);
}

std::string network::activation_of(std::size_t k) const { return k == 0 && encode == "rate" ? "identity" : activation; }

namespace {

/// Ours, and those of the netlist's own.
std::vector<std::string> activations(const section& root) {
  std::vector<std::string> names = all_names<activation>();
  for (const section& own : root.tables("activation")) names.push_back(own.text("name"));
  return names;
}

void read_circuit(const section& root, network& n) {
  const section circuit = root.table("circuit");
  n.at = circuit.at();
  n.sizes = circuit.counts("layers", 1);
  if (n.sizes.size() < 2) circuit.fail("layers", "expected at least two sizes, input first, such as [64, 32, 10]");
  n.activation = circuit.choice("activation", activations(root), "sigmoid");
  n.bias = circuit.flag("bias", false);
}

void read_rule(const section& learning, std::vector<std::string> rules, network& n) {
  const std::string usual = rules.front();
  rules.insert(rules.end(), {"bp", "none"});
  n.rule = learning.choice("rule", rules, usual);
  n.alpha = learning.number("alpha", 0.001);
  if (n.alpha < 0) learning.fail("alpha", "expected a number >= 0");
  n.synapse = learning.text("synapse", "gated-hebbian");
  const section params = learning.table("params");
  if (params.exists() && !learning.has("synapse"))
    learning.fail("params", "they are parameters of learning.synapse, which is not there");
  if (params.has("alpha") && learning.has("alpha")) params.fail("alpha", "there is learning.alpha already");
  n.params = params.settings();
  if (learning.has("alpha") || !learning.has("synapse"))
    n.params.insert(n.params.begin(), {"alpha", n.alpha, learning.at("alpha")});
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
  all.reserve(rows.size());
  for (const std::vector<double>& row : rows) all.push_back({static_cast<std::uint32_t>(row.size()), 1, row});
  return all;
}

void read_weights(const section& weights, network& n) {
  n.seed = weights.seed("seed", 1);
  const std::string init = weights.choice("init", {"glorot-uniform", "uniform", "constant"}, "glorot-uniform");
  const double scale = weights.number("scale", 1.0);
  const std::string file = weights.file_name("file");
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

network read_network(const section& root, std::vector<std::string> rules) {
  network n;
  const section circuit = root.table("circuit");
  read_circuit(root, n);
  read_rule(root.table("learning"), std::move(rules), n);
  if (n.rule == "bp") n.feedback_weights = circuit.choice("feedback_weights", feedback_kinds(), "tied");
  read_weights(root.table("weights"), n);
  n.encode = root.table("stimuli").choice("encode", {"value", "rate"}, "value");
  return n;
}

std::vector<std::string> feedback_kinds() { return {"learned", "tied", "fixed-random"}; }

std::optional<std::int64_t> read_update_at(const section& learning, std::optional<std::int64_t> otherwise) {
  if (!learning.has("update_at")) return otherwise;
  if (!learning.is_text("update_at")) return learning.whole("update_at", ticks_from(0));
  (void)learning.choice("update_at", {"l"});
  return std::nullopt;
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

void add_data(description& out) {
  add_stimulus(out, "input.value", stimulus_role::input);
  add_stimulus(out, "output.value", stimulus_role::teacher);
  out.stimuli.back().answer = to_reference("output.value.x");
}

void add_bias_unit(const network& n, description& out) {
  if (n.bias) add_population(out, "bias", "constant", 1, {{"value", 1.0, {}}});
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
  p.connect = s.connect;
  if (!s.pre.empty()) p.pre = {to_reference(s.pre)};
  p.weights = s.weights;
  p.synapse = "fixed";
  const bool own = !std::holds_alternative<shared_weights>(s.weights);
  if (learns && own && n.rule != "none") {
    p.synapse = s.model.empty() ? n.synapse : s.model;
    p.params = s.model.empty() ? n.params : s.params;
    p.post = {to_reference(s.post)};
    p.gate = to_reference(s.gate);
    p.gate_at = s.gate_at;
  }
  out.projections.push_back(std::move(p));
}

void add_forward(description& out, const network& n, std::size_t k, synapses s) {
  s.name = n.layer(k) + ".forward";
  s.from = n.layer(k - 1) + ".value.rate";
  s.weights = n.forward_weights[k - 1];
  add_synapses(out, n, s, true);
  if (!n.bias) return;
  s.name = n.layer(k) + ".bias";
  s.from = "bias.rate";
  s.weights = n.bias_weights[k - 1];
  add_synapses(out, n, s, true);
}

weight_source feedback_source(const network& n, const std::string& forward, const std::string& name) {
  if (n.feedback_weights == "tied") return shared_weights{forward, true};
  if (n.feedback_weights == "fixed-random") return random_weights{"glorot-uniform", 1.0, n.seed, name};
  return copied_weights{forward, true};
}

void add_update_controllers(const network& n, std::optional<std::int64_t> at, description& out) {
  if (at) return add_controller(out, "controller", *at, 1);
  for (std::size_t k = 1; k <= n.depth(); ++k) {
    add_controller(out, n.layer(k) + ".controller", static_cast<std::int64_t>(n.depth() - k), 1);
  }
}

std::string update_gate(const network& n, std::optional<std::int64_t> at, std::size_t k) {
  return at ? "controller.signal" : n.layer(k) + ".controller.signal";
}

void expect_bound(description& out, bool holds, const std::string& sentence) {
  if (!holds) out.warnings.push_back(sentence);
}

void expect_update_in_time(const network& n, std::optional<std::int64_t> at, description& out) {
  const std::int64_t last = at.value_or(static_cast<std::int64_t>(n.depth()) - 1);
  const std::int64_t teach = out.timeline.teach.low;
  expect_bound(out, teach > last,
               fmt::format("stimuli.teach = {} is not above update_at = {}: the controller says \"now\" after the "
                           "teacher has gone",
                           teach, last));
}

}  // namespace locus::templates
