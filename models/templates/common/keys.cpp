#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

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

network read_network(const section& root, std::vector<std::string> rules, const network_abilities& can) {
  network n;
  const section circuit = root.table("circuit");
  const bool of_maps = circuit.is_text("bias") && circuit.text("bias") == "map";
  if (circuit.is_text("bias") && !of_maps) circuit.fail("bias", "expected true, false or \"map\"");
  n.bias = of_maps || circuit.flag("bias", false);
  if (can.softmax) n.softmax = circuit.choice("output", {"linear", "softmax"}, "linear") == "softmax";
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

void share_biases(const section& circuit, network& n) {
  if (!circuit.is_text("bias")) return;
  bool any = false;
  for (const network_edge& e : n.edges) {
    const auto* windows = std::get_if<spatial_window>(&e.connect);
    if (windows == nullptr || !windows->one_kernel) continue;
    n.nodes[e.to].map_axes = windows->size.size();
    any = true;
  }
  if (!any)
    circuit.fail("bias",
                 "a map's neurons share a bias where they share a kernel, which weights.shared = \"window\" makes");
}

node_pool read_pool(const section& owner, std::string_view key, const neuron_grid& pooled) {
  const section table = owner.table(key);
  node_pool pool;
  pool.window = table.counts("window", 1);
  pool.stride = table.has("stride") ? table.counts("stride", 1) : pool.window;
  pool.mean = table.choice("kind", {"max", "mean"}, "max") == "mean";
  const std::size_t axes = pool.window.size();
  if (axes == 0 || axes > 3) table.fail("window", "expected one to three sizes, such as [2, 2]");
  if (pool.stride.size() != axes) table.fail("stride", fmt::format("expected {} numbers, as the window has", axes));
  if (std::all_of(pool.window.begin(), pool.window.end(), [](std::uint32_t n) { return n == 1; }))
    table.fail("window", "one place alone is no pool: leave it out");
  const std::vector<std::uint32_t>& shape = pooled.shape;
  if (shape.size() != axes && shape.size() != axes + 1)
    owner.fail(key,
               fmt::format("a window of {0} {1} pools neurons on a grid of {0} {1}, or with maps before them; here "
                           "they have {2}",
                           axes, axes == 1 ? "axis" : "axes",
                           shape.empty() ? "none" : fmt::format("shape [{}]", fmt::join(shape, ", "))));
  pool.grid = {1, shape};
  for (std::size_t a = 0; a < axes; ++a) {
    std::uint32_t& n = pool.grid.shape[shape.size() - axes + a];
    if (pool.window[a] > n)
      table.fail("window", fmt::format("it is larger than the grid that it pools, [{}]", fmt::join(shape, ", ")));
    n = (n - pool.window[a]) / pool.stride[a] + 1;
  }
  for (const std::uint32_t n : pool.grid.shape) pool.grid.size *= n;
  return pool;
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

double read_loss_scale(const section& learning) {
  const double scale = learning.number("loss_scale", 1);
  if (scale <= 0) learning.fail("loss_scale", "expected a number > 0");
  return scale;
}

std::vector<parameter_setting> output_error_params(const network& n) {
  if (n.loss_scale == 1) return {};
  return {{"scale", n.loss_scale, {}}};
}

double not_negative(const section& table, std::string_view key, double otherwise) {
  const double value = table.number(key, otherwise);
  if (value < 0) table.fail(key, "expected a number >= 0");
  return value;
}

std::vector<std::string> feedback_kinds() { return {"learned", "tied", "fixed-random"}; }

std::optional<std::int64_t> read_update_at(const section& learning, std::optional<std::int64_t> otherwise) {
  if (!learning.has("update_at")) return otherwise;
  if (!learning.is_text("update_at")) return learning.whole("update_at", ticks_from(0));
  (void)learning.choice("update_at", {"l"});
  return std::nullopt;
}

}  // namespace locus::templates
