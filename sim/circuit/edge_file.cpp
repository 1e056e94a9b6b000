#include "sim/circuit/edge_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

#include "sim/circuit/edge_file_reading.hpp"
#include "sim/core/errors.hpp"
#include "sim/netlist/ends_in_file.hpp"

namespace locus {

namespace {

using detail::edge_contents;
using detail::edge_visitor;
using detail::listed_edge;
using detail::place_text;

/// `delays`: whether those of HDF5 are wanted.
edge_contents each_edge(const edge_file& from, const edge_visitor& visit, bool delays = false) {
  if (from.file.ends_with(".csv")) return detail::each_edge_in_csv(from, visit);
  if (from.file.ends_with(".npy")) return detail::each_edge_in_npy(from, visit);
  if (from.file.ends_with(".mtx")) return detail::each_edge_in_mtx(from, visit);
  each_pair_in_hdf5(from.file, from.dataset, delays, [&](const pair_in_file& pair) {
    visit({pair.target, pair.source, 1, pair.delay, pair.milliseconds, pair.row});
  });
  return {.delays = delays};
}

bool counts_from_one(const edge_file& from) { return from.file.ends_with(".mtx"); }

/// "the pair [post, pre] is [1, 0]", or of a matrix, as it counts, "row and column are [2, 1]".
std::string pair_text(const edge_file& from, std::int64_t post, std::int64_t pre) {
  if (counts_from_one(from)) return fmt::format("row and column are [{}, {}]", post + 1, pre + 1);
  return fmt::format("the pair [post, pre] is [{}, {}]", post, pre);
}

/// The pair, checked.
neuron_pair pair_of(const edge_file& from, const listed_edge& edge) {
  const auto within = [](std::int64_t index, std::uint32_t size) { return index >= 0 && index < size; };
  if (within(edge.post, from.targets) && within(edge.pre, from.sources))
    return {static_cast<std::uint32_t>(edge.post), static_cast<std::uint32_t>(edge.pre)};
  const auto wrong = within(edge.post, from.targets) ? detail::pre_column : detail::post_column;
  throw run_error(fmt::format("{}: {}: projection \"{}\" has {} targets and {} sources, counted from {}",
                              place_text(from.file, edge.place, edge.at[wrong]), pair_text(from, edge.post, edge.pre),
                              from.projection, from.targets, from.sources, counts_from_one(from) ? 1 : 0));
}

[[noreturn]] void fail_twice(const edge_file& from, const neuron_pair& pair) {
  std::vector<listed_edge> found;
  each_edge(from, [&](const listed_edge& edge) {
    if (edge.post == pair.first && edge.pre == pair.second) found.push_back(edge);
  });
  const bool text = from.file.ends_with(".csv") || from.file.ends_with(".mtx");
  throw run_error(fmt::format("{}: {}, as in {} {}: each may be listed once",
                              place_text(from.file, found.back().place, found.back().at[detail::post_column]),
                              pair_text(from, pair.first, pair.second), text ? "line" : "row", found.front().place));
}

const neuron_pair& pair_in(const neuron_pair& pair) { return pair; }
template <class T>
const neuron_pair& pair_in(const std::pair<neuron_pair, T>& edge) {
  return edge.first;
}

template <class Edge>
void sort_checked(const edge_file& from, std::vector<Edge>& edges) {
  const auto before = [](const Edge& a, const Edge& b) { return pair_in(a) < pair_in(b); };
  if (!std::is_sorted(edges.begin(), edges.end(), before)) std::sort(edges.begin(), edges.end(), before);
  const auto same = [](const Edge& a, const Edge& b) { return pair_in(a) == pair_in(b); };
  if (const auto twice = std::adjacent_find(edges.begin(), edges.end(), same); twice != edges.end())
    fail_twice(from, pair_in(*twice));
}

/// A delay in ticks, checked. Milliseconds may be off by what single precision rounds.
std::uint32_t ticks_of(const edge_file& from, const listed_edge& edge, double tick_ms) {
  constexpr double most = std::numeric_limits<std::uint32_t>::max();
  const double exact = edge.milliseconds ? edge.delay / tick_ms : edge.delay;
  const double ticks = edge.milliseconds ? std::round(exact) : exact;
  constexpr double rounding = 0x1p-23;
  if (ticks >= 1 && ticks <= most && ticks == std::trunc(ticks) && std::abs(exact - ticks) <= rounding * ticks)
    return static_cast<std::uint32_t>(ticks);
  throw run_error(
      fmt::format("{}: delay {}{}: expected {}", place_text(from.file, edge.place, edge.at[detail::delay_column]),
                  edge.delay, edge.milliseconds ? " ms" : "",
                  edge.milliseconds ? fmt::format("a whole number of ticks, each of which is {} ms", tick_ms)
                                    : "ticks, a whole number from 1 on"));
}

/// Calls f(edge, ticks) for each connection.
template <class F>
void each_delay(const edge_file& from, double tick_ms, F&& f) {
  const edge_contents has = each_edge(
      from, [&](const listed_edge& edge) { f(edge, ticks_of(from, edge, tick_ms)); }, true);
  if (has.delays) return;
  throw run_error(fmt::format("{}: it has no delays: expected {}", from.file,
                              from.file.ends_with(".csv") ? "a column \"delay\" in its header"
                              : from.file.ends_with(".npy")
                                  ? "an array [n, 3] of integers, with columns post, pre and delay, or [n, 4] of "
                                    "floating-point numbers, with columns post, pre, weight and delay"
                                  : "\"matrix coordinate integer\" in its first line"));
}

}  // namespace

std::string detail::place_text(const std::string& file, std::uint64_t place, std::size_t column) {
  const bool text = file.ends_with(".csv") || file.ends_with(".mtx");
  return fmt::format("{}:{}{}{}", file, text ? "" : " row ", place, column > 0 ? fmt::format(":{}", column) : "");
}

std::vector<neuron_pair> read_pairs(const edge_file& from) {
  std::vector<neuron_pair> pairs;
  each_edge(from, [&](const listed_edge& edge) { pairs.push_back(pair_of(from, edge)); });
  sort_checked(from, pairs);
  return pairs;
}

std::vector<weighted_pair> read_weighted_pairs(const edge_file& from) {
  std::vector<weighted_pair> edges;
  const edge_contents has = each_edge(from, [&](const listed_edge& edge) {
    if (!std::isfinite(edge.weight))
      throw run_error(fmt::format("{}: weight {}: must be finite",
                                  place_text(from.file, edge.place, edge.at[detail::weight_column]), edge.weight));
    edges.emplace_back(pair_of(from, edge), edge.weight);
  });
  if (!has.weights) {
    throw run_error(fmt::format("{}: it has no weights: expected {}", from.file,
                                from.file.ends_with(".csv") ? "a header post,pre,weight"
                                : from.file.ends_with(".npy")
                                    ? "an array [n, 3] of floating-point numbers, with columns post, pre and weight"
                                    : "\"matrix coordinate real\" in its first line"));
  }
  sort_checked(from, edges);
  return edges;
}

std::vector<delayed_pair> read_delayed_pairs(const edge_file& from, double tick_ms) {
  std::vector<delayed_pair> edges;
  each_delay(from, tick_ms,
             [&](const listed_edge& edge, std::uint32_t ticks) { edges.emplace_back(pair_of(from, edge), ticks); });
  sort_checked(from, edges);
  return edges;
}

std::pair<std::uint32_t, std::uint32_t> read_delay_range(const edge_file& from, double tick_ms) {
  std::uint32_t low = std::numeric_limits<std::uint32_t>::max(), high = 1;
  each_delay(from, tick_ms, [&](const listed_edge&, std::uint32_t ticks) {
    low = std::min(low, ticks);
    high = std::max(high, ticks);
  });
  return {std::min(low, high), high};
}

}  // namespace locus
