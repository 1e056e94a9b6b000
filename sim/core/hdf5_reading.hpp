#pragma once
/// Reading of HDF5 files that may be damaged, or made by other programs: what is claimed is checked against the size of
/// the file before memory is taken, and types are checked before numbers are converted. All errors are run_error.
/// What the library itself does with a damaged file is another matter: see child_process.hpp.
///
/// All functions require that the caller holds an hdf5::session.

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/child_process.hpp"
#include "sim/core/hdf5.hpp"

namespace locus::hdf5 {

/// Asks a child process what is in a file, so that the library never sees a damaged one in this process. What is
/// `answer`ed is made up there; it may keep the file open from one question to the next.
class isolated_reader {
 public:
  isolated_reader(std::string file, child_process::work answer);

  /// Throws what `answer` throws, and run_error if the library dies of the file or never comes back.
  [[nodiscard]] std::string ask(std::string_view question = {});

 private:
  std::string file_;
  child_process process_;
};

/// The error of a file whose reader died.
[[noreturn]] void fail_unread(const std::string& file, const child_death& death);

/// The names in a group, sorted; at most a million. Empty if there is no such group.
[[nodiscard]] std::vector<std::string> names_in(const object& parent, const std::string& path);

/// The group or dataset of that path, or nothing. Other objects are an error.
[[nodiscard]] std::optional<object> find_group(const object& parent, const std::string& path);
[[nodiscard]] std::optional<object> find_dataset(const object& parent, const std::string& path);

/// The group that must be there.
[[nodiscard]] object open_existing_group(const object& parent, const std::string& path);

/// A dataset that must be there, has `rank` dimensions (0: any number but none), elements of class `kind`
/// (H5T_INTEGER; H5T_FLOAT: IEEE float or double; H5T_STRING), and claims no more than the file can hold.
[[nodiscard]] object open_checked(const object& file, const std::string& path, H5T_class_t kind, std::size_t rank);

/// Throws unless the elements are of class `kind`, as above.
void check_type(const object& dataset, H5T_class_t kind);

/// Throws if the dataset claims more than a file of this size can hold.
void check_storage(const object& dataset);

/// Reads a part of a dataset: `count` numbers from `start` on in each dimension. The result is row-major.
/// Requires: the part lies within the dataset.
[[nodiscard]] std::vector<double> read_numbers(const object& dataset, const std::vector<hsize_t>& start,
                                               const std::vector<hsize_t>& count);

/// Elements [first, first + count) of a dataset with one dimension.
[[nodiscard]] std::vector<std::int64_t> read_integers(const object& dataset, hsize_t first, hsize_t count);

/// All of a dataset with one dimension; negative and too large ones are an error.
[[nodiscard]] std::vector<std::uint32_t> read_indices(const object& dataset);

/// All texts of a dataset with one dimension (of fixed or variable length), at most 64 MiB in total.
[[nodiscard]] std::vector<std::string> read_texts(const object& dataset);

/// Attributes that may be missing. One of another type is an error.
[[nodiscard]] std::string text_or(const object& owner, const std::string& name, std::string_view otherwise);
[[nodiscard]] std::int64_t integer_or(const object& owner, const std::string& name, std::int64_t otherwise);

/// All numbers of an attribute of integers, whatever its shape.
[[nodiscard]] std::vector<std::int64_t> integers(const object& owner, const std::string& name);

/// The names of all attributes, sorted.
[[nodiscard]] std::vector<std::string> attribute_names(const object& owner);

/// An attribute as text, whatever its type: a number, a flag, a text; "?" for others.
[[nodiscard]] std::string attribute_as_text(const object& owner, const std::string& name);

}  // namespace locus::hdf5
