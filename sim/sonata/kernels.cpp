#include "sim/sonata/kernels.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/core/errors.hpp"
#include "sim/core/hdf5_reading.hpp"
#include "sim/netlist/document.hpp"
#include "sim/netlist/member_groups.hpp"
#include "sim/netlist/netlist.hpp"

namespace locus::sonata {

namespace {

/// The last `axes` of three numbers.
std::string list(const window_grid::sizes& numbers, std::size_t axes) {
  return fmt::format("[{}]", fmt::join(numbers.end() - static_cast<std::ptrdiff_t>(axes), numbers.end(), ","));
}

/// Axes of a window between grids: those of the sources, without that of their channels.
std::size_t axes_of(const window_grid& g, const grid_shape& before) {
  const bool channels = before.size() > window_grid::axes || (before.size() > 1 && g.channels_before == before[0] &&
                                                              g.before[window_grid::axes - before.size()] == 1);
  return before.size() - (channels ? 1 : 0);
}

/// Whether windows may reach over the edge, or make more targets than fit.
bool same_padding(const window_grid& g) {
  for (std::size_t a = 0; a < window_grid::axes; ++a) {
    const std::uint64_t reach = std::uint64_t{g.dilation[a]} * (g.window[a] - 1) + 1;
    if (g.padding[a] != 0 || reach > g.before[a] || (g.before[a] - reach) / g.stride[a] + 1 != g.after[a]) return true;
  }
  return false;
}

grid_shape shape_of(const population& p) { return p.shape.empty() ? grid_shape{p.size} : p.shape; }

}  // namespace

std::string kernel_path(const std::string& edges) { return "/meta/kernels/" + edges; }

std::string kernel_text(const circuit& c, const projection& p) {
  if (!p.window || p.shared_with) return {};
  if (p.connected_as)
    return fmt::format("{{{}='{}'}}", p.window->turned ? "transposed" : "same_as", c.projections[*p.connected_as].name);
  const window_grid& g = p.window->grid;
  const std::size_t axes = axes_of(g, shape_of(c.populations[p.from.population]));
  return fmt::format("{{window={},stride={},dilation={},padding='{}'}}", list(g.window, axes), list(g.stride, axes),
                     list(g.dilation, axes), same_padding(g) ? "same" : "valid");
}

void write_kernel(const hdf5::object& file, const circuit& c, const projection& p, const std::vector<double>& weights,
                  const std::string& edges) {
  if (kernel_text(c, p).empty()) return;
  const auto [rows, columns] = c.weight_matrix(p);
  const hdf5::object group = hdf5::open_group(file, "/meta/kernels");
  hdf5::write(hdf5::create_dataset(group, edges, H5T_IEEE_F64LE, {.size = {rows, columns}, .chunk = {}}),
              H5T_NATIVE_DOUBLE, weights.data());
}

connectivity read_kernel(const type_row& type, const std::string& text) {
  constexpr auto name = "kernel";
  connectivity connect;
  try {
    connect = read_connectivity(document::from_text(fmt::format("{} = {}\n", name, text), "kernel").root(), name);
  } catch (const usage_error& error) {
    throw usage_error(type.at, error.what());
  }
  if (auto* windows = std::get_if<spatial_window>(&connect)) windows->one_kernel = true;
  else if (!std::holds_alternative<copied_connections>(connect))
    throw usage_error(type.at,
                      fmt::format("kernel {}: expected a window, or the connections of another projection that "
                                  "has one",
                                  text));
  return connect;
}

std::optional<std::string> difference_to_kernel(const hdf5::object& file, const std::string& edges,
                                                const shared_window& w, std::uint32_t targets) {
  const std::string population = "/edges/" + edges;
  const auto stored = hdf5::find_dataset(file, kernel_path(edges));
  if (!stored) return fmt::format("there is no {}", kernel_path(edges));
  const std::vector<hsize_t> size = hdf5::size_of(*stored);
  if (size != std::vector<hsize_t>{w.rows(), w.columns()})
    return fmt::format("{} has not the size of the kernel, {} x {}", kernel_path(edges), w.rows(), w.columns());
  hdf5::check_type(*stored, H5T_FLOAT);
  const std::vector<double> kernel = hdf5::read_numbers(*stored, {0, 0}, size);
  const auto column = [&](const char* name) {
    const hdf5::object dataset = hdf5::open_checked(file, fmt::format("{}/{}", population, name), H5T_INTEGER, 1);
    return hdf5::read_integers(dataset, 0, hdf5::size_of(dataset)[0]);
  };
  const std::vector<std::int64_t> target = column("target_node_id"), source = column("source_node_id");
  if (target.size() != source.size() || target.size() != w.grid.connections())
    return fmt::format("there are {} edges, and {} in the window", target.size(), w.grid.connections());
  const std::vector<double> weight = read_edge_weights(file, population, target.size());
  std::optional<std::string> difference;
  std::size_t edge = 0;
  for (std::uint32_t post = 0; post < targets && !difference; ++post) {
    w.each_source(post, [&](std::uint32_t pre, std::uint64_t k) {
      if (!difference && (target[edge] != post || source[edge] != pre))
        difference = fmt::format("edge {} is from node {} to node {}, and in the window from {} to {}", edge,
                                 source[edge], target[edge], pre, post);
      if (!difference && weight[edge] != kernel[k])
        difference = fmt::format("edge {} has the weight {}, and the kernel {} there", edge, weight[edge], kernel[k]);
      ++edge;
    });
  }
  return difference;
}

}  // namespace locus::sonata
