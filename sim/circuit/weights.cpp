#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "sim/circuit/connections.hpp"
#include "sim/circuit/edge_file.hpp"
#include "sim/circuit/initial_weights.hpp"
#include "sim/circuit/orthogonal.hpp"
#include "sim/netlist/weights_file.hpp"

namespace locus {
namespace {

/// Of uniform weights.
double half_width(const circuit& c, const projection& p, const random_weights& w) {
  const double n = static_cast<double>(c.connections(p));
  // The mean number of connections of a target and of a source.
  const double fan_in = n / c.size_after(p), fan_out = n / c.size_before(p);
  if (w.method == "glorot-uniform") return w.scale * std::sqrt(6.0 / (fan_in + fan_out));
  if (w.method == "kaiming-uniform") return w.scale * std::sqrt(6.0 / fan_in);
  return w.scale;
}

initial_numbers draw(const circuit& c, const projection& p, const random_weights& w, const std::string& name) {
  using enum weight_draws::distribution;
  weight_draws draws{uniform, random_stream(w.seed, "weights", w.stream.empty() ? name : w.stream), w.scale};
  if (w.method == "orthogonal") {
    draws.kind = normal;
    draws.scale = 1;
    auto weights = orthogonal(initial_numbers(draws).listed(c, p), c.size_after(p), c.size_before(p));
    for (double& weight : weights) weight *= w.scale;
    return initial_numbers(std::move(weights));
  }
  if (w.method == "constant") draws.kind = constant;
  else if (w.method == "normal") draws.kind = normal;
  else draws.scale = half_width(c, p, w);
  initial_numbers numbers(draws);
  return p.window ? initial_numbers(std::move(numbers).listed(c, p)) : numbers;  // a window's ends are not its kernel's
}

std::vector<double> listed(const circuit& c, const projection& p, const matrix& m, const std::string& name) {
  const auto [rows, columns] = c.weight_matrix(p);
  if (m.rows != rows || m.columns != columns) {
    throw usage_error(
        p.at,
        fmt::format("the weights of \"{}\" are {} x {}: expected {} x {} ({})", name, m.rows, m.columns, rows, columns,
                    p.window ? "[channel of targets][channel of sources, place in the window]" : "[post][pre]"));
  }
  return m.values;
}

/// Weights of a file that says whose they are, which must be of this projection's connections, in their order.
std::vector<double> of_connections(const circuit& c, const projection& p, const std::string& file,
                                   const std::vector<weighted_pair>& edges) {
  if (edges.size() != c.weights(p))
    throw usage_error(p.at, fmt::format("\"{}\" has {} weights for the {} {} of \"{}\"", file, edges.size(),
                                        c.weights(p), p.window ? "numbers of the kernel" : "connections", p.name));
  std::vector<double> weights(edges.size());
  each_weight(c, p, [&](std::size_t pre, std::size_t post, std::size_t k) {
    const auto [target, source] = edges[k].first;
    weights[k] = edges[k].second;
    if (source == pre && target == post) return;
    throw usage_error(
        p.at,
        fmt::format("the weights of \"{}\" in \"{}\" are of other connections: weight {} is of [{}, {}], but here of "
                    "[{}, {}] ([post, pre]); connect as in the netlist that the file holds",
                    p.name, file, k, target, source, post, pre));
  });
  return weights;
}

std::vector<double> stored(const circuit& c, const projection& p, const stored_weights& w, const std::string& name) {
  if (is_edge_table(w.file))
    return of_connections(c, p, w.file, read_weighted_pairs({w.file, "", name, c.size_after(p), c.size_before(p)}));
  const matrix_in_file m = read_weights(w.file, w.dataset.empty() ? name : w.dataset);
  if (m.source.empty()) return listed(c, p, m, name);
  std::vector<weighted_pair> edges;
  edges.reserve(m.values.size());
  for (std::size_t k = 0; k < m.values.size(); ++k)
    edges.emplace_back(neuron_pair(m.target[k], m.source[k]), m.values[k]);
  if (!std::is_sorted(edges.begin(), edges.end())) std::sort(edges.begin(), edges.end());
  return of_connections(c, p, w.file, edges);
}

/// The weights of a projection's connections, in the order of the same connections turned round.
std::vector<double> turned(const circuit& c, const projection& p, const std::vector<double>& weights) {
  if (p.window) {
    const shared_window ours{p.window->grid, true};
    std::vector<double> out;
    for (std::uint64_t k = 0; k < ours.weights(); ++k) out.push_back(weights[ours.in_owner(k)]);
    return out;
  }
  std::vector<std::size_t> next(c.size_before(p) + 1, 0);
  each_connection(c, p, [&](std::size_t pre, std::size_t, std::size_t) { ++next[pre + 1]; });
  for (std::size_t j = 0; j + 1 < next.size(); ++j) next[j + 1] += next[j];
  std::vector<double> out(weights.size());
  each_connection(c, p, [&](std::size_t pre, std::size_t, std::size_t k) { out[next[pre]++] = weights[k]; });
  return out;
}

/// `name`: of the draws and of the dataset, unless the source names them.
initial_numbers numbers_from(const circuit& c, const projection& p, const weight_source& source,
                             const std::string& name) {
  if (const auto* random = std::get_if<random_weights>(&source)) return draw(c, p, *random, name);
  if (const auto* given = std::get_if<listed_weights>(&source))
    return initial_numbers(listed(c, p, given->values, name));
  return initial_numbers(stored(c, p, std::get<stored_weights>(source), name));
}

}  // namespace

std::vector<double> initial_numbers::listed(const circuit& c, const projection& p) && {
  if (auto* const list = std::get_if<std::vector<double>>(&numbers_)) return std::move(*list);
  std::vector<double> all;
  all.reserve(c.weights(p));
  visit(0, [&](auto next) {
    each_weight(c, p, [&](std::size_t pre, std::size_t post, std::size_t) { all.push_back(next(post, pre)); });
  });
  return all;
}

std::vector<double> weights_from_owner(const circuit& c, const projection& p, std::vector<double> owned) {
  if (p.transposed) {
    const projection& owner = c.projections[*(p.shared_with ? p.shared_with : p.copied_from)];
    owned = turned(c, owner, owned);
  }
  if (const auto* copied = std::get_if<copied_weights>(&p.weights); copied != nullptr && copied->scale != 1) {
    for (double& weight : owned) weight *= copied->scale;
  }
  return owned;
}

initial_numbers initial_weight_numbers(const circuit& c, std::size_t index) {
  const projection& p = c.projections[index];
  if (p.synapse == nullptr) return initial_numbers(weight_draws{.random = {0, "", ""}});
  if (const auto owner = p.shared_with ? p.shared_with : p.copied_from)
    return initial_numbers(weights_from_owner(c, p, initial_weights(c, *owner)));
  return numbers_from(c, p, p.weights, p.name);
}

std::vector<double> initial_weights(const circuit& c, std::size_t index) {
  return initial_weight_numbers(c, index).listed(c, c.projections[index]);
}

std::optional<std::vector<double>> initial_field(const circuit& c, std::size_t index, std::size_t field) {
  const projection& p = c.projections[index];
  if (!p.initial.at(field)) return std::nullopt;
  const std::string name = fmt::format("{}.{}", p.name, p.synapse->state[field].name);
  return numbers_from(c, p, *p.initial[field], name).listed(c, p);
}

}  // namespace locus
