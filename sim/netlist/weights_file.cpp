#include "sim/netlist/weights_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <string_view>

#include "sim/core/atomic_file.hpp"
#include "sim/core/bytes.hpp"
#include "sim/core/errors.hpp"
#include "sim/core/hdf5_reading.hpp"
#include "sim/core/whole_number.hpp"
#include "sim/netlist/ends_in_file.hpp"
#include "sim/netlist/member_groups.hpp"

namespace locus {

namespace {

/// The attribute with which a trace of weights tells the shape of the matrix that each of its rows holds.
constexpr auto matrix_shape = "matrix_shape";

herr_t note_dataset(hid_t, const char* name, const H5O_info_t* info, void* data) {
  constexpr std::size_t enough = 1000;
  auto& names = *static_cast<std::vector<std::string>*>(data);
  if (info->type == H5O_TYPE_DATASET) names.emplace_back(name);
  return names.size() < enough ? 0 : 1;
}

std::vector<std::string> dataset_names(const hdf5::object& file) {
  const bounded_reading limit;
  std::vector<std::string> names;
  H5Ovisit2(file.id.get(), H5_INDEX_NAME, H5_ITER_INC, note_dataset, &names, H5O_INFO_BASIC);
  return names;
}

/// Dataset `name`, or the weights of the projection or of the edges `name` (ends_in_file.hpp).
hdf5::object open_weights(const hdf5::object& file, const std::string& name) {
  const bounded_reading limit;
  for (const char* const form : {"{}", "trace/{}/theta", "{}/weight"}) {
    const std::string path = fmt::format(fmt::runtime(form), name);
    if (!hdf5::contains(file, path)) continue;
    const hdf5::handle object(H5Oopen(file.id.get(), path.c_str(), H5P_DEFAULT));
    if (H5Iget_type(object.get()) == H5I_DATASET) return hdf5::open_dataset(file, path);
  }
  file.fail("read", fmt::format("no dataset \"{}\"{}", name, suggestion(name, dataset_names(file))));
}

/// Rows and columns of the matrix in each row of a trace; nothing for other datasets.
std::optional<std::array<std::uint64_t, 2>> shape_in_trace(const hdf5::object& dataset) {
  if (!hdf5::has_attribute(dataset, matrix_shape)) return std::nullopt;
  const bounded_reading limit;
  const hdf5::handle attribute(dataset.check(H5Aopen(dataset.id.get(), matrix_shape, H5P_DEFAULT), "read"));
  const hdf5::handle space(dataset.check(H5Aget_space(attribute.get()), "read"));
  std::array<std::uint64_t, 2> shape = {};
  if (H5Sget_simple_extent_npoints(space.get()) != 2 || H5Aread(attribute.get(), H5T_NATIVE_UINT64, shape.data()) < 0) {
    dataset.fail("read", fmt::format("attribute \"{}\" is not what it should be", matrix_shape));
  }
  return shape;
}

matrix sized(const hdf5::object& dataset, std::uint64_t rows, std::uint64_t columns) {
  constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
  if (rows > most || columns > most) {
    dataset.fail("read", fmt::format("{} x {} weights: at most {} rows and columns are possible", rows, columns, most));
  }
  try {
    return {static_cast<std::uint32_t>(rows), static_cast<std::uint32_t>(columns), std::vector<double>(rows * columns)};
  } catch (const std::exception&) {  // bad_alloc, length_error
    dataset.fail("read", fmt::format("{} x {} weights do not fit into memory", rows, columns));
  }
}

/// The last frame of a trace, as the matrix that it was.
matrix last_frame(const hdf5::object& dataset, const std::vector<hsize_t>& size,
                  const std::array<std::uint64_t, 2>& shape) {
  if (size[0] == 0) dataset.fail("read", "the trace has no frame");
  if (bounded_product(shape[0], shape[1]) != size[1]) {
    dataset.fail("read", fmt::format("attribute \"{}\" says {} x {}, but a frame has {} weights", matrix_shape,
                                     shape[0], shape[1], size[1]));
  }
  matrix m = sized(dataset, shape[0], shape[1]);
  hdf5::read_rows(dataset, size[0] - 1, 1, H5T_NATIVE_DOUBLE, m.values.data());
  return m;
}

matrix whole(const hdf5::object& dataset, const std::vector<hsize_t>& size) {
  matrix m = sized(dataset, size[0], size[1]);
  hdf5::read(dataset, H5T_NATIVE_DOUBLE, m.values.data());
  return m;
}

void check_finite(const hdf5::object& dataset, const matrix& m) {
  for (std::size_t i = 0; i < m.values.size(); ++i) {
    if (std::isfinite(m.values[i])) continue;
    dataset.fail("read",
                 fmt::format("weight [{}][{}] is {}: must be finite", i / m.columns, i % m.columns, m.values[i]));
  }
}

std::vector<std::uint32_t> read_ends(const hdf5::object& file, const hdf5::object& dataset, const std::string& path,
                                     std::size_t weights) {
  std::vector<std::uint32_t> neurons = hdf5::read_indices(hdf5::open_checked(file, path, H5T_INTEGER, 1));
  if (neurons.size() != weights)
    dataset.fail("read", fmt::format("{} has {} neurons for {} weights", path, neurons.size(), weights));
  return neurons;
}

void write_column(const hdf5::object& file, const named_weights& w, const char* column,
                  const std::vector<std::uint32_t>& numbers) {
  if (numbers.empty()) return;
  const hdf5::object dataset = hdf5::create_dataset(file, fmt::format("{}:{}", w.name, column), H5T_STD_U32LE,
                                                    {.size = {numbers.size()}, .chunk = {}});
  hdf5::write(dataset, H5T_NATIVE_UINT32, numbers.data());
}

void write_one(const hdf5::object& file, const named_weights& w) {
  const std::vector<hsize_t> size = {w.values.rows, w.values.columns};
  if (w.values.values.size() != size[0] * size[1]) {
    throw internal_error(
        fmt::format("weights \"{}\": {} numbers for {} x {}", w.name, w.values.values.size(), size[0], size[1]));
  }
  const hid_t type = w.single ? H5T_IEEE_F32LE : H5T_IEEE_F64LE;
  const hdf5::object dataset = hdf5::create_dataset(file, w.name, type, {.size = size, .chunk = {}});
  hdf5::write(dataset, H5T_NATIVE_DOUBLE, w.values.values.data());
  write_column(file, w, "source", w.source);
  write_column(file, w, "target", w.target);
  write_column(file, w, "delay", w.delay);
}

/// The weights of SONATA's edges, wherever their groups have them.
matrix_in_file weights_of_edges(const hdf5::object& file, const edges_path& edges) {
  matrix_in_file m;
  m.target = hdf5::read_indices(hdf5::open_checked(file, edges.ends.target, H5T_INTEGER, 1));
  m.source = hdf5::read_indices(hdf5::open_checked(file, edges.ends.source, H5T_INTEGER, 1));
  if (m.source.size() != m.target.size())
    file.fail("read",
              fmt::format("{} has {} sources and {} targets", edges.population, m.source.size(), m.target.size()));
  static_cast<matrix&>(m) = {1, static_cast<std::uint32_t>(m.target.size()),
                             read_edge_weights(file, edges.population, m.target.size())};
  for (std::size_t k = 0; k < m.values.size(); ++k)
    if (!std::isfinite(m.values[k]))
      file.fail("read",
                fmt::format("the weight of edge {} of {} is {}: must be finite", k, edges.population, m.values[k]));
  return m;
}

/// What read_weights() does, in the process that opens the file.
matrix_in_file read_dataset(const std::string& file, const std::string& name) {
  const hdf5::object opened = hdf5::open_file(file);
  if (const auto edges = find_edges(opened, name)) return weights_of_edges(opened, *edges);
  const hdf5::object dataset = open_weights(opened, name);
  hdf5::check_type(dataset, H5T_FLOAT);
  const std::optional<ends_paths> ends = find_ends(opened, dataset.name);
  std::vector<hsize_t> size = hdf5::size_of(dataset);
  if (size.size() == 1 && ends) size.insert(size.begin(), 1);  // a weight a connection, as SONATA has them
  if (size.size() != 2) {
    dataset.fail("read", fmt::format("it has {} dimension{}: weights must have two, [post][pre]", size.size(),
                                     size.size() == 1 ? "" : "s"));
  }
  hdf5::check_storage(dataset);
  const auto shape = shape_in_trace(dataset);
  if (!shape && dataset.name.starts_with("/trace/"))
    dataset.fail("read", "the trace recorded only some of the weights");
  matrix_in_file m{shape ? last_frame(dataset, size, *shape) : whole(dataset, size), {}, {}};
  check_finite(dataset, m);
  if (!ends) return m;
  m.source = read_ends(opened, dataset, ends->source, m.values.size());
  m.target = read_ends(opened, dataset, ends->target, m.values.size());
  return m;
}

/// Numbers of rows, columns, sources and targets, and then they themselves: what one process tells another.
using packed_sizes = std::array<std::uint64_t, 4>;

std::string packed(const matrix_in_file& m) {
  std::string all = bytes_of(packed_sizes{m.rows, m.columns, m.source.size(), m.target.size()});
  const auto add = [&all](const auto& numbers) {
    const auto bytes = std::as_bytes(std::span(numbers));
    all.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  };
  add(m.values);
  add(m.source);
  add(m.target);
  return all;
}

matrix_in_file unpacked(std::string_view all, const std::string& file) {
  const auto [rows, columns, sources, targets] = value_in<packed_sizes>(all);
  all.remove_prefix(std::min(all.size(), sizeof(packed_sizes)));
  const auto take = [&](auto& numbers, std::uint64_t count) {
    const std::uint64_t size = bounded_product(count, sizeof numbers[0]);
    if (size > all.size())
      throw run_error(fmt::format("cannot read \"{}\": its reader told less than it promised", file));
    numbers.resize(count);
    std::copy_n(all.data(), size, reinterpret_cast<char*>(numbers.data()));
    all.remove_prefix(size);
  };
  matrix_in_file m;
  m.rows = static_cast<std::uint32_t>(rows);
  m.columns = static_cast<std::uint32_t>(columns);
  take(m.values, bounded_product(rows, columns));
  take(m.source, sources);
  take(m.target, targets);
  return m;
}

}  // namespace

matrix_in_file read_weights(const std::string& file, const std::string& name) {
  const hdf5::session exclusive;
  constexpr std::size_t block = std::size_t{8} << 20u;
  // How many bytes there are, and then those from a given one on.
  std::optional<std::string> read;
  hdf5::isolated_reader reader(file, [&](std::string_view first) {
    if (!read) read = packed(read_dataset(file, name));
    return first.empty() ? bytes_of(read->size()) : read->substr(value_in<std::size_t>(first), block);
  });
  const auto size = value_in<std::size_t>(reader.ask());
  std::string all;
  for (std::string next = "?"; all.size() < size && !next.empty();) all += next = reader.ask(bytes_of(all.size()));
  return unpacked(all, file);
}

void write_weights(const std::string& file, const std::vector<named_weights>& all, const file_origin& from) {
  const hdf5::session exclusive;
  atomic_file temporary(file);
  hdf5::object opened = hdf5::create_file(temporary);
  hdf5::set_text(opened, "netlist", from.netlist);
  hdf5::set_text(opened, "netlist_sha256", from.netlist_sha256);
  hdf5::set_text(opened, "version", from.version);
  for (const named_weights& w : all) write_one(opened, w);
  hdf5::close(opened);
  temporary.commit();
}

}  // namespace locus
