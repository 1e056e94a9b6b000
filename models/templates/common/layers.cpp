#include <fmt/format.h>

#include "models/templates/common/network.hpp"

namespace locus::templates {
namespace {

std::string layer_name(std::size_t k, std::size_t depth) {
  if (k == 0) return "input";
  if (k == depth) return "output";
  return fmt::format("hidden{}", k);
}

/// How many maps a layer has on its grid.
std::uint32_t maps_of(const network_node& layer) { return layer.shape.size() > layer.map_axes ? layer.shape[0] : 1; }

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
    all.push_back(listed_weights{m});
    // Weights of sparse connections are in one row, whose length the connections decide.
    if (!is_bias && !std::holds_alternative<all_to_all>(n.edges[k - 1].connect)) continue;
    const std::uint32_t columns = is_bias ? 1 : n.nodes[k - 1].heard().size;
    const std::uint32_t rows = is_bias && n.nodes[k].map_axes > 0 ? maps_of(n.nodes[k]) : n.size(k);
    if (m.rows != rows || m.columns != columns) {
      weights.fail(key, fmt::format("element {} is {} x {}: expected {} x {} ([post][pre]) for the layer \"{}\"", k - 1,
                                    m.rows, m.columns, rows, columns, n.name(k)));
    }
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

void read_listed_weights(const section& weights, network& n) {
  if (weights.has("theta")) {
    const auto listed = listed_weights_of(weights, "theta", n, weights.matrices("theta"), false);
    for (std::size_t k = 1; k <= n.depth(); ++k) n.edges[k - 1].weights = listed[k - 1];
  }
  if (weights.has("bias_theta")) {
    const auto listed = listed_weights_of(weights, "bias_theta", n, bias_matrices(weights.lists("bias_theta")), true);
    for (std::size_t k = 1; k <= n.depth(); ++k) n.nodes[k].bias_weights = listed[k - 1];
  }
}

/// Hidden layers may be pooled: circuit.pool = { hidden1 = { window = [2, 2] } }.
void read_pools(const section& pool, network& n) {
  for (std::size_t k = 1; k < n.depth(); ++k) {
    network_node& layer = n.nodes[k];
    if (pool.has(layer.name)) layer.pool = read_pool(pool, layer.name, layer.grid());
  }
}

}  // namespace

network read_layers(const section& root, std::vector<std::string> rules, const network_abilities& can) {
  const section circuit = root.table("circuit"), weights = root.table("weights");
  const std::vector<neuron_grid> sizes = circuit.grids("layers");
  if (sizes.size() < 2) circuit.fail("layers", "expected at least two sizes, input first, such as [64, 32, 10]");
  const std::string activation = circuit.choice("activation", activations(root), "sigmoid");
  network n = read_network(root, std::move(rules), can);
  const section connect = circuit.table("connect");
  const std::size_t depth = sizes.size() - 1;
  for (std::size_t k = 0; k <= depth; ++k) {
    const std::string name = layer_name(k, depth);
    network_node& layer = n.nodes.emplace_back();
    layer.name = name;
    layer.size = sizes[k].size;
    layer.shape = sizes[k].shape;
    layer.activation = k == 0 && n.encode == "rate" ? "identity" : activation;
    layer.level = depth - k;
    layer.bias_weights = bias_weights(weights, name + ".bias");
    if (k == 0) continue;
    const std::string forward = name + ".forward";
    n.edges.push_back({k - 1, k, forward, n.name(k - 1) + ".feedback", forward_weights(weights, forward),
                       read_connectivity(connect, name), connect.at(name)});
  }
  if (can.pools) read_pools(circuit.table("pool"), n);
  share_windows(weights, n);
  share_biases(circuit, n);
  read_listed_weights(weights, n);
  return n;
}

}  // namespace locus::templates
