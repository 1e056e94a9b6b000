#include "models/templates/common/graph.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

#include "models/templates/common/shared_weights.hpp"

namespace locus::templates {
namespace {

constexpr auto name_characters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

/// Reads nodes and edges and checks that they form what a network may be.
class graph_reader {
 public:
  explicit graph_reader(const section& root)
      : circuit_(root.table("circuit")), weights_(root.table("weights")), activations_(activations(root)) {}

  /// `n` has all but nodes and edges.
  network read(network n) {
    read_nodes();
    read_ends("inputs", "input", place::input);
    read_ends("outputs", "output", place::output);
    read_activations(n.encode);
    read_pools();
    read_edges();
    check_ends();
    find_levels();
    find_sharers();
    add_nodes(n);
    add_edges(n);
    share_windows(weights_, n);
    share_biases(circuit_, n);
    return n;
  }

 private:
  enum class place { input, hidden, output };
  struct node {
    section table;
    std::string name;
    neuron_grid grid;
    std::optional<node_pool> pool = {};
    std::string activation = {};
    place where = place::hidden;
    std::size_t in_list = 0;  ///< of inputs or outputs
    std::size_t level = 0;
    std::size_t number = 0;  ///< in the network
  };
  struct edge {
    section table;
    std::size_t from = 0, to = 0;
    std::optional<std::size_t> shares_with = {};  ///< the edge that has the weights
  };

  void read_nodes() {
    for (const section& table : circuit_.tables("nodes")) {
      const std::string name = table.text("name");
      if (name.empty() || name.find_first_not_of(name_characters) != std::string::npos)
        table.fail("name", "expected a name of letters, digits, _ and -");
      const auto [same, is_new] = named_.try_emplace(name, nodes_.size());
      if (!is_new)
        table.fail("name",
                   fmt::format("a node of this name stands at {}", nodes_[same->second].table.at("name").text()));
      nodes_.push_back({table, name, read_size(table)});
    }
    if (nodes_.empty()) circuit_.fail("nodes", "expected nodes, such as [{ name = \"input\", size = 64 }]");
  }

  /// The node of that name, which stands under a key of a table.
  std::size_t known(const section& user, std::string_view key, const std::string& name) const {
    const auto found = named_.find(name);
    if (found != named_.end()) return found->second;
    std::vector<std::string> names;
    for (const auto& [each, unused] : named_) names.push_back(each);
    user.fail(key, fmt::format("no node is named \"{}\"{}", name, suggestion(name, names)));
  }

  void read_ends(const std::string& key, const std::string& usual, place where) {
    const std::vector<std::string> names = circuit_.has(key) ? circuit_.texts(key) : std::vector{usual};
    if (names.empty()) circuit_.fail(key, "expected the name of one node at least");
    for (std::size_t i = 0; i < names.size(); ++i) {
      node& each = nodes_[known(circuit_, key, names[i])];
      if (each.where == where) circuit_.fail(key, fmt::format("\"{}\" stands there twice", names[i]));
      if (each.where != place::hidden) circuit_.fail(key, fmt::format("\"{}\" is an input already", names[i]));
      each.where = where;
      each.in_list = i;
    }
  }

  void read_activations(const std::string& encode) {
    const std::string usual = circuit_.choice("activation", activations_, "sigmoid");
    for (node& each : nodes_) {
      const bool sends_data = each.where == place::input && encode == "rate";
      if (each.table.has("activation") && sends_data)
        each.table.fail("activation", "with stimuli.encode = \"rate\" an input sends the datum itself");
      if (each.table.has("activation") && each.where == place::output)
        each.table.fail("activation", "an output sends nothing: its answer is what it sums");
      each.activation = each.table.choice("activation", activations_, sends_data ? "identity" : usual);
    }
  }

  void read_pools() {
    for (node& each : nodes_) {
      if (!each.table.has("pool")) continue;
      if (each.where != place::hidden)
        each.table.fail("pool", "hidden nodes are pooled; inputs are the data, and outputs are compared with targets");
      each.pool = read_pool(each.table, "pool", each.grid);
    }
  }

  /// Neurons that others hear of a node.
  static std::uint32_t heard(const node& each) { return each.pool ? each.pool->grid.size : each.grid.size; }

  void read_edges() {
    std::map<std::pair<std::size_t, std::size_t>, source_position> known_edges;
    for (const section& table : circuit_.tables("edges")) {
      const std::size_t from = known(table, "from", table.text("from")), to = known(table, "to", table.text("to"));
      if (nodes_[to].where == place::input)
        table.fail("to", "it is an input, held by the data: no edge may lead to it");
      if (nodes_[from].where == place::output)
        table.fail("from", "it is an output, held by the teacher: no edge may lead from it");
      const auto [same, is_new] = known_edges.try_emplace({from, to}, table.at("to"));
      if (!is_new) table.fail("to", fmt::format("the same edge stands at {}", same->second.text()));
      edges_.push_back({table, from, to});
    }
    if (edges_.empty()) circuit_.fail("edges", "expected edges, such as [{ from = \"input\", to = \"output\" }]");
  }

  /// In a graph without cycles, every node then has a path from an input and one to an output.
  void check_ends() const {
    std::vector<bool> hears(nodes_.size()), heard(nodes_.size());
    for (const edge& e : edges_) hears[e.to] = heard[e.from] = true;
    for (std::size_t k = 0; k < nodes_.size(); ++k) {
      const node& each = nodes_[k];
      if (each.where != place::input && !hears[k])
        each.table.fail("name", "no edge leads to it, and it is not in circuit.inputs");
      if (each.where != place::output && !heard[k])
        each.table.fail("name", "no edge leads from it, and it is not in circuit.outputs");
    }
  }

  /// The longest way to an output. A node's is known when those of all that hear it are.
  void find_levels() {
    std::vector<std::size_t> unknown(nodes_.size()), done;
    std::vector<std::vector<std::size_t>> heard_by(nodes_.size());
    for (const edge& e : edges_) {
      ++unknown[e.from];
      heard_by[e.to].push_back(e.from);
    }
    for (std::size_t k = 0; k < nodes_.size(); ++k) {
      if (unknown[k] == 0) done.push_back(k);
    }
    for (std::size_t next = 0; next < done.size(); ++next) {
      for (const std::size_t k : heard_by[done[next]]) {
        nodes_[k].level = std::max(nodes_[k].level, nodes_[done[next]].level + 1);
        if (--unknown[k] == 0) done.push_back(k);
      }
    }
    if (done.size() < nodes_.size()) refuse_cycle(unknown);
  }

  /// Nodes whose level cannot be known are heard by such nodes, and the way on ends in a cycle.
  [[noreturn]] void refuse_cycle(const std::vector<std::size_t>& unknown) const {
    std::map<std::size_t, const edge*> way;
    for (const edge& e : edges_) {
      if (unknown[e.to] != 0) way.emplace(e.from, &e);
    }
    std::size_t first = way.begin()->first;
    for (std::size_t steps = 0; steps < nodes_.size(); ++steps) first = way.at(first)->to;
    std::string cycle = nodes_[first].name;
    const edge* e = way.at(first);
    for (; e->to != first; e = way.at(e->to)) cycle += " -> " + nodes_[e->to].name;
    e->table.fail("to", fmt::format("the edges form a cycle: {} -> {}", cycle, nodes_[first].name));
  }

  std::string name_of(const edge& e) const { return nodes_[e.from].name + ".to." + nodes_[e.to].name; }

  /// Edges whose weights are those of another: their errors must come one after the other.
  void find_sharers() {
    std::vector<std::string> names;
    for (const edge& e : edges_) names.push_back(name_of(e));
    for (edge& e : edges_) {
      const section weights = e.table.table("weights");
      if (!weights.has("shared") || one_kernel(e)) continue;
      if (weights.has("transposed")) weights.fail("transposed", "an edge shares the weights as they are");
      const std::string name = weights.text("shared");
      const auto found = std::find(names.begin(), names.end(), name);
      if (found == names.end())
        weights.fail("shared", fmt::format("no edge is named \"{}\"{}", name, suggestion(name, names)));
      e.shares_with = static_cast<std::size_t>(found - names.begin());
      if (&edges_[*e.shares_with] == &e) weights.fail("shared", "names the edge itself");
    }
    for (std::size_t k = 0; k < edges_.size(); ++k) {
      const edge& e = edges_[k];
      if (!e.shares_with) continue;
      const edge& owner = edges_[*e.shares_with];
      const section weights = e.table.table("weights");
      if (owner.shares_with)
        weights.fail("shared", fmt::format("\"{}\" shares the weights of another edge: name that one", name_of(owner)));
      const auto expect_as_many = [&](const node& a, std::uint32_t in_a, const node& b, std::uint32_t in_b) {
        if (in_a != in_b)
          weights.fail("shared", fmt::format("\"{}\" has {} neurons, \"{}\" {}", a.name, in_a, b.name, in_b));
      };
      expect_as_many(nodes_[e.from], heard(nodes_[e.from]), nodes_[owner.from], heard(nodes_[owner.from]));
      expect_as_many(nodes_[e.to], nodes_[e.to].grid.size, nodes_[owner.to], nodes_[owner.to].grid.size);
      for (const edge* each : {&e, &owner}) {
        if (!std::holds_alternative<all_to_all>(read_connectivity(each->table)))
          each->table.fail("connect", "edges that share weights are connected all-to-all");
      }
      for (std::size_t other = 0; other < edges_.size(); ++other) {
        const bool same_group = other == *e.shares_with || (other < k && edges_[other].shares_with == e.shares_with);
        if (same_group && nodes_[edges_[other].to].level == nodes_[e.to].level)
          weights.fail(
              "shared",
              fmt::format("errors come to \"{}\" and to \"{}\" in the same tick, so that their edges cannot share "
                          "weights",
                          nodes_[edges_[other].to].name, nodes_[e.to].name));
      }
    }
  }

  /// Whether all places of its window share the edge's weights.
  static bool one_kernel(const edge& e) {
    return std::holds_alternative<spatial_window>(read_connectivity(e.table)) && shares_window(e.table);
  }

  static connectivity connect_of(const edge& e) {
    connectivity connect = read_connectivity(e.table);
    if (auto* windows = std::get_if<spatial_window>(&connect)) windows->one_kernel = one_kernel(e);
    return connect;
  }

  /// What the weights of an edge are at first, of a projection of this name.
  weight_source weights_of(const edge& e, const std::string& projection) const {
    return e.table.has("weights") ? read_weight_source(e.table, one_kernel(e)) : forward_weights(weights_, projection);
  }

  /// Inputs first, then from the highest level down, outputs last; inputs and outputs as their lists have them.
  void add_nodes(network& n) {
    std::vector<std::size_t> order(nodes_.size());
    std::iota(order.begin(), order.end(), 0);
    const auto key = [&](std::size_t k) {
      const node& each = nodes_[k];
      const bool hidden = each.where == place::hidden;
      return std::tuple(each.where, hidden ? nodes_.size() - each.level : each.in_list);
    };
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
    n.inputs = 0;
    for (const std::size_t k : order) {
      node& each = nodes_[k];
      each.number = n.nodes.size();
      if (each.where == place::input) ++n.inputs;
      network_node& added = n.nodes.emplace_back();
      added.name = each.name;
      added.size = each.grid.size;
      added.shape = each.grid.shape;
      added.pool = each.pool;
      added.activation = each.activation;
      added.level = each.level;
      added.bias_weights = bias_weights(weights_, each.name + ".bias");
    }
  }

  void add_edges(network& n) const {
    for (const edge& e : edges_) {
      const node &from = nodes_[e.from], &to = nodes_[e.to];
      const std::string name = name_of(e), forward = name + ".forward";
      n.edges.push_back(
          {from.number, to.number, forward, name + ".feedback", {}, connect_of(e), e.table.at("connect")});
      network_edge& added = n.edges.back();
      const std::size_t owner = e.shares_with.value_or(static_cast<std::size_t>(&e - edges_.data()));
      const bool shared =
          std::any_of(edges_.begin(), edges_.end(), [&](const edge& x) { return x.shares_with == owner; });
      if (!shared) {
        added.weights = weights_of(e, forward);
        continue;
      }
      added.group = name_of(edges_[owner]);
      added.weights = shared_weights{shared_forward(added.group)};
      added.group_weights = weights_of(edges_[owner], shared_forward(added.group));
    }
    std::stable_sort(n.edges.begin(), n.edges.end(),
                     [](const network_edge& a, const network_edge& b) { return a.to < b.to; });
  }

  section circuit_, weights_;
  std::vector<std::string> activations_;
  std::vector<node> nodes_;
  std::map<std::string, std::size_t> named_;
  std::vector<edge> edges_;
};

/// How many relays an edge needs.
std::size_t missing_levels(const network& n, const network_edge& e) {
  return e.from < n.inputs ? 0 : n.nodes[e.from].level - n.nodes[e.to].level - 1;
}

}  // namespace

network read_graph(const section& root, std::vector<std::string> rules) {
  network n = graph_reader(root).read(read_network(root, std::move(rules)));
  if (shares_weights(n) && n.synapse != "gated-hebbian")
    root.table("learning").fail("synapse", "edges that share weights have synapses of the model \"summing-hebbian\"");
  if (root.table("circuit").flag("levelling", true)) add_relays(n);
  return n;
}

std::size_t depth_of_graph(const section& root) { return graph_reader(root).read({}).depth(); }

void add_relays(network& n) {
  std::vector<network_node> nodes;  // with relays, each before the node to which it leads
  std::vector<network_edge> edges;
  std::vector<std::size_t> number;  // of each node of n among them
  for (std::size_t k = 0; k < n.nodes.size(); ++k) {
    std::vector<network_edge> last;
    for (const network_edge& e : n.edges_to(k)) {
      const network_node& from = n.nodes[e.from];
      std::size_t before = number[e.from];
      for (std::size_t i = 1; i <= missing_levels(n, e); ++i) {
        edges.push_back({before, nodes.size(), {}, {}, {}});
        before = nodes.size();
        nodes.push_back({fmt::format("{}.to.{}.{}", from.name, n.name(k), i),
                         from.heard().size,
                         "identity",
                         from.level - i,
                         true,
                         {},
                         from.heard().shape});
      }
      last.push_back(e);
      last.back().from = before;
    }
    number.push_back(nodes.size());
    nodes.push_back(n.nodes[k]);
    for (network_edge& e : last) {
      e.to = number.back();
      edges.push_back(std::move(e));
    }
  }
  n.nodes = std::move(nodes);
  n.edges = std::move(edges);
}

}  // namespace locus::templates
