#include "sim/core/hdf5_reading.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sim/core/errors.hpp"
#include "sim/core/whole_number.hpp"

namespace locus::hdf5 {

namespace {

herr_t note_name(hid_t, const char* name, const H5L_info_t*, void* data) {
  constexpr std::size_t enough = 1'000'000;
  auto& names = *static_cast<std::vector<std::string>*>(data);
  names.emplace_back(name);
  return names.size() < enough ? 0 : 1;
}

/// The object of that path if it is of type `kind`, or nothing if there is none.
std::optional<object> find(const object& parent, const std::string& path, H5I_type_t kind) {
  const bounded_reading limit;
  object found{handle(), parent.file, path.starts_with('/') ? path : fmt::format("{}/{}", parent.name, path)};
  if (!contains(parent, path)) {
    if (is_linked(parent, path)) found.fail("read", "it is a link that leads nowhere, or to another file");
    return std::nullopt;
  }
  found.id = handle(found.check(H5Oopen(parent.id.get(), path.c_str(), H5P_DEFAULT), "read"));
  if (H5Iget_type(found.id.get()) != kind) {
    found.fail("read", kind == H5I_GROUP ? "it is not a group" : "it is not a dataset");
  }
  if (kind == H5I_DATASET) found = open_dataset(parent, path);
  return found;
}

std::string text_of(H5T_class_t kind) {
  switch (kind) {
    case H5T_INTEGER: return "integers";
    case H5T_FLOAT: return "floating-point numbers";
    case H5T_STRING: return "text";
    case H5T_COMPOUND: return "records";
    case H5T_ENUM: return "named values";
    default: return "no numbers";
  }
}

std::uint64_t elements(const std::vector<hsize_t>& size) {
  std::uint64_t product = 1;
  for (const hsize_t n : size) product = bounded_product(product, n);
  return product;
}

/// As "3 x 4".
std::string shape_text(const std::vector<hsize_t>& size) {
  std::string text;
  for (const hsize_t n : size) text += fmt::format("{}{}", text.empty() ? "" : " x ", n);
  return text;
}

template <class Number>
std::vector<Number> read_part(const object& dataset, hid_t type, const std::vector<hsize_t>& start,
                              const std::vector<hsize_t>& count) {
  std::vector<Number> numbers;
  try {
    numbers.resize(elements(count));
  } catch (const std::exception&) {  // bad_alloc, length_error
    dataset.fail("read", fmt::format("{} numbers do not fit into memory", shape_text(count)));
  }
  if (numbers.empty()) return numbers;
  const bounded_reading limit(numbers.size() * sizeof(Number));
  const handle from(dataset.check(H5Dget_space(dataset.id.get()), "read"));
  dataset.check(H5Sselect_hyperslab(from.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr), "read");
  const handle to(H5Screate_simple(static_cast<int>(count.size()), count.data(), nullptr));
  dataset.check(H5Dread(dataset.id.get(), type, to.get(), from.get(), H5P_DEFAULT, numbers.data()), "read");
  return numbers;
}

}  // namespace

isolated_reader::isolated_reader(std::string file, child_process::work answer)
    : file_(std::move(file)), process_(std::move(answer)) {}

std::string isolated_reader::ask(std::string_view question) {
  std::optional<std::string> answer = process_.ask(question);
  if (!answer) fail_unread(file_, process_.death());
  return std::move(*answer);
}

void fail_unread(const std::string& file, const child_death& death) {
  throw run_error(fmt::format("cannot read \"{}\": {} ({})", file,
                              death.killed ? "the process that read it was ended from outside"
                                           : "the file is damaged; the HDF5 library fails on it",
                              death.reason));
}

std::vector<std::string> names_in(const object& parent, const std::string& path) {
  std::vector<std::string> names;
  const std::optional<object> group = find_group(parent, path);
  if (!group) return names;
  const bounded_reading limit;
  hsize_t next = 0;
  group->check(H5Literate(group->id.get(), H5_INDEX_NAME, H5_ITER_INC, &next, note_name, &names), "read");
  return names;
}

std::optional<object> find_group(const object& parent, const std::string& path) {
  return find(parent, path, H5I_GROUP);
}

std::optional<object> find_dataset(const object& parent, const std::string& path) {
  return find(parent, path, H5I_DATASET);
}

object open_existing_group(const object& parent, const std::string& path) {
  std::optional<object> group = find_group(parent, path);
  if (!group) parent.fail("read", fmt::format("there is no group \"{}\"", path));
  return std::move(*group);
}

object open_checked(const object& file, const std::string& path, H5T_class_t kind, std::size_t rank) {
  std::optional<object> dataset = find_dataset(file, path);
  if (!dataset) file.fail("read", fmt::format("there is no dataset \"{}\"", path));
  check_type(*dataset, kind);
  const std::size_t found = size_of(*dataset).size();
  if (rank == 0 ? found == 0 : found != rank) {
    dataset->fail("read", fmt::format("it has {} dimensions: must have {}", found, rank == 0 ? 1 : rank));
  }
  check_storage(*dataset);
  return std::move(*dataset);
}

void check_type(const object& dataset, H5T_class_t wanted) {
  const bounded_reading limit;
  const handle type(dataset.check(H5Dget_type(dataset.id.get()), "read"));
  const H5T_class_t kind = H5Tget_class(type.get());
  if (kind != wanted) {
    dataset.fail("read", fmt::format("it holds {}: must be {}", text_of(kind), text_of(wanted)));
  }
  if (kind == H5T_STRING) return;
  const std::vector<hid_t> known =
      kind == H5T_FLOAT ? std::vector<hid_t>{H5T_IEEE_F64LE, H5T_IEEE_F32LE, H5T_IEEE_F64BE, H5T_IEEE_F32BE}
                        : std::vector<hid_t>{H5T_STD_U32LE, H5T_STD_I64LE, H5T_STD_I32LE, H5T_STD_U64LE,
                                             H5T_STD_U8LE,  H5T_STD_I8LE,  H5T_STD_U16LE, H5T_STD_I16LE};
  for (const hid_t t : known) {
    if (H5Tequal(type.get(), t) > 0) return;
  }
  dataset.fail("read",
               fmt::format("its numbers are of an unusual format ({} bytes): must be {}", H5Tget_size(type.get()),
                           kind == H5T_FLOAT ? "IEEE float or double" : "integers of 8 to 64 bits, little-endian"));
}

void check_storage(const object& dataset) {
  const bounded_reading limit;
  constexpr std::uint64_t most_deflated = 1100;  // zlib shrinks no data by more than a factor of 1032
  const handle creation(dataset.check(H5Dget_create_plist(dataset.id.get()), "read"));
  const H5D_layout_t layout = H5Pget_layout(creation.get());
  const std::vector<hsize_t> size = size_of(dataset);
  std::vector<hsize_t> chunk(size.size(), 1);
  const int rank = static_cast<int>(size.size());
  if (layout == H5D_CHUNKED && H5Pget_chunk(creation.get(), rank, chunk.data()) != rank) dataset.fail("read");
  const handle type(dataset.check(H5Dget_type(dataset.id.get()), "read"));
  const handle file(dataset.check(H5Iget_file_id(dataset.id.get()), "read"));
  hsize_t bytes = 0;
  dataset.check(H5Fget_filesize(file.get(), &bytes), "read");
  const std::uint64_t capacity = bounded_product(bytes, layout == H5D_CHUNKED ? most_deflated : 1);
  const std::uint64_t width = std::max<std::uint64_t>(H5Tget_size(type.get()), 1);
  const auto check_claim = [&](std::string_view what, const std::vector<hsize_t>& claimed) {
    if (bounded_product(elements(claimed), width) <= capacity) return;
    dataset.fail("read", fmt::format("{} {} numbers, more than the file can hold", what, shape_text(claimed)));
  };
  check_claim("it claims", size);
  check_claim("its chunks claim", chunk);
}

std::vector<double> read_numbers(const object& dataset, const std::vector<hsize_t>& start,
                                 const std::vector<hsize_t>& count) {
  return read_part<double>(dataset, H5T_NATIVE_DOUBLE, start, count);
}

std::vector<std::int64_t> read_integers(const object& dataset, hsize_t first, hsize_t count) {
  return read_part<std::int64_t>(dataset, H5T_NATIVE_INT64, {first}, {count});
}

std::vector<std::uint32_t> read_indices(const object& dataset) {
  const std::vector<std::int64_t> numbers = read_integers(dataset, 0, size_of(dataset).at(0));
  std::vector<std::uint32_t> indices;
  indices.reserve(numbers.size());
  for (const std::int64_t n : numbers) {
    if (n < 0 || n > std::numeric_limits<std::uint32_t>::max()) {
      dataset.fail("read", fmt::format("{} is no index: must be in [0, 2^32)", n));
    }
    indices.push_back(static_cast<std::uint32_t>(n));
  }
  return indices;
}

}  // namespace locus::hdf5
