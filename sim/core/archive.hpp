#pragma once
/// State that goes to a file and comes back, described once for both ways: what has state has a function
/// serialize(archive&) that names each part of it.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/hdf5_reading.hpp"

namespace locus {

template <class T>
concept archived_number = std::same_as<T, float> || std::same_as<T, double> || std::same_as<T, std::int64_t> ||
    std::same_as<T, std::uint64_t> || std::same_as<T, std::uint32_t> || std::same_as<T, std::uint16_t> ||
    std::same_as<T, std::uint8_t>;

/// An HDF5 file that is written or read by name: numbers, flags and text as attributes, arrays as datasets, parts as
/// groups. Before it, in a user block of 512 bytes that HDF5 skips, stands the SHA-256 of all that follows, which tells
/// of damage. A file that was made to look whole may still be anything, so that a child process reads it (see
/// hdf5::isolated_reader), and HDF5 never sees it in this one. Everything that is wrong with a file is a run_error with
/// file, place and reason. One thread at a time; holds HDF5 while it lives.
class archive {
 public:
  /// A new file at place.path(). It can be read after finish().
  [[nodiscard]] static archive writer(const atomic_file& place);

  /// A file that a writer finished. Requires: no other threads run, if this process is to survive whatever file.
  [[nodiscard]] static archive reader(const std::string& path);

  /// Whether values are read; otherwise they are written.
  [[nodiscard]] bool loading() const noexcept { return reader_.has_value(); }

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
  [[nodiscard]] bool has_part(std::string_view name);

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
    if (loading()) numbers.resize(stored_count(name, type_of<T>()));
    values(name, std::span(numbers));
  }

  /// Throws: cannot resume from "FILE" (PART): REASON
  [[noreturn]] void fail(std::string_view reason) const;

  /// Closes a file that was written, and seals it with its hash. Requires: !loading().
  void finish();

 private:
  enum class number_type : char { f32 = '1', f64, i64, u64, u32, u16, u8 };

  archive(const std::string& path, hdf5::object file);
  explicit archive(const std::string& path);

  template <archived_number T>
  static constexpr number_type type_of() {
    if constexpr (std::same_as<T, float>) return number_type::f32;
    if constexpr (std::same_as<T, double>) return number_type::f64;
    if constexpr (std::same_as<T, std::int64_t>) return number_type::i64;
    if constexpr (std::same_as<T, std::uint64_t>) return number_type::u64;
    if constexpr (std::same_as<T, std::uint32_t>) return number_type::u32;
    if constexpr (std::same_as<T, std::uint16_t>) return number_type::u16;
    if constexpr (std::same_as<T, std::uint8_t>) return number_type::u8;
  }
  class stored_file;

  void array(const std::string& name, number_type type, std::span<std::byte> bytes,
             const std::vector<std::size_t>& shape);
  [[nodiscard]] std::vector<std::size_t> stored_shape(const std::string& name, number_type type);
  [[nodiscard]] std::size_t stored_count(const std::string& name, number_type type);
  template <class T>
  [[nodiscard]] T stored(char kind, const std::string& name);
  [[nodiscard]] std::string ask(const std::string& kind, const std::string& name);
  [[noreturn]] void fail_at(const std::string& path, std::string_view reason) const;
  [[nodiscard]] const hdf5::object& here() const { return groups_.back(); }

  hdf5::session exclusive_;
  std::string path_;
  std::vector<hdf5::object> groups_;             ///< the file, then one inside the other; only their names if loading
  std::optional<hdf5::isolated_reader> reader_;  ///< if loading
};

}  // namespace locus
