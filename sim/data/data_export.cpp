#include "sim/data/data_export.hpp"

#include <algorithm>
#include <span>
#include <vector>

#include "sim/core/atomic_file.hpp"
#include "sim/core/hdf5.hpp"
#include "sim/data/order.hpp"

namespace locus {

namespace {

/// Numbers of a block at a time.
constexpr std::uint64_t block_numbers = std::uint64_t{1} << 17u;

/// A new dataset of `size` but for its first dimension, in which it grows.
hdf5::object growing_dataset(const hdf5::object& file, const std::string& path, hid_t type, std::vector<hsize_t> size) {
  hsize_t row = 1;
  for (std::size_t d = 1; d < size.size(); ++d) row *= size[d];
  std::vector<hsize_t> chunk = size;
  chunk[0] = std::clamp<hsize_t>(block_numbers / std::max<hsize_t>(1, row), 1, std::max<hsize_t>(1, size[0]));
  for (hsize_t& n : chunk) n = std::max<hsize_t>(1, n);
  size[0] = 0;
  return hdf5::create_dataset(file, path, type, {.size = size, .chunk = chunk, .compress = true, .extendible = true});
}

/// [sample][feature], or [sample][frame][feature].
void write_table(const hdf5::object& file, const std::string& path, const number_table& table, std::uint32_t frames) {
  if (table.columns() == 0) return;
  const std::uint32_t samples = table.rows() / frames;
  std::vector<hsize_t> size = {samples, table.columns()};
  if (frames > 1) size.insert(size.begin() + 1, frames);
  const hdf5::object dataset = growing_dataset(file, path, H5T_IEEE_F64LE, size);
  const std::size_t width = table.columns();
  const std::uint64_t each = std::uint64_t{frames} * width;
  const auto some = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(block_numbers / each, 1, samples + 1u));
  std::vector<double> block;
  for (std::uint32_t first = 0; first < samples; first += some) {
    const std::uint32_t count = std::min(some, samples - first);
    block.resize(count * each);
    for (std::uint32_t row = 0; row < count * frames; ++row)
      table.copy_row(first * frames + row, std::span(block).subspan(row * width, width));
    hdf5::append(dataset, count, H5T_NATIVE_DOUBLE, block.data());
  }
}

void write_part(const hdf5::object& file, const std::string& name, const samples& part) {
  if (part.count() == 0) return;
  write_table(file, name + "/inputs", part.input, part.input_frames);
  write_table(file, name + "/targets", part.target, part.target_frames);
}

/// [epoch][presentation][lane]: which training sample.
void write_order(const hdf5::object& file, const data_set& data, const description& netlist) {
  const std::uint32_t lanes = netlist.lanes, batches = data.train.count() / lanes;
  const hdf5::object dataset = growing_dataset(file, "order", H5T_STD_U32LE, {netlist.epochs, batches, lanes});
  if (batches == 0) return;
  for (std::uint32_t epoch = 0; epoch < netlist.epochs; ++epoch) {
    const std::vector<std::uint32_t> order = presentation_order(data.train.count(), netlist.shuffle, epoch);
    hdf5::append(dataset, 1, H5T_NATIVE_UINT32, order.data());  // what fills no batch is left out
  }
}

}  // namespace

void export_data(const std::string& file, const data_set& data, const description& netlist, const file_origin& from) {
  const hdf5::session exclusive;
  atomic_file temporary(file);
  hdf5::object opened = hdf5::create_file(temporary);
  hdf5::set_text(opened, "format", "locus-data");
  hdf5::set_text(opened, "name", data.name);
  hdf5::set_text(opened, "note", data.note);
  hdf5::set_text(opened, "netlist", from.netlist);
  hdf5::set_text(opened, "netlist_sha256", from.netlist_sha256);
  hdf5::set_text(opened, "version", from.version);
  write_part(opened, "train", data.train);
  write_part(opened, "test", data.test);
  write_order(opened, data, netlist);
  hdf5::close(opened);
  temporary.commit();
}

}  // namespace locus
