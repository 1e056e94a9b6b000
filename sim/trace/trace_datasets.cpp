#include "sim/trace/trace_datasets.hpp"

#include <hdf5_hl.h>

#include <array>
#include <numeric>
#include <vector>

namespace locus {

namespace {

constexpr hsize_t events_of_chunk = 2048;

void attach(const hdf5::object& dataset, unsigned dimension, const hdf5::object& scale, const char* label) {
  dataset.check(H5DSattach_scale(dataset.id.get(), scale.id.get(), dimension), "write");
  dataset.check(H5DSset_label(dataset.id.get(), dimension, label), "write");
}

void make_scale(const hdf5::object& dataset, const char* name, const char* units, const char* long_name) {
  dataset.check(H5DSset_scale(dataset.id.get(), name), "write");
  hdf5::set_text(dataset, "units", units);
  hdf5::set_text(dataset, "long_name", long_name);
}

/// A column's dataset: empty, its frames to be appended.
hdf5::object make_column(const hdf5::object& file, const trace_layout& layout, const trace_column& column,
                         const hdf5::object& tick) {
  hdf5::dataset_layout wanted{.size = {0}, .chunk = {layout.frames}, .compress = true, .extendible = true};
  wanted.size.insert(wanted.size.end(), column.shape.begin(), column.shape.end());
  wanted.chunk.insert(wanted.chunk.end(), column.chunk.begin(), column.chunk.end());
  const std::string path = "/trace/" + column.group + "/" + column.variable;
  const hid_t type = layout.single ? H5T_IEEE_F32LE : H5T_IEEE_F64LE;
  hdf5::object dataset = hdf5::create_dataset(file, path, type, wanted);
  hdf5::set_text(dataset, "units", column.units);
  hdf5::set_text(dataset, "long_name", column.long_name);
  attach(dataset, 0, tick, "tick");
  return dataset;
}

/// 0, 1, ..., count - 1: made for the first variable of a population, then used by all.
hdf5::object counting_scale(const hdf5::object& file, const std::string& group, const char* name, std::uint64_t count) {
  const std::string path = "/trace/" + group + "/" + name;
  if (hdf5::contains(file, path)) return hdf5::open_dataset(file, path);
  hdf5::object scale = hdf5::create_dataset(file, path, H5T_STD_U32LE, {.size = {count}, .chunk = {}});
  std::vector<std::uint32_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), 0u);
  hdf5::write(scale, H5T_NATIVE_UINT32, numbers.data());
  make_scale(scale, name, "1", name);
  return scale;
}

struct synapse_ends {
  std::vector<std::uint32_t> source;
  std::vector<std::uint32_t> target;
};

/// The ends of each synapse, in the order in which weights are read.
synapse_ends ends_of(const circuit& c, const projection& p) {
  synapse_ends ends;
  const auto add = [&ends](std::uint32_t source, std::uint32_t target) {
    ends.source.push_back(source);
    ends.target.push_back(target);
  };
  for (std::uint32_t target = 0; target < c.size_after(p); ++target) {
    switch (p.shape) {
      case projection_shape::one_to_one: add(target, target); break;
      case projection_shape::dense:
        for (std::uint32_t source = 0; source < c.size_before(p); ++source) add(source, target);
        break;
      case projection_shape::sparse:
        for (std::uint64_t k = p.connections.start[target]; k < p.connections.start[target + 1]; ++k) {
          add(p.connections.source[k], target);
        }
        break;
    }
  }
  return ends;
}

void write_ends(const hdf5::object& theta, const hdf5::object& file, const std::string& group, const char* name,
                const char* long_name, const std::vector<std::uint32_t>& numbers) {
  constexpr hsize_t numbers_of_chunk = 16384;
  hdf5::dataset_layout layout{.size = {numbers.size()}, .chunk = {}};
  if (numbers.size() > numbers_of_chunk) {
    layout.chunk = {numbers_of_chunk};
    layout.compress = true;
  }
  const hdf5::object scale = hdf5::create_dataset(file, "/trace/" + group + "/" + name, H5T_STD_U32LE, layout);
  hdf5::write(scale, H5T_NATIVE_UINT32, numbers.data());
  make_scale(scale, name, "1", long_name);
  attach(theta, 1, scale, "synapse");
}

/// The shape of the matrix that each frame is, for those who want to start from these weights.
void set_matrix_shape(const hdf5::object& theta, const circuit& c, const projection& p) {
  const bool dense = p.shape == projection_shape::dense;
  const std::array<std::uint64_t, 2> shape = {dense ? c.size_after(p) : 1, dense ? c.size_before(p) : c.connections(p)};
  const hsize_t two = 2;
  const hdf5::handle space(H5Screate_simple(1, &two, nullptr));
  const hid_t id = H5Acreate2(theta.id.get(), "matrix_shape", H5T_STD_U64LE, space.get(), H5P_DEFAULT, H5P_DEFAULT);
  const hdf5::handle attribute(theta.check(id, "write"));
  theta.check(H5Awrite(attribute.get(), H5T_NATIVE_UINT64, shape.data()), "write");
}

}  // namespace

hdf5::object make_tick_dataset(const hdf5::object& file, const trace_layout& layout) {
  hdf5::object tick =
      hdf5::create_dataset(file, "/trace/tick", H5T_STD_I64LE,
                           {.size = {0}, .chunk = {layout.frames}, .compress = true, .extendible = true});
  make_scale(tick, "tick", "tick", "tick of each frame");
  return tick;
}

hdf5::object make_field_dataset(const hdf5::object& file, const trace_layout& layout, const trace_column& column,
                                const hdf5::object& tick) {
  hdf5::object dataset = make_column(file, layout, column, tick);
  attach(dataset, 1, counting_scale(file, column.group, "neuron", column.shape[0]), "neuron");
  if (column.shape.size() > 1) {
    attach(dataset, 2, counting_scale(file, column.group, "lane", column.shape[1]), "lane");
  }
  return dataset;
}

hdf5::object make_weight_dataset(const hdf5::object& file, const trace_layout& layout, const trace_column& column,
                                 const hdf5::object& tick, const circuit& c, const projection& p) {
  hdf5::object dataset = make_column(file, layout, column, tick);
  const synapse_ends ends = ends_of(c, p);
  write_ends(dataset, file, column.group, "source", "presynaptic neuron of each synapse", ends.source);
  write_ends(dataset, file, column.group, "target", "postsynaptic neuron of each synapse", ends.target);
  set_matrix_shape(dataset, c, p);
  return dataset;
}

hdf5::object make_event_dataset(const hdf5::object& group, const std::string& name, hid_t type) {
  // Not compressed: a chunk that grows by a few events must not move, or a killed run could lose the older ones.
  return hdf5::create_dataset(group, name, type, {.size = {0}, .chunk = {events_of_chunk}, .extendible = true});
}

void set_sorted_by_time(const hdf5::object& group) {
  const hdf5::handle type(H5Tenum_create(H5T_STD_U8LE));
  const std::array<std::uint8_t, 3> values = {0, 1, 2};
  H5Tenum_insert(type.get(), "none", &values[0]);
  H5Tenum_insert(type.get(), "by_id", &values[1]);
  H5Tenum_insert(type.get(), "by_time", &values[2]);
  const hdf5::handle space(H5Screate(H5S_SCALAR));
  const hid_t id = H5Acreate2(group.id.get(), "sorting", type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT);
  const hdf5::handle attribute(group.check(id, "write"));
  group.check(H5Awrite(attribute.get(), type.get(), &values[2]), "write");
}

}  // namespace locus
