#include "sim/sweep/cell_grid.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace locus::sweep {

std::size_t cell_grid::settings() const {
  std::size_t count = 1;
  for (const axis& a : axes) count *= a.values.size();
  return count;
}

std::vector<std::size_t> cell_grid::places(std::size_t cell) const {
  cell /= replicates();
  std::vector<std::size_t> all(axes.size());
  for (std::size_t k = axes.size(); k-- > 0;) {
    all[k] = cell % axes[k].values.size();
    cell /= axes[k].values.size();
  }
  return all;
}

std::optional<std::uint64_t> cell_grid::seed(std::size_t cell) const {
  return seeds.empty() ? std::nullopt : std::optional(seeds[cell % seeds.size()]);
}

std::size_t cell_grid::cell_at(const std::vector<std::size_t>& places) const {
  std::size_t setting = 0;
  for (std::size_t k = 0; k < axes.size(); ++k) setting = setting * axes[k].values.size() + places[k];
  return setting * replicates();
}

std::string cell_grid::text(std::size_t cell) const {
  const std::vector<std::size_t> at = places(cell);
  std::vector<std::string> parts;
  for (std::size_t k = 0; k < axes.size(); ++k)
    parts.push_back(fmt::format("{}={}", axes[k].key, axes[k].values[at[k]]));
  if (const auto own = seed(cell)) parts.push_back(fmt::format("seed {}", *own));
  return parts.empty() ? "the netlist" : fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace locus::sweep
