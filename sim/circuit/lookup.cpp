#include <fmt/format.h>

#include "sim/circuit/circuit.hpp"

#include <algorithm>
#include "sim/core/find_by_name.hpp"

namespace locus {

bool projection::learns() const { return synapse != nullptr && synapse->plastic && !shared_with; }

std::optional<std::size_t> circuit::find_population(std::string_view name) const {
  return find_by_name(populations, name);
}

std::optional<std::size_t> circuit::find_projection(std::string_view name) const {
  return find_by_name(projections, name);
}

bool circuit::learns() const {
  return std::any_of(projections.begin(), projections.end(), [](const projection& p) { return p.learns(); });
}

std::vector<port_id> circuit::noise_ports() const {
  std::vector<port_id> all;
  for (std::size_t p = 0; p < populations.size(); ++p) {
    const std::vector<port>& ports = populations[p].model->ports;
    for (std::size_t q = 0; q < ports.size(); ++q) {
      if (is_noise(ports[q].from)) all.push_back({p, q});
    }
  }
  return all;
}

std::vector<std::uint32_t> delays_of(const projection& p) {
  std::vector<std::uint32_t> all = p.delays;
  if (all.empty()) {
    for (std::uint64_t delay = p.delay; delay <= longest_delay(p); ++delay)
      all.push_back(static_cast<std::uint32_t>(delay));
    return all;
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

std::uint64_t circuit::connections(const projection& p) const {
  switch (p.shape) {
    case projection_shape::one_to_one: return size_after(p);
    case projection_shape::dense: return std::uint64_t{size_before(p)} * size_after(p);
    case projection_shape::shared_window: return p.window->grid.connections();
    case projection_shape::sparse: break;
  }
  return p.connections.targets() != 0 ? p.connections.size() : p.size.connections;
}

std::pair<std::uint32_t, std::uint64_t> circuit::weight_matrix(const projection& p) const {
  if (p.window) return {p.window->rows(), p.window->columns()};
  if (p.shape == projection_shape::dense) return {size_after(p), size_before(p)};
  return {1, connections(p)};
}

std::string circuit::name_of(output_id output) const {
  const population& p = populations[output.population];
  return fmt::format("{}.{}", p.name, p.model->fields[output.field].name);
}

std::string circuit::name_of(port_id port) const {
  const population& p = populations[port.population];
  return fmt::format("{}.{}", p.name, p.model->ports[port.port].name);
}

std::vector<std::size_t> seen_populations(const projection& p) {
  std::vector<std::size_t> all;
  for (const output_id& seen : p.post) {
    if (std::find(all.begin(), all.end(), seen.population) == all.end()) all.push_back(seen.population);
  }
  return all;
}

}  // namespace locus
