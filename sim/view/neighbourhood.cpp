#include "sim/view/neighbourhood.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "sim/circuit/connections.hpp"
#include "sim/circuit/grid.hpp"
#include "sim/view/json_answer.hpp"

namespace locus {
namespace {

constexpr std::size_t most_partners = 500;

struct partner {
  std::size_t projection = 0, source = 0, target = 0, connection = 0, weight = 0;
  std::optional<double> factor = {}, sent = {}, value = {};
  bool logged = false;

  /// Unknown ones last.
  [[nodiscard]] double size() const { return value ? (std::isnan(*value) ? INFINITY : std::abs(*value)) : -1; }
};

/// Calls f(target, connection, weight) for the connections from `source`.
template <class F>
void each_target(const circuit& c, const projection& p, std::size_t source, F&& f) {
  const std::size_t before = c.size_before(p), after = c.size_after(p);
  if (p.shape == projection_shape::one_to_one) return f(source, source, source);
  if (p.shape == projection_shape::dense) {
    for (std::size_t i = 0; i < after; ++i) f(i, i * before + source, i * before + source);
    return;
  }
  std::size_t connection = 0;
  for (std::size_t i = 0; i < after; ++i) {
    each_source(c, p, i, [&](std::size_t j, std::size_t weight) {
      if (j == source) f(i, connection, weight);
      ++connection;
    });
  }
}

/// Connections onto `target`: f(source, connection, weight).
template <class F>
void each_source_of(const circuit& c, const projection& p, std::size_t target, F&& f) {
  if (p.shape != projection_shape::shared_window)
    return each_source(c, p, target, [&](std::size_t j, std::size_t weight) { f(j, weight, weight); });
  std::size_t connection = 0;
  for (std::size_t i = 0; i < target; ++i) each_source(c, p, i, [&](std::size_t, std::size_t) { ++connection; });
  each_source(c, p, target, [&](std::size_t j, std::size_t weight) { f(j, connection++, weight); });
}

/// Weight times what was sent, in the circuit's precision.
double product(const circuit& c, double weight, double sent) {
  if (c.precision == precision::f32) return static_cast<double>(static_cast<float>(weight) * static_cast<float>(sent));
  return weight * sent;
}

void fill(const circuit& c, tick_t at, known_values& known, std::vector<partner>& all, std::size_t first) {
  if (first == all.size()) return;
  const projection& p = c.projections[all[first].projection];
  std::vector<std::optional<double>> factors(all.size() - first);
  if (p.synapse != nullptr) {
    std::vector<std::size_t> numbers;
    for (std::size_t k = first; k < all.size(); ++k) numbers.push_back(all[k].weight);
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    const std::vector<std::optional<double>> found = known.weights(all[first].projection, numbers, at);
    for (std::size_t k = first; k < all.size(); ++k) {
      const auto place = std::lower_bound(numbers.begin(), numbers.end(), all[k].weight) - numbers.begin();
      factors[k - first] = found[static_cast<std::size_t>(place)];
    }
  }
  for (std::size_t k = first; k < all.size(); ++k) {
    partner& each = all[k];
    each.factor = factors[k - first];
    if (const auto message = known.logged(each.projection, each.source, each.target, at)) {
      each.sent = message->sent;
      each.value = message->value;
      each.logged = true;
      continue;
    }
    each.sent = known.field(p.from, each.source, at - static_cast<tick_t>(delay_of(p, each.connection)));
    if (!each.sent) continue;
    if (p.synapse == nullptr) each.value = each.sent;
    else if (each.factor) each.value = product(c, *each.factor, *each.sent);
  }
}

nlohmann::json json_of(const circuit& c, std::vector<partner> all, bool incoming, known_values& known) {
  const std::size_t listed = std::min(all.size(), most_partners);
  std::stable_sort(all.begin(), all.end(), [](const partner& a, const partner& b) { return a.size() > b.size(); });
  all.resize(listed);
  nlohmann::json list = nlohmann::json::array();
  for (const partner& each : all) {
    const projection& p = c.projections[each.projection];
    const population &from = c.populations[p.from.population], &to = c.populations[p.to.population];
    nlohmann::json j = {{"projection", p.name},
                        {incoming ? "from" : "to", incoming ? from.name : to.name},
                        {"port", c.name_of(p.to)},
                        {"output", c.name_of(p.from)},
                        {"neuron", incoming ? each.source : each.target},
                        {"place", incoming ? index_text(from.shape, each.source) : index_text(to.shape, each.target)},
                        {"delay", delay_of(p, each.connection)},
                        {"weight", json_number(each.factor)},
                        {"sent", json_number(each.sent)},
                        {"value", json_number(each.value)},
                        {"logged", each.logged},
                        {"column", nullptr},
                        {"name", nullptr}};
    if (p.synapse != nullptr) {
      if (const auto column = known.column(each.projection, each.weight)) j["column"] = *column;
      j["name"] = p.name + index_text(to.shape, each.target) + index_text(from.shape, each.source);
    }
    list.push_back(std::move(j));
  }
  return list;
}

}  // namespace

nlohmann::json neighbourhood(const circuit& c, std::size_t population, std::size_t neuron, tick_t at,
                             known_values& known) {
  std::vector<partner> incoming, outgoing;
  for (std::size_t i = 0; i < c.projections.size(); ++i) {
    const projection& p = c.projections[i];
    if (p.to.population == population) {
      const std::size_t first = incoming.size();
      each_source_of(c, p, neuron, [&](std::size_t source, std::size_t connection, std::size_t weight) {
        incoming.push_back({i, source, neuron, connection, weight});
      });
      fill(c, at, known, incoming, first);
    }
    if (p.from.population == population) {
      const std::size_t first = outgoing.size();
      each_target(c, p, neuron, [&](std::size_t target, std::size_t connection, std::size_t weight) {
        outgoing.push_back({i, neuron, target, connection, weight});
      });
      fill(c, at, known, outgoing, first);
    }
  }
  const std::size_t in = incoming.size(), out = outgoing.size();
  return {{"population", c.populations[population].name},
          {"neuron", neuron},
          {"tick", at},
          {"place", index_text(c.populations[population].shape, neuron)},
          {"incoming", json_of(c, std::move(incoming), true, known)},
          {"incoming_total", in},
          {"outgoing", json_of(c, std::move(outgoing), false, known)},
          {"outgoing_total", out}};
}

}  // namespace locus
