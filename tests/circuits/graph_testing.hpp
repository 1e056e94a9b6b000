#pragma once
/// Random acyclic graphs, as netlists of the template `graph`.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "models/templates/catalogue.hpp"
#include "sim/core/random.hpp"
#include "sim/netlist/netlist.hpp"

namespace locus::testing {

/// A graph, and where its nodes and edges stand in the netlist.
struct test_graph {
  enum class place { input, hidden, output };
  struct node {
    place where = place::hidden;
    std::uint32_t size = 1;
    std::string activation;
  };

  std::vector<node> nodes;                                 ///< inputs first, outputs last
  std::vector<std::pair<std::size_t, std::size_t>> edges;  ///< from, to
  std::vector<std::uint32_t> node_order, edge_order;
  bool bias = false, encode_rate = false;
  unsigned lanes = 2;
  std::string precision = "f64";
  std::uint64_t seed = 1;
  static constexpr double alpha = 0.01;

  [[nodiscard]] std::string name(std::size_t k) const { return fmt::format("n{}", k); }
  [[nodiscard]] std::vector<std::size_t> all(place where) const {
    std::vector<std::size_t> found;
    for (std::size_t k = 0; k < nodes.size(); ++k) {
      if (nodes[k].where == where) found.push_back(k);
    }
    return found;
  }
  [[nodiscard]] std::uint32_t width(place where) const {
    std::uint32_t sum = 0;
    for (const std::size_t k : all(where)) sum += nodes[k].size;
    return sum;
  }
  /// Steps to the outputs, along the longest way.
  [[nodiscard]] std::size_t level(std::size_t k) const {
    std::size_t most = 0;
    for (const auto& [from, to] : edges) {
      if (from == k) most = std::max(most, level(to) + 1);
    }
    return most;
  }
  [[nodiscard]] std::size_t depth() const {
    std::size_t most = 0;
    for (std::size_t k = 0; k < nodes.size(); ++k) most = std::max(most, level(k));
    return most;
  }
  /// Whether an edge needs relays.
  [[nodiscard]] bool skips(std::size_t from, std::size_t to) const {
    return nodes[from].where == place::hidden && level(from) > level(to) + 1;
  }
  [[nodiscard]] bool skips() const {
    return std::any_of(edges.begin(), edges.end(), [&](const auto& e) { return skips(e.first, e.second); });
  }
  [[nodiscard]] std::string edge_name(const std::pair<std::size_t, std::size_t>& e) const {
    return name(e.first) + ".to." + name(e.second);
  }

  [[nodiscard]] std::string text() const {
    const auto names = [&](place where) {
      std::vector<std::string> quoted;
      for (const std::size_t k : all(where)) quoted.push_back("'" + name(k) + "'");
      return fmt::format("[{}]", fmt::join(quoted, ", "));
    };
    std::string text =
        fmt::format("[circuit]\ntemplate = 'graph'\nbias = {}\nlanes = {}\nprecision = '{}'\n", bias, lanes, precision);
    text += "inputs = " + names(place::input) + "\noutputs = " + names(place::output) + "\nnodes = [\n";
    for (const std::uint32_t k : node_order) {
      const bool sends = nodes[k].where == place::hidden || (nodes[k].where == place::input && !encode_rate);
      text += fmt::format("  {{ name = '{}', size = {}{} }},\n", name(k), nodes[k].size,
                          sends ? fmt::format(", activation = '{}'", nodes[k].activation) : "");
    }
    text += "]\nedges = [\n";
    for (const std::uint32_t e : edge_order) {
      text += fmt::format("  {{ from = '{}', to = '{}' }},\n", name(edges[e].first), name(edges[e].second));
    }
    return text + fmt::format(
                      "]\n[weights]\nseed = {}\n[learning]\nalpha = {}\n[stimuli]\nencode = '{}'\n"
                      "predict = {}\nteach = {}\nrest = 1\n",
                      seed, alpha, encode_rate ? "rate" : "value", depth() + 1, depth());
  }
  [[nodiscard]] description read(const std::vector<std::string>& overrides) const {
    return read_netlist(document::from_text(text(), "graph.toml", overrides), all_templates());
  }
};

/// The `which`-th random graph: 1 to 3 inputs, 0 to 5 hidden nodes, 1 to 3 outputs, 1 to 6 neurons each.
inline test_graph random_graph(std::uint64_t which, const std::vector<std::string>& activations) {
  const random_stream random(7, "test", "graph");
  std::uint64_t draws = 0;
  const auto below = [&](std::uint64_t n) { return random.below(n, which, draws++); };
  using place = test_graph::place;
  test_graph g;
  const auto add = [&](place where, std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
      g.nodes.push_back({where, static_cast<std::uint32_t>(1 + below(6)), activations[below(activations.size())]});
    }
  };
  add(place::input, 1 + below(3));
  add(place::hidden, below(6));
  add(place::output, 1 + below(3));
  const std::size_t inputs = g.all(place::input).size(), outputs = g.all(place::output).size();
  const std::size_t senders = g.nodes.size() - outputs;
  for (std::size_t to = inputs; to < g.nodes.size(); ++to) {
    const std::size_t most = std::min(to, senders), sure = below(most);
    for (std::size_t from = 0; from < most; ++from) {
      if (from == sure || below(5) < 2) g.edges.emplace_back(from, to);
    }
  }
  for (std::size_t from = 0; from < senders; ++from) {
    const auto heard = std::any_of(g.edges.begin(), g.edges.end(), [&](const auto& e) { return e.first == from; });
    if (heard) continue;
    const std::size_t first = std::max(from + 1, inputs);
    g.edges.emplace_back(from, first + below(g.nodes.size() - first));
  }
  g.node_order = random.permutation(static_cast<std::uint32_t>(g.nodes.size()), 1000 + which);
  g.edge_order = random.permutation(static_cast<std::uint32_t>(g.edges.size()), 2000 + which);
  g.bias = below(2) == 0;
  g.encode_rate = below(2) == 0;
  g.lanes = static_cast<unsigned>(2 + below(3));
  g.precision = below(3) == 0 ? "f32" : "f64";
  g.seed = 1 + below(1000);
  return g;
}

inline test_graph random_graph(std::uint64_t which) {
  return random_graph(which, {"sigmoid", "tanh", "relu", "identity", "softplus", "clip"});
}

}  // namespace locus::testing
