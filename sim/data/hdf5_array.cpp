#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "sim/core/bytes.hpp"
#include "sim/core/errors.hpp"
#include "sim/core/hdf5_reading.hpp"
#include "sim/core/memory.hpp"
#include "sim/core/whole_number.hpp"
#include "sim/data/number_array.hpp"

namespace locus {

namespace {

/// What one process tells another of a dataset, before its numbers.
struct hdf5_array_header {
  std::uint64_t rank;
  std::array<std::uint64_t, 3> shape;
  bool whole;
  bool bytes;  ///< unsigned ones; otherwise the numbers are told as doubles
};

hdf5_array_header header_of(const hdf5::object& dataset) {
  const hdf5::handle type(dataset.check(H5Dget_type(dataset.id.get()), "read"));
  const bool whole = H5Tget_class(type.get()) == H5T_INTEGER;
  if (!whole && H5Tget_class(type.get()) != H5T_FLOAT)
    dataset.fail("read", "it holds no numbers: must be floating-point numbers or integers");
  if (!whole) hdf5::check_type(dataset, H5T_FLOAT);
  hdf5::check_storage(dataset);
  const std::vector<hsize_t> size = hdf5::size_of(dataset);
  if (size.empty() || size.size() > 3)
    dataset.fail("read", fmt::format("{} dimensions: must have 1 to 3", size.size()));
  hdf5_array_header header{size.size(), {1, 1, 1}, whole, false};
  std::copy(size.begin(), size.end(), header.shape.begin());
  header.bytes = whole && H5Tget_size(type.get()) == 1 && H5Tget_sign(type.get()) == H5T_SGN_NONE;
  return header;
}

/// Some rows (of the first dimension) from `first` on: some MB of them.
std::string rows_from(const hdf5::object& dataset, const hdf5_array_header& header, std::uint64_t first) {
  constexpr std::uint64_t some_bytes = std::uint64_t{8} << 20u;
  const std::uint64_t row =
      bounded_product(bounded_product(header.shape[1], header.shape[2]), header.bytes ? 1 : sizeof(double));
  const std::uint64_t rows =
      std::min(header.shape[0] - first, std::max<std::uint64_t>(1, some_bytes / std::max<std::uint64_t>(1, row)));
  require_memory(bounded_product(rows, row), fmt::format("reading {} of \"{}\"", dataset.name, dataset.file));
  std::string bytes(rows * row, '\0');
  if (!bytes.empty())
    hdf5::read_rows(dataset, first, rows, header.bytes ? H5T_NATIVE_UINT8 : H5T_NATIVE_DOUBLE, bytes.data());
  return bytes;
}

}  // namespace

number_array read_hdf5_array(const std::string& file, const std::string& name) {
  const hdf5::session exclusive;
  // Answers with the header, and then with the rows from a given one on.
  std::optional<hdf5::object> dataset;
  hdf5::isolated_reader reader(file, [&](std::string_view first) {
    if (!dataset) {
      const hdf5::object opened = hdf5::open_file(file);
      dataset = hdf5::find_dataset(opened, name);
      if (!dataset) opened.fail("read", fmt::format("there is no dataset \"{}\"", name));
    }
    const hdf5_array_header header = header_of(*dataset);
    return first.empty() ? bytes_of(header) : rows_from(*dataset, header, value_in<std::uint64_t>(first));
  });
  const auto header = value_in<hdf5_array_header>(reader.ask());
  number_array out;
  out.shape.assign(header.shape.begin(), header.shape.begin() + static_cast<std::ptrdiff_t>(header.rank));
  out.whole = header.whole;
  const std::uint64_t row = header.shape[1] * header.shape[2];
  const std::uint64_t width = header.bytes ? 1 : sizeof(double);
  require_memory(bounded_product(bounded_product(header.shape[0], row), width),
                 fmt::format("reading {} of \"{}\"", name, file));
  if (header.bytes) out.bytes.resize(header.shape[0] * row);
  else out.numbers.resize(header.shape[0] * row);
  char* const to =
      header.bytes ? reinterpret_cast<char*>(out.bytes.data()) : reinterpret_cast<char*>(out.numbers.data());
  const std::uint64_t all = out.size() * width;
  for (std::uint64_t done = 0; done < all;) {
    const std::string rows = reader.ask(bytes_of(done / (row * width)));
    if (rows.empty() || rows.size() > all - done)
      throw run_error(fmt::format("cannot read \"{}\": its reader told other numbers than it promised", file));
    done += rows.copy(to + done, rows.size());
  }
  check_numbers(fmt::format("{}:{}", file, name), out.shape, out.whole, out.numbers);
  return out;
}

}  // namespace locus
