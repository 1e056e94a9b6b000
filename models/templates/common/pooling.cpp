#include "models/templates/common/pooling.hpp"

#include <fmt/format.h>

#include <functional>
#include <numeric>

namespace locus::templates {
namespace {

std::uint64_t places_of(const node_pool& pool) {
  return std::accumulate(pool.window.begin(), pool.window.end(), std::uint64_t{1}, std::multiplies<>());
}

/// Where the k-th place of a window lies, the last axis the fastest.
std::vector<std::uint32_t> place_of(const node_pool& pool, std::uint64_t k) {
  std::vector<std::uint32_t> place(pool.window.size());
  for (std::size_t axis = place.size(); axis-- > 0; k /= pool.window[axis])
    place[axis] = static_cast<std::uint32_t>(k % pool.window[axis]);
  return place;
}

spatial_window windows_of(const node_pool& pool) {
  spatial_window w;
  w.size = pool.window;
  w.stride = pool.stride;
  w.dilation.assign(pool.window.size(), 1);
  w.each_channel = true;
  return w;
}

/// A link, and the way back of errors over the same connections.
void add_both_ways(description& out, const std::string& from, const std::string& to, const std::string& error,
                   const std::string& back, const connectivity& connect) {
  add_link(out, from, to, connect);
  const std::string there = out.projections.back().name;
  if (std::holds_alternative<one_to_one>(connect)) add_link(out, error, back);
  else add_link(out, error, back, copied_connections{there, true});
}

void add_largest(description& out, const network_node& node, const std::string& from, const std::string& to) {
  std::string before;  // the largest of the places so far
  const std::uint64_t places = places_of(*node.pool);
  for (std::uint64_t k = 1; k < places; ++k) {
    const std::string part = k + 1 == places ? "pool" : fmt::format("pool{}", k);
    const std::string name = fmt::format("{}.{}", node.name, part);
    add_population(out, node, part, node.pool->grid, "larger-of-two");
    spatial_window hears = windows_of(*node.pool);
    hears.place = place_of(*node.pool, 0);
    if (k == 1) add_both_ways(out, from, name + ".first", name + ".to_first", to, hears);
    else add_both_ways(out, before + ".larger", name + ".first", name + ".to_first", before + ".error", one_to_one{});
    hears.place = place_of(*node.pool, k);
    add_both_ways(out, from, name + ".second", name + ".to_second", to, hears);
    before = name;
  }
}

void add_mean(description& out, const network_node& node, const std::string& from, const std::string& to) {
  const std::string name = node.name + ".pool";
  add_population(out, node, "pool", node.pool->grid, "summing-unit", {{"activation", std::string("identity"), {}}});
  const weight_source share = random_weights{"constant", 1.0 / static_cast<double>(places_of(*node.pool)), 1, {}};
  const auto add = [&](const std::string& part, const std::string& sent, const std::string& heard,
                       const connectivity& connect) {
    projection_description p;
    p.name = fmt::format("{}.{}", name, part);
    p.from = to_reference(sent);
    p.to = to_reference(heard);
    p.connect = connect;
    p.synapse = "fixed";
    p.weights = share;
    out.projections.push_back(std::move(p));
  };
  add("mean", from, name + ".drive", windows_of(*node.pool));
  add("share", name + ".delta", to, copied_connections{name + ".mean", true});
}

}  // namespace

std::string pool_output(const network_node& node) {
  return node.name + (node.pool->mean ? ".pool.rate" : ".pool.larger");
}
std::string pool_port(const network_node& node) { return node.name + ".pool.error"; }

void add_pool(description& out, const network_node& node, const std::string& from, const std::string& to) {
  if (node.pool->mean) add_mean(out, node, from, to);
  else add_largest(out, node, from, to);
}

void add_pools(const network& n, description& out) {
  for (const network_node& node : n.nodes) {
    if (node.heard_over_pool()) add_pool(out, node, node.name + ".value.rate", node.name + ".value.feedback");
  }
}

}  // namespace locus::templates
