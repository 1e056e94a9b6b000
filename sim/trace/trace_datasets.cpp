#include "sim/trace/trace_datasets.hpp"

#include <hdf5_hl.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "sim/trace/overview.hpp"

namespace locus {

namespace {

constexpr hsize_t overview_numbers = 4096;  // of a chunk

void attach(const hdf5::object& dataset, unsigned dimension, const hdf5::object& scale, const char* label) {
  dataset.check(H5DSattach_scale(dataset.id.get(), scale.id.get(), dimension), "write");
  dataset.check(H5DSset_label(dataset.id.get(), dimension, label), "write");
}

void make_scale(const hdf5::object& dataset, const char* name, const char* units, const char* long_name) {
  dataset.check(H5DSset_scale(dataset.id.get(), name), "write");
  hdf5::set_text(dataset, "units", units);
  hdf5::set_text(dataset, "long_name", long_name);
}

hdf5::object write_numbers(const hdf5::object& file, const std::string& path,
                           const std::vector<std::uint32_t>& numbers) {
  hdf5::object dataset = hdf5::create_dataset(file, path, H5T_STD_U32LE, {.size = {numbers.size()}, .chunk = {}});
  hdf5::write(dataset, H5T_NATIVE_UINT32, numbers.data());
  return dataset;
}

bool holds(const hdf5::object& dataset, const std::vector<std::uint32_t>& numbers) {
  if (hdf5::size_of(dataset) != std::vector<hsize_t>{numbers.size()}) return false;
  std::vector<std::uint32_t> stored(numbers.size());
  hdf5::read(dataset, H5T_NATIVE_UINT32, stored.data());
  return stored == numbers;
}

/// A scale that is made for the first variable of a population, then used by all that have the same numbers; others
/// get one of their own.
hdf5::object write_scale(const hdf5::object& file, const variable_names& names, const char* scale,
                         const char* long_name, const std::vector<std::uint32_t>& numbers) {
  const scale_paths paths = paths_of_scale(names.group, names.variable, scale);
  const bool taken = hdf5::contains(file, paths.shared);
  if (taken) {
    hdf5::object shared = hdf5::open_dataset(file, paths.shared);
    if (holds(shared, numbers)) return shared;
  }
  hdf5::object written = write_numbers(file, taken ? paths.own : paths.shared, numbers);
  make_scale(written, scale, "1", long_name);
  return written;
}

void attach_neurons(const hdf5::object& dataset, const hdf5::object& file, const trace_column& column) {
  attach(dataset, 1, write_scale(file, column.names, "neuron", "neuron", column.source.indices), "neuron");
  if (column.shape.size() < 2) return;
  std::vector<std::uint32_t> lanes(column.shape[1]);
  std::iota(lanes.begin(), lanes.end(), 0u);
  attach(dataset, 2, write_scale(file, column.names, "lane", "lane", lanes), "lane");
}

/// The shape of the matrix that each frame is, for those who want to start from these weights.
void set_matrix_shape(const hdf5::object& theta, const circuit& c, const projection& p) {
  const auto [rows, columns] = c.weight_matrix(p);
  const std::array<std::uint64_t, 2> shape = {rows, columns};
  hdf5::set_array(theta, "matrix_shape", H5T_STD_U64LE, {2}, shape.data());
}

void attach_synapses(const hdf5::object& dataset, const hdf5::object& file, const trace_column& column,
                     const circuit& c) {
  const projection& p = c.projections[*column.source.projection];
  const synapse_ends all = ends_of(c, p);
  synapse_ends recorded;
  for (const std::uint32_t k : column.source.indices) {
    recorded.source.push_back(all.source[k]);
    recorded.target.push_back(all.target[k]);
  }
  for (const hdf5::object& scale : write_ends(file, column.names, recorded)) attach(dataset, 1, scale, "synapse");
  if (column.shape.size() > 1) {
    std::vector<std::uint32_t> lanes(column.shape[1]);
    std::iota(lanes.begin(), lanes.end(), 0u);
    attach(dataset, 2, write_scale(file, column.names, "lane", "lane", lanes), "lane");
  } else if (column.source.whole()) {
    set_matrix_shape(dataset, c, p);
  }
}

}  // namespace

hid_t type_of(number_kind kind) {
  switch (kind) {
    case number_kind::i32: return H5T_STD_I32LE;
    case number_kind::i64: return H5T_STD_I64LE;
    case number_kind::u32: return H5T_STD_U32LE;
    case number_kind::u64: return H5T_STD_U64LE;
    case number_kind::f32: return H5T_IEEE_F32LE;
    case number_kind::f64: break;
  }
  return H5T_IEEE_F64LE;
}

hdf5::object make_tick_dataset(const hdf5::object& file, const trace_layout& layout) {
  hdf5::object tick =
      hdf5::create_dataset(file, "/trace/tick", H5T_STD_I64LE,
                           {.size = {0}, .chunk = {layout.frames}, .compress = true, .extendible = true});
  make_scale(tick, "tick", "tick", "tick of each frame");
  return tick;
}

hdf5::object make_column_dataset(const hdf5::object& file, const trace_layout& layout, const trace_column& column,
                                 const hdf5::object& tick, const circuit& c) {
  hdf5::dataset_layout wanted{.size = {0}, .chunk = {}, .compress = true, .extendible = true};
  wanted.chunk.assign(column.chunk.begin(), column.chunk.end());
  wanted.size.insert(wanted.size.end(), column.shape.begin(), column.shape.end());
  const std::string path = "/trace/" + column.names.group + "/" + column.names.variable;
  const hid_t type = type_of(layout.single ? number_kind::f32 : number_kind::f64);
  hdf5::object dataset = hdf5::create_dataset(file, path, type, wanted);
  hdf5::set_text(dataset, "units", column.names.units);
  hdf5::set_text(dataset, "long_name", column.names.long_name);
  attach(dataset, 0, tick, "tick");
  if (column.source.projection) attach_synapses(dataset, file, column, c);
  else attach_neurons(dataset, file, column);
  return dataset;
}

extremes_datasets make_overview_datasets(const hdf5::object& file, const trace_layout& layout,
                                         const trace_column& column) {
  const hsize_t width = (column.shape[0] + overview_block - 1) / overview_block;
  const hsize_t across = std::clamp<hsize_t>(width, 1, overview_numbers);
  const hsize_t tall = std::clamp<hsize_t>(overview_numbers / across, 1, 512);
  const hid_t type = type_of(layout.single ? number_kind::f32 : number_kind::f64);
  const hdf5::object group = hdf5::open_group(file, "/overview/" + column.names.group + "/" + column.names.variable);
  // Not compressed: rows are added to chunks that are in the file.
  const auto make = [&](const char* name) {
    return hdf5::create_dataset(group, name, type, {.size = {0, width}, .chunk = {tall, across}, .extendible = true});
  };
  return {make("min"), make("max")};
}

std::vector<hdf5::object> make_table_datasets(const hdf5::object& file, const table_layout& table) {
  const hdf5::object group = hdf5::open_group(file, table.group);
  std::vector<hdf5::object> all;
  for (const table_column& column : table.columns) {
    // Not compressed: a chunk that grows by a few rows must not move, or a killed run could lose the older ones.
    all.push_back(hdf5::create_dataset(group, column.name, type_of(column.kind),
                                       {.size = {0}, .chunk = {table.rows_of_chunk}, .extendible = true}));
    const hdf5::object& made = all.back();
    if (all.size() == 1) made.check(H5DSset_scale(made.id.get(), column.name.c_str()), "write");
    else attach(made, 0, all.front(), table.row.c_str());
    hdf5::set_text(made, "units", column.units);
    hdf5::set_text(made, "long_name", column.long_name);
  }
  return all;
}

std::array<hdf5::object, 2> write_ends(const hdf5::object& file, const variable_names& names,
                                       const synapse_ends& ends) {
  return {write_scale(file, names, "source", "presynaptic neuron of each synapse", ends.source),
          write_scale(file, names, "target", "postsynaptic neuron of each synapse", ends.target)};
}

}  // namespace locus
