/// The texts and attributes of hdf5_reading.hpp.

#include <fmt/format.h>

#include <algorithm>

#include "sim/core/hdf5_reading.hpp"

namespace locus::hdf5 {

namespace {

herr_t note_attribute(hid_t, const char* name, const H5A_info_t*, void* data) {
  static_cast<std::vector<std::string>*>(data)->emplace_back(name);
  return 0;
}

/// Element `at` of a dataset of texts.
std::string read_text(const object& dataset, hid_t type, hsize_t at) {
  const bounded_reading limit;
  const hsize_t one = 1;
  const handle from(dataset.check(H5Dget_space(dataset.id.get()), "read"));
  dataset.check(H5Sselect_hyperslab(from.get(), H5S_SELECT_SET, &at, nullptr, &one, nullptr), "read");
  const handle to(H5Screate_simple(1, &one, nullptr));
  if (H5Tis_variable_str(type) > 0) {
    char* value = nullptr;
    dataset.check(H5Dread(dataset.id.get(), type, to.get(), from.get(), H5P_DEFAULT, &value), "read");
    const std::string copy = value == nullptr ? "" : value;
    H5free_memory(value);
    return copy;
  }
  std::string value(H5Tget_size(type), '\0');
  dataset.check(H5Dread(dataset.id.get(), type, to.get(), from.get(), H5P_DEFAULT, value.data()), "read");
  return value.substr(0, value.find('\0'));
}

/// The largest unsigned number is no signed one.
std::string integer_as_text(const object& owner, const std::string& name, const handle& type) {
  const std::int64_t value = integer(owner, name);
  if (H5Tget_sign(type.get()) != H5T_SGN_NONE) return fmt::format("{}", value);
  const handle attribute(owner.check(H5Aopen(owner.id.get(), name.c_str(), H5P_DEFAULT), "read"));
  std::uint64_t number = 0;
  owner.check(H5Aread(attribute.get(), H5T_NATIVE_UINT64, &number), "read");
  return fmt::format("{}", number);
}

}  // namespace

std::vector<std::string> read_texts(const object& dataset) {
  constexpr std::size_t most_bytes = std::size_t{64} << 20u;
  const handle type(dataset.check(H5Dget_type(dataset.id.get()), "read"));
  std::vector<std::string> texts;
  std::size_t bytes = 0;
  const hsize_t count = size_of(dataset).at(0);
  for (hsize_t i = 0; i < count; ++i) {
    texts.push_back(read_text(dataset, type.get(), i));
    // Elements may share their text, so that a small file can hold any amount of it.
    bytes += texts.back().size() + sizeof(std::string);
    if (bytes > most_bytes) dataset.fail("read", "it holds more than 64 MiB of text");
  }
  return texts;
}

std::string text_or(const object& owner, const std::string& name, std::string_view otherwise) {
  return has_attribute(owner, name) ? text(owner, name) : std::string(otherwise);
}

std::int64_t integer_or(const object& owner, const std::string& name, std::int64_t otherwise) {
  return has_attribute(owner, name) ? integer(owner, name) : otherwise;
}

std::vector<std::int64_t> integers(const object& owner, const std::string& name) {
  constexpr hssize_t most = hssize_t{1} << 20;
  const handle attribute(owner.check(H5Aopen(owner.id.get(), name.c_str(), H5P_DEFAULT), "read"));
  const handle type(owner.check(H5Aget_type(attribute.get()), "read"));
  const handle space(owner.check(H5Aget_space(attribute.get()), "read"));
  const hssize_t count = H5Sget_simple_extent_npoints(space.get());
  if (H5Tget_class(type.get()) != H5T_INTEGER || count < 0 || count > most) {
    owner.fail("read", fmt::format("attribute \"{}\" is not what it should be", name));
  }
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(count));
  if (count > 0) owner.check(H5Aread(attribute.get(), H5T_NATIVE_INT64, numbers.data()), "read");
  return numbers;
}

std::vector<std::string> attribute_names(const object& owner) {
  const bounded_reading limit;
  std::vector<std::string> names;
  hsize_t next = 0;
  owner.check(H5Aiterate2(owner.id.get(), H5_INDEX_NAME, H5_ITER_INC, &next, note_attribute, &names), "read");
  return names;
}

std::string attribute_as_text(const object& owner, const std::string& name) {
  const bounded_reading limit;
  const handle attribute(owner.check(H5Aopen(owner.id.get(), name.c_str(), H5P_DEFAULT), "read"));
  const handle type(owner.check(H5Aget_type(attribute.get()), "read"));
  switch (H5Tget_class(type.get())) {
    case H5T_STRING: return text(owner, name);
    case H5T_INTEGER: return integer_as_text(owner, name, type);
    case H5T_FLOAT: return fmt::format("{}", number(owner, name));
    case H5T_ENUM: break;
    default: return "?";
  }
  const handle space(owner.check(H5Aget_space(attribute.get()), "read"));
  if (H5Tget_size(type.get()) != 1 || H5Sget_simple_extent_npoints(space.get()) != 1) return "?";
  std::uint8_t value = 0;
  owner.check(H5Aread(attribute.get(), type.get(), &value), "read");
  return value != 0 ? "true" : "false";
}

}  // namespace locus::hdf5
