#pragma once
/// State that goes to a file and comes back, described once for both ways: what has state has a function
/// serialize(archive&) that names each part of it.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/hdf5.hpp"

namespace locus {

template <class T>
concept archived_number = std::same_as<T, float> || std::same_as<T, double> || std::same_as<T, std::int64_t> ||
    std::same_as<T, std::uint64_t> || std::same_as<T, std::uint32_t> || std::same_as<T, std::uint16_t> ||
    std::same_as<T, std::uint8_t>;

/// An HDF5 file that is written or read by name: numbers, flags and text as attributes, arrays as datasets, parts as
/// groups. Before it, in a user block of 512 bytes that HDF5 skips, stands the SHA-256 of all that follows: HDF5 itself
/// may crash on a damaged file, so that none is opened. Everything that is wrong with a file is a run_error with file,
/// place and reason. One thread at a time; holds HDF5 while it lives.
class archive {
 public:
  /// A new file at place.path(). It can be read after finish().
  [[nodiscard]] static archive writer(const atomic_file& place);

  /// A file that a writer finished.
  [[nodiscard]] static archive reader(const std::string& path);

  /// Whether values are read; otherwise they are written.
  [[nodiscard]] bool loading() const noexcept { return loading_; }

  /// What is named while this lives belongs to a part of that name.
  class part {
   public:
    explicit part(archive& a) : archive_(a) {}
    ~part() { archive_.groups_.pop_back(); }
    part(const part&) = delete;
    part& operator=(const part&) = delete;

   private:
    archive& archive_;
  };
  [[nodiscard]] part enter(std::string_view name);

  /// Whether a part of that name is in the file. Requires: loading().
  [[nodiscard]] bool has_part(std::string_view name) const;

  void value(const std::string& name, std::string& text);
  void value(const std::string& name, bool& flag);
  void value(const std::string& name, double& number);
  void value(const std::string& name, std::int64_t& number);
  void value(const std::string& name, std::uint64_t& number);  ///< below 2^63

  /// Numbers, as many as the program expects in the file; `shape`: in rows and columns, for other readers.
  template <archived_number T>
  void values(const std::string& name, std::span<T> numbers, const std::vector<std::size_t>& shape) {
    array(name, type_of<T>(), std::as_writable_bytes(numbers), shape);
  }
  template <archived_number T>
  void values(const std::string& name, std::span<T> numbers) {
    values(name, numbers, {numbers.size()});
  }

  /// Numbers, as many as there are in the file.
  template <archived_number T>
  void list(const std::string& name, std::vector<T>& numbers) {
    if (loading_) numbers.resize(stored_count(name, sizeof(T)));
    values(name, std::span(numbers));
  }

  /// Throws: cannot resume from "FILE" (PART): REASON
  [[noreturn]] void fail(std::string_view reason) const;

  /// Closes a file that was written, and seals it with its hash. Requires: !loading().
  void finish();

 private:
  struct number_type {
    hid_t memory;
    hid_t file;
  };
  archive(hdf5::object file, const std::string& path, bool loading);

  template <archived_number T>
  static number_type type_of() {
    if constexpr (std::same_as<T, float>) return {H5T_NATIVE_FLOAT, H5T_IEEE_F32LE};
    if constexpr (std::same_as<T, double>) return {H5T_NATIVE_DOUBLE, H5T_IEEE_F64LE};
    if constexpr (std::same_as<T, std::int64_t>) return {H5T_NATIVE_INT64, H5T_STD_I64LE};
    if constexpr (std::same_as<T, std::uint64_t>) return {H5T_NATIVE_UINT64, H5T_STD_U64LE};
    if constexpr (std::same_as<T, std::uint32_t>) return {H5T_NATIVE_UINT32, H5T_STD_U32LE};
    if constexpr (std::same_as<T, std::uint16_t>) return {H5T_NATIVE_UINT16, H5T_STD_U16LE};
    if constexpr (std::same_as<T, std::uint8_t>) return {H5T_NATIVE_UINT8, H5T_STD_U8LE};
  }
  void array(const std::string& name, const number_type& type, std::span<std::byte> bytes,
             const std::vector<std::size_t>& shape);
  [[nodiscard]] std::size_t stored_count(const std::string& name, std::size_t width) const;
  [[nodiscard]] const hdf5::object& here() const { return groups_.back(); }

  hdf5::session exclusive_;
  std::string path_;
  bool loading_;
  std::vector<hdf5::object> groups_;  ///< the file, then one inside the other
};

}  // namespace locus
