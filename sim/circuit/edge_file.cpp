#include "sim/circuit/edge_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "sim/circuit/edge_file_reading.hpp"
#include "sim/core/errors.hpp"
#include "sim/netlist/ends_in_file.hpp"

namespace locus {

namespace {

using detail::edge_visitor;
using detail::listed_edge;
using detail::place_text;

bool each_edge(const edge_file& from, const edge_visitor& visit) {
  if (from.file.ends_with(".csv")) return detail::each_edge_in_csv(from, visit);
  if (from.file.ends_with(".npy")) return detail::each_edge_in_npy(from, visit);
  if (from.file.ends_with(".mtx")) return detail::each_edge_in_mtx(from, visit);
  each_pair_in_hdf5(from.file, from.dataset, [&](std::uint64_t row, std::int64_t target, std::int64_t source) {
    visit({target, source, 1, row});
  });
  return false;
}

/// "the pair [post, pre] is [1, 0]", or of a matrix, as it counts, "row and column are [2, 1]".
std::string pair_text(const edge_file& from, std::int64_t post, std::int64_t pre) {
  if (from.file.ends_with(".mtx")) return fmt::format("row and column are [{}, {}]", post + 1, pre + 1);
  return fmt::format("the pair [post, pre] is [{}, {}]", post, pre);
}

/// The pair, checked.
neuron_pair pair_of(const edge_file& from, const listed_edge& edge) {
  const auto within = [](std::int64_t index, std::uint32_t size) { return index >= 0 && index < size; };
  if (within(edge.post, from.targets) && within(edge.pre, from.sources))
    return {static_cast<std::uint32_t>(edge.post), static_cast<std::uint32_t>(edge.pre)};
  throw run_error(fmt::format("{}: {}: projection \"{}\" has {} targets and {} sources, counted from {}",
                              place_text(from.file, edge.place), pair_text(from, edge.post, edge.pre), from.projection,
                              from.targets, from.sources, from.file.ends_with(".mtx") ? 1 : 0));
}

[[noreturn]] void fail_twice(const edge_file& from, const neuron_pair& pair) {
  std::vector<std::uint64_t> places;
  each_edge(from, [&](const listed_edge& edge) {
    if (edge.post == pair.first && edge.pre == pair.second) places.push_back(edge.place);
  });
  const bool text = from.file.ends_with(".csv") || from.file.ends_with(".mtx");
  throw run_error(fmt::format("{}: {}, as in {} {}: each may be listed once", place_text(from.file, places.back()),
                              pair_text(from, pair.first, pair.second), text ? "line" : "row", places.front()));
}

const neuron_pair& pair_in(const neuron_pair& pair) { return pair; }
const neuron_pair& pair_in(const weighted_pair& edge) { return edge.first; }

template <class Edge>
void sort_checked(const edge_file& from, std::vector<Edge>& edges) {
  const auto before = [](const Edge& a, const Edge& b) { return pair_in(a) < pair_in(b); };
  if (!std::is_sorted(edges.begin(), edges.end(), before)) std::sort(edges.begin(), edges.end(), before);
  const auto same = [](const Edge& a, const Edge& b) { return pair_in(a) == pair_in(b); };
  if (const auto twice = std::adjacent_find(edges.begin(), edges.end(), same); twice != edges.end())
    fail_twice(from, pair_in(*twice));
}

}  // namespace

std::string detail::place_text(const std::string& file, std::uint64_t place) {
  const bool text = file.ends_with(".csv") || file.ends_with(".mtx");
  return fmt::format("{}:{}{}", file, text ? "" : " row ", place);
}

std::vector<neuron_pair> read_pairs(const edge_file& from) {
  std::vector<neuron_pair> pairs;
  each_edge(from, [&](const listed_edge& edge) { pairs.push_back(pair_of(from, edge)); });
  sort_checked(from, pairs);
  return pairs;
}

std::vector<weighted_pair> read_weighted_pairs(const edge_file& from) {
  std::vector<weighted_pair> edges;
  const bool weighted = each_edge(from, [&](const listed_edge& edge) {
    if (!std::isfinite(edge.weight))
      throw run_error(fmt::format("{}: weight {}: must be finite", place_text(from.file, edge.place), edge.weight));
    edges.emplace_back(pair_of(from, edge), edge.weight);
  });
  if (!weighted) {
    throw run_error(fmt::format("{}: it has no weights: expected {}", from.file,
                                from.file.ends_with(".csv") ? "a header post,pre,weight"
                                : from.file.ends_with(".npy")
                                    ? "an array [n, 3] of floating-point numbers, with columns post, pre and weight"
                                    : "\"matrix coordinate real\" in its first line"));
  }
  sort_checked(from, edges);
  return edges;
}

}  // namespace locus
