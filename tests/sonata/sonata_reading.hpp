#pragma once
/// What the tests look at in files of SONATA, with the plain HDF5 C interface.

#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "sim/core/hdf5.hpp"
#include "tests/trace/stored.hpp"

namespace locus::test {

/// Units of values: free text for readers, a fixed list for us.
inline const std::set<std::string> sonata_units = {"1", "Hz", "mV", "nA", "tick"};

/// All HDF5 files below a folder.
inline std::vector<std::string> hdf5_files(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& each : std::filesystem::recursive_directory_iterator(folder)) {
    if (each.path().extension() == ".h5") files.push_back(each.path().string());
  }
  return files;
}

class sonata_file : public stored {
 public:
  explicit sonata_file(const std::string& path) : stored(path) {}

  [[nodiscard]] std::vector<std::string> children(const std::string& path) const {
    std::vector<std::string> names;
    const hdf5::handle group(H5Oopen(file(), path.c_str(), H5P_DEFAULT));
    const auto visit = [](hid_t, const char* name, const H5L_info_t*, void* data) {
      static_cast<std::vector<std::string>*>(data)->emplace_back(name);
      return herr_t{0};
    };
    H5Literate(group.get(), H5_INDEX_NAME, H5_ITER_INC, nullptr, visit, &names);
    return names;
  }

  [[nodiscard]] bool is_group(const std::string& path) const {
    const hdf5::handle object(H5Oopen(file(), path.c_str(), H5P_DEFAULT));
    return H5Iget_type(object.get()) == H5I_GROUP;
  }

  /// Exactly that type of numbers in the file.
  [[nodiscard]] bool has_type(const std::string& path, hid_t type) const {
    const hdf5::handle dataset(H5Dopen2(file(), path.c_str(), H5P_DEFAULT));
    const hdf5::handle found(H5Dget_type(dataset.get()));
    return H5Tequal(found.get(), type) > 0;
  }

  [[nodiscard]] hdf5::handle attribute_type(const std::string& path, const std::string& name) const {
    const hdf5::handle object(H5Oopen(file(), path.c_str(), H5P_DEFAULT));
    const hdf5::handle attribute(H5Aopen(object.get(), name.c_str(), H5P_DEFAULT));
    return hdf5::handle(H5Aget_type(attribute.get()));
  }

  /// Calls f(type, space, whether it is an attribute) for each dataset and attribute that is text.
  void each_text(std::function<void(hid_t type, hid_t space, bool attribute)> f) const {
    H5Ovisit(file(), H5_INDEX_NAME, H5_ITER_INC, visit_object, &f);
  }

  /// The same object under two names.
  [[nodiscard]] bool same(const std::string& a, const std::string& b) const {
    H5O_info_t first, second;
    if (H5Oget_info_by_name(file(), a.c_str(), &first, H5P_DEFAULT) < 0) return false;
    if (H5Oget_info_by_name(file(), b.c_str(), &second, H5P_DEFAULT) < 0) return false;
    return first.addr == second.addr;
  }

  [[nodiscard]] std::vector<std::string> texts(const std::string& path) const {
    std::vector<char*> pointers(size(path).at(0));
    const hdf5::handle dataset(H5Dopen2(file(), path.c_str(), H5P_DEFAULT));
    const hdf5::handle type(H5Dget_type(dataset.get()));
    H5Dread(dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, pointers.data());
    std::vector<std::string> texts(pointers.begin(), pointers.end());
    for (char* p : pointers) H5free_memory(p);
    return texts;
  }

 private:
  using text_visitor = std::function<void(hid_t, hid_t, bool)>;

  static herr_t visit_attribute(hid_t object, const char* name, const H5A_info_t*, void* data) {
    const hdf5::handle attribute(H5Aopen(object, name, H5P_DEFAULT));
    const hdf5::handle type(H5Aget_type(attribute.get())), space(H5Aget_space(attribute.get()));
    if (H5Tget_class(type.get()) == H5T_STRING)
      (*static_cast<const text_visitor*>(data))(type.get(), space.get(), true);
    return 0;
  }

  static herr_t visit_object(hid_t root, const char* name, const H5O_info_t* info, void* data) {
    const hdf5::handle object(H5Oopen(root, name, H5P_DEFAULT));
    H5Aiterate2(object.get(), H5_INDEX_NAME, H5_ITER_INC, nullptr, visit_attribute, data);
    if (info->type != H5O_TYPE_DATASET) return 0;
    const hdf5::handle type(H5Dget_type(object.get())), space(H5Dget_space(object.get()));
    if (H5Tget_class(type.get()) == H5T_STRING)
      (*static_cast<const text_visitor*>(data))(type.get(), space.get(), false);
    return 0;
  }
};

}  // namespace locus::test
