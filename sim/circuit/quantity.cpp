#include "sim/circuit/quantity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "sim/core/errors.hpp"

namespace locus {

namespace {

[[noreturn]] void unknown(const circuit& c, const std::string& name) {
  std::vector<std::string> known;
  for (std::size_t p = 0; p < c.populations.size(); ++p) {
    for (std::size_t f = 0; f < c.populations[p].model->fields.size(); ++f) known.push_back(c.name_of(output_id{p, f}));
  }
  for (const projection& p : c.projections) known.push_back(p.name);
  throw usage_error(fmt::format("\"{}\" is no field and no projection{}", name, suggestion(name, known)));
}

}  // namespace

quantity quantity_named(const circuit& c, const std::string& name) {
  if (const auto p = c.find_projection(name)) return {std::nullopt, *p, 0};
  const std::size_t dot = std::min(name.rfind('.'), name.size());
  const std::string_view owner = std::string_view(name).substr(0, dot);
  const std::string_view member = std::string_view(name).substr(std::min(dot + 1, name.size()));
  const auto place_of = [&](const auto& fields) {
    const auto found = std::find_if(fields.begin(), fields.end(), [&](const auto& f) { return f.name == member; });
    return static_cast<std::size_t>(found - fields.begin());
  };
  if (const auto p = c.find_population(owner)) {
    const auto& fields = c.populations[*p].model->fields;
    if (const std::size_t f = place_of(fields); f < fields.size()) return {output_id{*p, f}, 0, 0};
  }
  if (const auto p = c.find_projection(owner); p && c.projections[*p].synapse != nullptr) {
    if (member == "theta") return {std::nullopt, *p, 0};
    const auto& fields = c.projections[*p].synapse->state;
    if (const std::size_t f = place_of(fields); c.projections[*p].learns() && f < fields.size())
      return {std::nullopt, *p, f};
  }
  unknown(c, name);
}

std::size_t projection_named(const circuit& c, const std::string& name) {
  if (const auto p = c.find_projection(name)) return *p;
  unknown(c, name);
}

std::size_t clampable_population(const circuit& c, const std::string& name) {
  if (const auto p = c.find_population(name); p && c.populations[*p].model->has_clamp) return *p;
  std::vector<std::string> known;
  for (const population& p : c.populations) {
    if (p.model->has_clamp) known.push_back(p.name);
  }
  throw usage_error(fmt::format("\"{}\" is no population that can be clamped{}", name, suggestion(name, known)));
}

std::vector<std::size_t> shape_of(const circuit& c, const quantity& q) {
  if (q.field) return {c.populations[q.field->population].size, c.lanes};
  const projection& p = c.projections[q.projection];
  const auto [rows, columns] = c.weight_matrix(p);
  std::vector<std::size_t> shape = {columns};
  if (p.window || p.shape == projection_shape::dense) shape.insert(shape.begin(), rows);
  if (q.synapse_field != 0 && p.synapse->state[q.synapse_field].per_lane) shape.push_back(c.lanes);
  return shape;
}

}  // namespace locus
