#include "sim/core/hdf5.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <memory>

#include "sim/core/child_process.hpp"
#include "sim/core/errors.hpp"
#include "sim/core/ordered_driver.hpp"

namespace locus::hdf5 {

namespace {

std::recursive_mutex& library_mutex() {
  static std::recursive_mutex mutex;
  return mutex;
}

/// The message that HDF5's file driver quotes from the operating system, or "".
std::string system_message(std::string_view text) {
  constexpr std::string_view before = "error message = '";
  const auto start = text.find(before);
  if (start == std::string_view::npos) return {};
  const auto rest = text.substr(start + before.size());
  return std::string(rest.substr(0, rest.find('\'')));
}

struct found_reason {
  std::string system;
  std::string innermost;
};

/// Called from the innermost error outwards.
herr_t visit_error(unsigned, const H5E_error2_t* error, void* data) {
  auto& found = *static_cast<found_reason*>(data);
  const std::string_view text = error->desc == nullptr ? "" : error->desc;
  if (found.innermost.empty()) found.innermost = text;
  if (found.system.empty()) found.system = system_message(text);
  return 0;
}

/// A property list whose setters cannot fail but for lack of memory.
handle properties(hid_t kind) { return handle(H5Pcreate(kind)); }

handle with_parents() {
  handle links = properties(H5P_LINK_CREATE);
  H5Pset_create_intermediate_group(links.get(), 1);
  return links;
}

/// Of so many numbers in memory.
std::uint64_t bytes_of(const std::vector<hsize_t>& size, hid_t type) {
  std::uint64_t bytes = H5Tget_size(type);
  for (const hsize_t n : size) bytes *= n;
  return bytes;
}

std::string joined(const object& parent, const std::string& path) {
  return path.starts_with('/') ? path : fmt::format("{}/{}", parent.name, path);
}

}  // namespace

session::session() : lock_(library_mutex()) {
  // A file that is still open when the program ends is not to be touched any more: it is what its last flush made of
  // it.
  static const herr_t no_clean_up = H5dont_atexit();
  static_cast<void>(no_clean_up);
  // Links to other files are nothing of ours: followed, they would open whatever a file names, and wait for a pipe.
  static const herr_t no_external_links = H5Lunregister(H5L_TYPE_EXTERNAL);
  static_cast<void>(no_external_links);
  // The setting belongs to a thread where the library is built thread-safe.
  thread_local const herr_t silent = H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  static_cast<void>(silent);
}

bool handle::close() noexcept {
  if (id_ < 0) return true;
  const bounded_reading limit;
  const hid_t id = std::exchange(id_, H5I_INVALID_HID);
  switch (H5Iget_type(id)) {
    case H5I_FILE: return H5Fclose(id) >= 0;
    case H5I_GROUP: return H5Gclose(id) >= 0;
    case H5I_DATASET: return H5Dclose(id) >= 0;
    case H5I_DATASPACE: return H5Sclose(id) >= 0;
    case H5I_DATATYPE: return H5Tclose(id) >= 0;
    case H5I_ATTR: return H5Aclose(id) >= 0;
    case H5I_GENPROP_LST: return H5Pclose(id) >= 0;
    default: return H5Idec_ref(id) >= 0;
  }
}

void object::fail(std::string_view action, std::string_view reason) const {
  const std::string part = name.empty() ? "" : fmt::format(" ({})", name);
  throw run_error(fmt::format("cannot {} \"{}\"{}: {}", action, file, part, reason));
}

void object::fail(std::string_view action) const {
  const std::string told = reason();
  const handle whole(H5Iget_file_id(id.get()));
  const int error = *write_error(whole.get());
  fail(action, error != 0 ? std::strerror(error) : told);
}

std::string reason() {
  found_reason found;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, visit_error, &found);
  if (found.system == "Resource temporarily unavailable") return "it is open in another program";
  if (!found.system.empty()) return found.system;
  if (found.innermost == "file signature not found") return "not an HDF5 file";
  return found.innermost.empty() ? "unknown reason" : found.innermost;
}

namespace {

handle access_for_writing() {
  handle access = properties(H5P_FILE_ACCESS);
  H5Pset_libver_bounds(access.get(), H5F_LIBVER_EARLIEST, H5F_LIBVER_V18);
  return access;
}

}  // namespace

object create_file(const atomic_file& place, hsize_t user_block) {
  const handle creation = properties(H5P_FILE_CREATE);
  H5Pset_userblock(creation.get(), user_block);
  H5Pset_obj_track_times(creation.get(), false);
  const handle access = access_for_writing();
  object file{handle(), place.name(), ""};
  if (!use_ordered_driver(access.get())) file.fail("write");
  const hid_t id = H5Fcreate(place.path().c_str(), H5F_ACC_TRUNC, creation.get(), access.get());
  file.id = handle(file.check(id, "write"));
  return file;
}

object open_file(const std::string& path) {
  const bounded_reading limit;
  object file{handle(), path, ""};
  std::error_code unknown;
  const auto status = std::filesystem::status(path, unknown);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    file.fail("read", "it is no regular file");  // opening a pipe would wait for somebody who writes
  }
  file.id = handle(file.check(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), "read"));
  return file;
}

object open_to_amend(const std::string& path) {
  const handle access = access_for_writing();
  object file{handle(), path, ""};
  if (!use_ordered_driver(access.get())) file.fail("write");
  file.id = handle(file.check(H5Fopen(path.c_str(), H5F_ACC_RDWR, access.get()), "write"));
  return file;
}

void flush(const object& file) {
  file.check(H5Fflush(file.id.get(), H5F_SCOPE_LOCAL), "write");
  if (*write_error(file.id.get()) != 0) file.fail("write");
}

void close(object& file) {
  const std::shared_ptr<const int> error = write_error(file.id.get());
  if (!file.id.close()) file.fail("write");
  if (*error != 0) file.fail("write", std::strerror(*error));
}

bool is_linked(const object& parent, const std::string& path) {
  const bounded_reading limit;
  // HDF5 asks that all but the last part exist.
  for (std::size_t end = path.find('/', 1); end != std::string::npos; end = path.find('/', end + 1)) {
    if (H5Lexists(parent.id.get(), path.substr(0, end).c_str(), H5P_DEFAULT) <= 0) return false;
  }
  if (path.empty() || path == "/" || path.ends_with('/')) return false;
  return H5Lexists(parent.id.get(), path.c_str(), H5P_DEFAULT) > 0;
}

bool contains(const object& parent, const std::string& path) {
  return is_linked(parent, path) && H5Oexists_by_name(parent.id.get(), path.c_str(), H5P_DEFAULT) > 0;
}

object open_group(const object& parent, const std::string& path) {
  object group{handle(), parent.file, joined(parent, path)};
  if (contains(parent, path)) {
    group.id = handle(group.check(H5Gopen2(parent.id.get(), path.c_str(), H5P_DEFAULT), "open"));
    return group;
  }
  const handle links = with_parents();
  group.id =
      handle(group.check(H5Gcreate2(parent.id.get(), path.c_str(), links.get(), H5P_DEFAULT, H5P_DEFAULT), "write"));
  return group;
}

object create_dataset(const object& parent, const std::string& path, hid_t type, const dataset_layout& layout) {
  object dataset{handle(), parent.file, joined(parent, path)};
  const handle creation = properties(H5P_DATASET_CREATE);
  H5Pset_obj_track_times(creation.get(), false);
  std::vector<hsize_t> limit = layout.size;
  if (!layout.chunk.empty()) {
    dataset.check(H5Pset_chunk(creation.get(), static_cast<int>(layout.chunk.size()), layout.chunk.data()), "write");
    // A chunk may be no larger than what a dimension can grow to.
    for (std::size_t i = 0; i < limit.size(); ++i) limit[i] = std::max(limit[i], layout.chunk[i]);
    if (layout.compress) {
      H5Pset_shuffle(creation.get());
      H5Pset_deflate(creation.get(), 1);
    }
  }
  if (layout.extendible) limit.at(0) = H5S_UNLIMITED;
  const int rank = static_cast<int>(layout.size.size());
  const handle space(dataset.check(H5Screate_simple(rank, layout.size.data(), limit.data()), "write"));
  const handle links = with_parents();
  // Writers hand over whole chunks, so that none is worth keeping in memory.
  const handle access = properties(H5P_DATASET_ACCESS);
  H5Pset_chunk_cache(access.get(), 1, 0, 1.0);
  const hid_t id =
      H5Dcreate2(parent.id.get(), path.c_str(), type, space.get(), links.get(), creation.get(), access.get());
  dataset.id = handle(dataset.check(id, "write"));
  return dataset;
}

object open_dataset(const object& parent, const std::string& path) {
  const bounded_reading limit;
  object dataset{handle(), parent.file, joined(parent, path)};
  dataset.id = handle(dataset.check(H5Dopen2(parent.id.get(), path.c_str(), H5P_DEFAULT), "read"));
  const handle creation(dataset.check(H5Dget_create_plist(dataset.id.get()), "read"));
  if (H5Pget_layout(creation.get()) == H5D_VIRTUAL || H5Pget_external_count(creation.get()) > 0) {
    dataset.fail("read", "its numbers are in another file");
  }
  return dataset;
}

std::vector<hsize_t> size_of(const object& dataset) {
  const bounded_reading limit;
  const handle space(dataset.check(H5Dget_space(dataset.id.get()), "read"));
  const int rank = dataset.check(H5Sget_simple_extent_ndims(space.get()), "read");
  std::vector<hsize_t> size(static_cast<std::size_t>(rank));
  dataset.check(H5Sget_simple_extent_dims(space.get(), size.data(), nullptr), "read");
  return size;
}

void write(const object& dataset, hid_t type, const void* data) {
  dataset.check(H5Dwrite(dataset.id.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data), "write");
}

void read(const object& dataset, hid_t type, void* data) {
  const bounded_reading limit(bytes_of(size_of(dataset), type));
  dataset.check(H5Dread(dataset.id.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data), "read");
}

namespace {

struct selected_rows {
  handle file_space;
  handle memory_space;
};

selected_rows select_rows(const object& dataset, hsize_t first, hsize_t count, std::string_view action) {
  std::vector<hsize_t> size = size_of(dataset);
  std::vector<hsize_t> start(size.size(), 0);
  start.at(0) = first;
  size.at(0) = count;
  selected_rows rows;
  rows.file_space = handle(dataset.check(H5Dget_space(dataset.id.get()), action));
  const hid_t space = rows.file_space.get();
  dataset.check(H5Sselect_hyperslab(space, H5S_SELECT_SET, start.data(), nullptr, size.data(), nullptr), action);
  rows.memory_space = handle(H5Screate_simple(static_cast<int>(size.size()), size.data(), nullptr));
  return rows;
}

}  // namespace

hsize_t extend(const object& dataset, hsize_t count) {
  std::vector<hsize_t> size = size_of(dataset);
  const hsize_t first = size.at(0);
  size[0] += count;
  dataset.check(H5Dset_extent(dataset.id.get(), size.data()), "write");
  return first;
}

void write_chunk(const object& dataset, const std::vector<hsize_t>& at, std::uint32_t skipped,
                 std::span<const std::byte> bytes) {
  const hid_t id = dataset.id.get();
  dataset.check(H5Dwrite_chunk(id, H5P_DEFAULT, skipped, at.data(), bytes.size(), bytes.data()), "write");
}

void append(const object& dataset, hsize_t count, hid_t type, const void* data) {
  if (count > 0) write_rows(dataset, extend(dataset, count), count, type, data);
}

void write_rows(const object& dataset, hsize_t first, hsize_t count, hid_t type, const void* data) {
  const selected_rows rows = select_rows(dataset, first, count, "write");
  const hid_t memory = rows.memory_space.get();
  dataset.check(H5Dwrite(dataset.id.get(), type, memory, rows.file_space.get(), H5P_DEFAULT, data), "write");
}

void read_rows(const object& dataset, hsize_t first, hsize_t count, hid_t type, void* data) {
  std::vector<hsize_t> size = size_of(dataset);
  size.at(0) = count;
  const bounded_reading limit(bytes_of(size, type));
  const selected_rows rows = select_rows(dataset, first, count, "read");
  const hid_t memory = rows.memory_space.get();
  dataset.check(H5Dread(dataset.id.get(), type, memory, rows.file_space.get(), H5P_DEFAULT, data), "read");
}

namespace {

void set_scalar(const object& owner, const std::string& name, hid_t file_type, hid_t memory_type, const void* value) {
  handle attribute;
  if (has_attribute(owner, name)) {
    attribute = handle(owner.check(H5Aopen(owner.id.get(), name.c_str(), H5P_DEFAULT), "write"));
  } else {
    const handle space(H5Screate(H5S_SCALAR));
    const hid_t id = H5Acreate2(owner.id.get(), name.c_str(), file_type, space.get(), H5P_DEFAULT, H5P_DEFAULT);
    attribute = handle(owner.check(id, "write"));
  }
  owner.check(H5Awrite(attribute.get(), memory_type, value), "write");
}

handle text_type() {
  handle type(H5Tcopy(H5T_C_S1));
  H5Tset_size(type.get(), H5T_VARIABLE);
  H5Tset_cset(type.get(), H5T_CSET_UTF8);
  return type;
}

}  // namespace

handle fixed_text(std::size_t bytes) {
  handle type(H5Tcopy(H5T_C_S1));
  H5Tset_size(type.get(), bytes);
  H5Tset_strpad(type.get(), H5T_STR_NULLPAD);
  H5Tset_cset(type.get(), H5T_CSET_UTF8);
  return type;
}

namespace {

handle flag_type() {
  handle type(H5Tenum_create(H5T_STD_I8LE));
  const std::int8_t values[] = {0, 1};
  H5Tenum_insert(type.get(), "FALSE", &values[0]);
  H5Tenum_insert(type.get(), "TRUE", &values[1]);
  return type;
}

/// A scalar attribute of type class `kind`, for reading.
handle open_scalar(const object& owner, const std::string& name, H5T_class_t kind) {
  handle attribute(H5Aopen(owner.id.get(), name.c_str(), H5P_DEFAULT));
  if (!attribute) owner.fail("read", fmt::format("no attribute \"{}\"", name));
  const handle type(owner.check(H5Aget_type(attribute.get()), "read"));
  const handle space(owner.check(H5Aget_space(attribute.get()), "read"));
  if (H5Tget_class(type.get()) != kind || H5Sget_simple_extent_npoints(space.get()) != 1) {
    owner.fail("read", fmt::format("attribute \"{}\" is not what it should be", name));
  }
  return attribute;
}

}  // namespace

void set_text(const object& owner, const std::string& name, std::string_view value) {
  const std::string terminated(value);
  const char* const pointer = terminated.c_str();
  const handle type = text_type();
  set_scalar(owner, name, type.get(), type.get(), &pointer);
}

void set_integer(const object& owner, const std::string& name, std::int64_t value) {
  set_scalar(owner, name, H5T_STD_I64LE, H5T_NATIVE_INT64, &value);
}

void set_unsigned(const object& owner, const std::string& name, std::uint64_t value) {
  set_scalar(owner, name, H5T_STD_U64LE, H5T_NATIVE_UINT64, &value);
}

void set_number(const object& owner, const std::string& name, double value) {
  set_scalar(owner, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &value);
}

void set_flag(const object& owner, const std::string& name, bool value) {
  const handle type = flag_type();
  const std::int8_t number = value ? 1 : 0;
  set_scalar(owner, name, type.get(), type.get(), &number);
}

void write_texts(const object& parent, const std::string& path, const std::vector<std::string>& texts) {
  std::vector<const char*> pointers;
  pointers.reserve(texts.size());
  for (const std::string& text : texts) pointers.push_back(text.c_str());
  const handle type = text_type();
  write(create_dataset(parent, path, type.get(), {.size = {texts.size()}, .chunk = {}}), type.get(), pointers.data());
}

void set_array(const object& owner, const std::string& name, hid_t type, const std::vector<hsize_t>& size,
               const void* values) {
  const handle space(H5Screate_simple(static_cast<int>(size.size()), size.data(), nullptr));
  const hid_t id = H5Acreate2(owner.id.get(), name.c_str(), type, space.get(), H5P_DEFAULT, H5P_DEFAULT);
  const handle attribute(owner.check(id, "write"));
  if (H5Sget_simple_extent_npoints(space.get()) == 0) return;
  owner.check(H5Awrite(attribute.get(), type, values), "write");
}

bool has_attribute(const object& owner, const std::string& name) {
  const bounded_reading limit;
  return H5Aexists(owner.id.get(), name.c_str()) > 0;
}

std::string text(const object& owner, const std::string& name) {
  const bounded_reading limit;
  const handle attribute = open_scalar(owner, name, H5T_STRING);
  const handle stored(owner.check(H5Aget_type(attribute.get()), "read"));
  if (H5Tis_variable_str(stored.get()) <= 0)
    owner.fail("read", fmt::format("attribute \"{}\" has a fixed length", name));
  const handle type(owner.check(H5Tcopy(stored.get()), "read"));
  char* value = nullptr;
  owner.check(H5Aread(attribute.get(), type.get(), &value), "read");
  const std::string copy = value == nullptr ? "" : value;
  H5free_memory(value);
  return copy;
}

std::int64_t integer(const object& owner, const std::string& name) {
  const bounded_reading limit;
  std::int64_t value = 0;
  owner.check(H5Aread(open_scalar(owner, name, H5T_INTEGER).get(), H5T_NATIVE_INT64, &value), "read");
  return value;
}

double number(const object& owner, const std::string& name) {
  const bounded_reading limit;
  double value = 0;
  owner.check(H5Aread(open_scalar(owner, name, H5T_FLOAT).get(), H5T_NATIVE_DOUBLE, &value), "read");
  return value;
}

bool flag(const object& owner, const std::string& name) {
  const bounded_reading limit;
  std::int8_t value = 0;
  owner.check(H5Aread(open_scalar(owner, name, H5T_ENUM).get(), flag_type().get(), &value), "read");
  return value != 0;
}

}  // namespace locus::hdf5
