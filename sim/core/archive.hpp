#pragma once
/// State that goes to a file, or to memory, and comes back, described once for both ways: what has state has a function
/// serialize(archive&) that names each part of it.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/atomic_file.hpp"

namespace locus {

class rank_group;

template <class T>
concept archived_number = std::same_as<T, float> || std::same_as<T, double> || std::same_as<T, std::int64_t> ||
    std::same_as<T, std::uint64_t> || std::same_as<T, std::uint32_t> || std::same_as<T, std::uint16_t> ||
    std::same_as<T, std::uint8_t>;

/// What an archive in memory holds: as a file would, by path.
class archive_memory {
 public:
  struct entry {
    std::string bytes;
    std::vector<std::size_t> shape;
  };
  std::map<std::string, entry, std::less<>> entries;

  /// All of it as bytes, for another process of this program; and back. Throws internal_error for bytes that are none.
  [[nodiscard]] std::string packed() const;
  [[nodiscard]] static archive_memory unpacked(std::string_view bytes);
};

/// An HDF5 file that is written or read by name: numbers, flags and text as attributes, arrays as datasets, parts as
/// groups. Before it, in a user block of 512 bytes that HDF5 skips, stands the SHA-256 of all that follows, which tells
/// of damage. A file that was made to look whole may still be anything, so that a child process reads it (see
/// hdf5::isolated_reader), and HDF5 never sees it in this one. Everything that is wrong with a file is a run_error with
/// file, place and reason. One thread at a time; holds HDF5 while it lives. An archive in memory has nothing to do with
/// HDF5, and what is wrong with it is a mistake of the program.
class archive {
 public:
  archive(archive&&) noexcept;
  ~archive();

  /// In memory, for as long as `memory` lives.
  [[nodiscard]] static archive writer(archive_memory& memory);
  [[nodiscard]] static archive reader(const archive_memory& memory);

  /// A new file at place.path(). It can be read after finish().
  [[nodiscard]] static archive writer(const atomic_file& place);

  /// Of several processes that save and load together (sim/core/rank_group.hpp): what this one writes is written
  /// elsewhere; what it reads, rank 0 reads and says.
  [[nodiscard]] static archive to_nobody();
  [[nodiscard]] static archive heard_from(rank_group& ranks);
  /// Rank 0's reader, which says to the others what it reads. This archive must outlive it, and is not used meanwhile.
  [[nodiscard]] archive told_to(rank_group& ranks);

  /// A file that a writer finished. Requires: no other threads run, if this process is to survive whatever file.
  [[nodiscard]] static archive reader(const std::string& path);

  /// Whether values are read; otherwise they are written.
  [[nodiscard]] bool loading() const noexcept { return loading_; }

  /// What is named while this lives belongs to a part of that name.
  class part {
   public:
    explicit part(archive& a) : archive_(a) {}
    ~part() { archive_.leave(); }
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

  /// Closes a file that was written, and seals it with its hash. Requires: !loading(), and a file.
  void finish();

 private:
  enum class number_type : char { f32 = '1', f64, i64, u64, u32, u16, u8 };

  /// Where the parts are kept.
  class store {
   public:
    virtual ~store() = default;
    /// A group is begun, inside of those that are; and ended. `group` is its path.
    virtual void enter(const std::string& group) = 0;
    virtual void leave() = 0;
    /// Of a group's attribute: kind t (text), f (flag), d, i (numbers); of an array: a and its number_type.
    virtual void put(const std::string& kind, const std::string& group, const std::string& name, std::string_view bytes,
                     const std::vector<std::size_t>& shape) = 0;
    /// The bytes of the same; with kind s and number_type, an array's shape; with g, "" unless there is such a group.
    [[nodiscard]] virtual std::string get(const std::string& kind, const std::string& group,
                                          const std::string& name) = 0;
    /// Throws.
    virtual void fail(const std::string& path, std::string_view reason) const = 0;
    virtual void finish() = 0;
  };
  class written_file;
  class read_file;
  class memory_store;
  class no_store;
  class told_store;
  class heard_store;

  archive(std::unique_ptr<store> kept, bool loading);

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
  void array(const std::string& name, number_type type, std::span<std::byte> bytes,
             const std::vector<std::size_t>& shape);
  [[nodiscard]] std::vector<std::size_t> stored_shape(const std::string& name, number_type type);
  [[nodiscard]] std::size_t stored_count(const std::string& name, number_type type);
  template <class T>
  void attribute(char kind, const std::string& name, T& value);
  void leave();
  [[noreturn]] void fail_at(const std::string& name, std::string_view reason) const;

  std::unique_ptr<store> store_;
  bool loading_;
  std::vector<std::string> groups_ = {""};  ///< paths, one inside the other
};

}  // namespace locus
