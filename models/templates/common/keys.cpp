#include "models/templates/common/network.hpp"
#include "sim/core/activation.hpp"

namespace locus::templates {
namespace {

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

}  // namespace

network read_network(const section& root, std::vector<std::string> rules) {
  network n;
  const section circuit = root.table("circuit");
  n.bias = circuit.flag("bias", false);
  read_rule(root.table("learning"), std::move(rules), n);
  if (n.rule == "bp") n.feedback_weights = circuit.choice("feedback_weights", feedback_kinds(), "tied");
  n.seed = root.table("weights").seed("seed", 1);
  n.encode = root.table("stimuli").choice("encode", {"value", "rate"}, "value");
  return n;
}

weight_source forward_weights(const section& weights, const std::string& projection) {
  random_weights drawn;
  drawn.method = weights.choice("init", {std::begin(weight_methods), std::end(weight_methods)}, drawn.method);
  drawn.scale = weights.number("scale", drawn.scale);
  drawn.seed = weights.seed("seed", drawn.seed);
  const std::string file = weights.file_name("file");
  if (!file.empty()) return stored_weights{file, projection};
  return drawn;
}

void share_windows(const section& weights, network& n) {
  if (!weights.has("shared")) return;
  (void)weights.choice("shared", {"window"});
  bool any = false;
  for (network_edge& e : n.edges) {
    if (auto* windows = std::get_if<spatial_window>(&e.connect)) any = windows->one_kernel = true;
  }
  if (!any) weights.fail("shared", "nobody hears a window, whose places could share their weights");
}

weight_source bias_weights(const section& weights, const std::string& projection) {
  const std::string file = weights.file_name("file");
  if (!file.empty()) return stored_weights{file, projection};
  return random_weights{"constant", 0, weights.seed("seed", 1), {}};
}

std::vector<std::string> activations(const section& root) {
  std::vector<std::string> names = all_names<activation>();
  for (const section& own : root.tables("activation")) names.push_back(own.text("name"));
  return names;
}

std::vector<std::string> feedback_kinds() { return {"learned", "tied", "fixed-random"}; }

std::optional<std::int64_t> read_update_at(const section& learning, std::optional<std::int64_t> otherwise) {
  if (!learning.has("update_at")) return otherwise;
  if (!learning.is_text("update_at")) return learning.whole("update_at", ticks_from(0));
  (void)learning.choice("update_at", {"l"});
  return std::nullopt;
}

}  // namespace locus::templates
