#pragma once
/// What all HDF5 files of SONATA have in common. All functions require that the caller holds an hdf5::session.

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sim/circuit/circuit.hpp"
#include "sim/core/hdf5.hpp"

namespace locus::sonata {

/// SONATA knows no unit of time but the millisecond. A tick is as long as circuit.dt says; without it, it is written as
/// one: a whole number, so that readers that add up steps find every frame.
[[nodiscard]] inline double tick_ms(const circuit& c) { return c.dt.value_or(1.0); }

/// What files say of that.
[[nodiscard]] std::string time_text(double tick_ms);

/// Where the numbers come from: root group `/meta` of each file.
struct origin {
  std::string version;         ///< of the program
  std::string netlist;         ///< TOML, as run
  std::string netlist_sha256;  ///< of that text
  double tick_ms = 1.0;        ///< length of a tick
};

/// A new file, with the format's `magic` and `version`, and `/meta`.
[[nodiscard]] hdf5::object create_file(const atomic_file& place, const origin& from);

/// A second name for an object of the group: a hard link.
void add_alias(const hdf5::object& group, const std::string& name, const std::string& alias);

/// HDF5's types for numbers: in files little-endian, in memory the processor's own.
template <class T>
struct number_types;
template <>
struct number_types<std::uint8_t> {
  static hid_t file() { return H5T_STD_U8LE; }
  static hid_t memory() { return H5T_NATIVE_UINT8; }
};
template <>
struct number_types<std::uint32_t> {
  static hid_t file() { return H5T_STD_U32LE; }
  static hid_t memory() { return H5T_NATIVE_UINT32; }
};
template <>
struct number_types<std::uint64_t> {
  static hid_t file() { return H5T_STD_U64LE; }
  static hid_t memory() { return H5T_NATIVE_UINT64; }
};
template <>
struct number_types<std::int64_t> {
  static hid_t file() { return H5T_STD_I64LE; }
  static hid_t memory() { return H5T_NATIVE_INT64; }
};
template <>
struct number_types<float> {
  static hid_t file() { return H5T_IEEE_F32LE; }
  static hid_t memory() { return H5T_NATIVE_FLOAT; }
};
template <>
struct number_types<double> {
  static hid_t file() { return H5T_IEEE_F64LE; }
  static hid_t memory() { return H5T_NATIVE_DOUBLE; }
};

/// A dataset that is written row after row, in blocks: one number a row, or `width` if that is given. `File` is the
/// type in the file, `T` that of the numbers handed over. Nothing is in the file before a block is full; finish()
/// writes the rest.
template <class T, class File = T>
class table_writer {
 public:
  /// Requires: `parent` outlives this.
  table_writer(const hdf5::object& parent, std::string path, hsize_t width = 0)
      : parent_(parent), path_(std::move(path)), width_(width), block_rows_(rows_of_block()) {}
  table_writer(const table_writer&) = delete;
  table_writer& operator=(const table_writer&) = delete;

  void add(T value) {
    block_.push_back(value);
    if (block_.size() == block_rows_ * numbers_of_row()) write_block();
  }

  [[nodiscard]] std::uint64_t rows() const { return written_ + block_.size() / numbers_of_row(); }

  /// The dataset, of as many rows as were added. Requires: the last row is complete; nothing is added afterwards.
  [[nodiscard]] hdf5::object finish() {
    if (!block_.empty() || !dataset_.id) write_block();
    return std::move(dataset_);
  }

 private:
  [[nodiscard]] hsize_t numbers_of_row() const { return std::max<hsize_t>(1, width_); }

  /// Whole rows of about 256 KiB.
  [[nodiscard]] hsize_t rows_of_block() const {
    return std::max<hsize_t>(1, (std::size_t{1} << 18u) / sizeof(File) / numbers_of_row());
  }

  void create(hsize_t rows) {
    const hsize_t chunk = std::max<hsize_t>(1, rows);
    hdf5::dataset_layout layout{.size = {0}, .chunk = {chunk}, .compress = true, .extendible = true};
    if (width_ > 0) {
      layout.size.push_back(width_);
      layout.chunk.push_back(width_);
    }
    dataset_ = hdf5::create_dataset(parent_, path_, number_types<File>::file(), layout);
  }

  void write_block() {
    const hsize_t rows = block_.size() / numbers_of_row();
    if (!dataset_.id) create(rows);
    hdf5::append(dataset_, rows, number_types<T>::memory(), block_.data());
    written_ += rows;
    block_.clear();
  }

  const hdf5::object& parent_;
  std::string path_;
  hsize_t width_;
  hsize_t block_rows_;
  std::uint64_t written_ = 0;
  std::vector<T> block_;
  hdf5::object dataset_;
};

/// A new one-dimensional dataset of `count` numbers: value(0), value(1), ...
template <class T, class F>
hdf5::object write_column(const hdf5::object& parent, const std::string& path, std::uint64_t count, F&& value) {
  table_writer<T> column(parent, path);
  for (std::uint64_t i = 0; i < count; ++i) column.add(static_cast<T>(value(i)));
  return column.finish();
}

/// The same number `count` times.
template <class T>
void write_constant(const hdf5::object& parent, const std::string& path, std::uint64_t count, T value) {
  (void)write_column<T>(parent, path, count, [&](std::uint64_t) { return value; });
}

/// 0, 1, ..., count - 1
inline void write_numbering(const hdf5::object& parent, const std::string& path, std::uint64_t count) {
  (void)write_column<std::uint64_t>(parent, path, count, [](std::uint64_t i) { return i; });
}

}  // namespace locus::sonata
