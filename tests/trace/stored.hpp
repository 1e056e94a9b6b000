#pragma once
/// What a trace file holds, read back with the plain HDF5 C interface.

#include <hdf5.h>

#include <cstdint>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace locus::test {

class stored {
 public:
  explicit stored(const std::string& path) {
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);  // what is missing is told by the return values
    file_ = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
    if (file_ < 0) throw std::runtime_error("cannot open " + path);
  }
  ~stored() { H5Fclose(file_); }
  stored(const stored&) = delete;
  stored& operator=(const stored&) = delete;

  [[nodiscard]] hid_t file() const { return file_; }

  [[nodiscard]] bool has(const std::string& path) const {
    return H5Oexists_by_name(file_, path.c_str(), H5P_DEFAULT) > 0;
  }

  [[nodiscard]] std::vector<hsize_t> size(const std::string& path) const {
    const hid_t dataset = open(path);
    const hid_t space = H5Dget_space(dataset);
    std::vector<hsize_t> dims(static_cast<std::size_t>(H5Sget_simple_extent_ndims(space)));
    H5Sget_simple_extent_dims(space, dims.data(), nullptr);
    H5Sclose(space);
    H5Dclose(dataset);
    return dims;
  }

  template <class T>
  [[nodiscard]] std::vector<T> all(const std::string& path, hid_t type) const {
    std::size_t count = 1;
    for (const hsize_t n : size(path)) count *= n;
    std::vector<T> values(count);
    const hid_t dataset = open(path);
    const herr_t status = H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
    H5Dclose(dataset);
    if (status < 0) throw std::runtime_error("cannot read " + path);
    return values;
  }

  [[nodiscard]] std::vector<double> numbers(const std::string& path) const {
    return all<double>(path, H5T_NATIVE_DOUBLE);
  }
  [[nodiscard]] std::vector<std::int64_t> integers(const std::string& path) const {
    return all<std::int64_t>(path, H5T_NATIVE_INT64);
  }

  /// Bytes of one stored number.
  [[nodiscard]] std::size_t width(const std::string& path) const {
    const hid_t dataset = open(path);
    const hid_t type = H5Dget_type(dataset);
    const std::size_t bytes = H5Tget_size(type);
    H5Tclose(type);
    H5Dclose(dataset);
    return bytes;
  }

  [[nodiscard]] std::string text(const std::string& object, const std::string& name) const {
    const hid_t attribute = H5Aopen_by_name(file_, object.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT);
    if (attribute < 0) return "(none)";
    const hid_t type = H5Aget_type(attribute);
    char* value = nullptr;
    H5Aread(attribute, type, &value);
    const std::string copy = value == nullptr ? "" : value;
    H5free_memory(value);
    H5Tclose(type);
    H5Aclose(attribute);
    return copy;
  }

  template <class T>
  [[nodiscard]] T number(const std::string& object, const std::string& name, hid_t type) const {
    const hid_t attribute = H5Aopen_by_name(file_, object.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT);
    T value = {};
    if (attribute < 0 || H5Aread(attribute, type, &value) < 0) throw std::runtime_error("no attribute " + name);
    H5Aclose(attribute);
    return value;
  }
  [[nodiscard]] std::int64_t integer(const std::string& object, const std::string& name) const {
    return number<std::int64_t>(object, name, H5T_NATIVE_INT64);
  }

 private:
  [[nodiscard]] hid_t open(const std::string& path) const {
    const hid_t dataset = H5Dopen2(file_, path.c_str(), H5P_DEFAULT);
    if (dataset < 0) throw std::runtime_error("no dataset " + path);
    return dataset;
  }

  hid_t file_ = H5I_INVALID_HID;
};

inline std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// What `f` throws as an Error, or "".
template <class Error, class F>
std::string message_of(F&& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return {};
}

}  // namespace locus::test
