#include "sim/sonata/report_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <utility>

#include "sim/core/errors.hpp"
#include "sim/sonata/network.hpp"

namespace locus::sonata {

namespace {

void check_order(const trace_variable& v) {
  const auto disorder = std::adjacent_find(
      v.neurons.begin(), v.neurons.end(), [&](std::uint32_t a, std::uint32_t b) { return v.weights ? a > b : a >= b; });
  if (disorder == v.neurons.end()) return;
  throw run_error(
      fmt::format("{}: neuron {} is followed by neuron {}: must ascend", v.full_name(), *disorder, *(disorder + 1)));
}

void check_size(const trace_variable& v, const population& p) {
  if (v.neurons.empty() || v.neurons.back() < p.size) return;
  throw run_error(
      fmt::format("{}: the trace has neuron {}, but \"{}\" has {}", v.full_name(), v.neurons.back(), p.name, p.size));
}

/// A kernel's weights are in the order of the kernel, so that the first places at which they serve need not ascend.
std::vector<std::size_t> ascending(const trace_variable& v, const std::vector<std::uint64_t>& ids) {
  std::vector<std::size_t> order(ids.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(v.neurons[a], ids[a]) < std::pair(v.neurons[b], ids[b]);
  });
  return order;
}

report_columns columns_of_weights(const trace_variable& v, const circuit& c, const projection& p) {
  report_columns columns;
  columns.population = c.populations[p.to.population].name;
  if (!p.window) check_order(v);
  const edge_numbers edges(c, p);
  std::vector<std::uint64_t> ids;
  for (std::size_t k = 0; k < v.columns(); ++k) {
    ids.push_back(edges.id(v.sources[k], v.neurons[k]));
    if (ids.back() > std::numeric_limits<std::uint32_t>::max())
      throw run_error(fmt::format("{}: synapse {}: a report of SONATA can tell 2^32 apart", v.full_name(), ids.back()));
  }
  if (p.window) columns.order = ascending(v, ids);
  for (std::size_t k = 0; k < v.columns(); ++k) {
    const std::size_t from = columns.in_trace(k);
    if (columns.nodes.empty() || columns.nodes.back() != v.neurons[from]) {
      columns.nodes.push_back(v.neurons[from]);
      columns.pointers.push_back(k);
    }
    columns.elements.push_back(static_cast<std::uint32_t>(ids[from]));
  }
  columns.pointers.push_back(v.columns());
  columns.whole = columns.nodes.size() == c.size_after(p);
  return columns;
}

}  // namespace

report_columns columns_of(const trace_variable& v, const circuit& c) {
  if (v.weights) {
    const auto index = c.find_projection(v.group);
    if (!index) throw run_error(fmt::format("{}: the trace's netlist has no such projection", v.full_name()));
    return columns_of_weights(v, c, c.projections[*index]);
  }
  const auto index = c.find_population(v.group);
  if (!index) throw run_error(fmt::format("{}: the trace's netlist has no such population", v.full_name()));
  check_order(v);
  check_size(v, c.populations[*index]);
  const bool whole = v.columns() == c.populations[*index].size;
  report_columns columns{v.group, whole, v.neurons, {}, std::vector<std::uint32_t>(v.columns(), 0)};
  for (std::uint64_t k = 0; k <= v.columns(); ++k) columns.pointers.push_back(k);
  return columns;
}

report_writer::report_writer(const hdf5::object& file, const report_columns& columns, const std::string& units,
                             double tick_ms)
    : group_(hdf5::open_group(file, "/report/" + columns.population)),
      units_(units.empty() ? "1" : units),
      tick_ms_(tick_ms),
      data_(group_, "data", columns.elements.size()) {
  const hdf5::object mapping = hdf5::open_group(group_, "mapping");
  const hdf5::object ids = write_column<std::uint64_t>(mapping, "node_ids", columns.nodes.size(),
                                                       [&](std::uint64_t i) { return columns.nodes[i]; });
  const std::uint8_t sorted = 1;
  hdf5::set_array(ids, "sorted", H5T_NATIVE_UINT8, {}, &sorted);
  (void)write_column<std::uint64_t>(mapping, "index_pointers", columns.pointers.size(),
                                    [&](std::uint64_t i) { return columns.pointers[i]; });
  add_alias(mapping, "index_pointers", "index_pointer");
  (void)write_column<std::uint32_t>(mapping, "element_ids", columns.elements.size(),
                                    [&](std::uint64_t i) { return columns.elements[i]; });
  write_constant<float>(mapping, "element_pos", columns.elements.size(), 0);
}

void report_writer::finish(const frame_grid& grid) {
  hdf5::set_text(data_.finish(), "units", units_);
  const hdf5::object mapping = hdf5::open_group(group_, "mapping");
  const std::array<double, 3> times = {static_cast<double>(grid.first) * tick_ms_,
                                       static_cast<double>(grid.end()) * tick_ms_,
                                       static_cast<double>(grid.step) * tick_ms_};
  const hdf5::object time =
      write_column<double>(mapping, "time", times.size(), [&](std::uint64_t i) { return times[i]; });
  hdf5::set_text(time, "units", "ms");
}

}  // namespace locus::sonata
