#pragma once
/// HDF5 1.10 under handles that close themselves. All that is made here carries no times and keeps to the earliest
/// file version, so that equal content is equal bytes. Failures are run_error with file, object and reason.
///
/// Thread safety: HDF5 need not be built thread-safe, so every function but those of `handle` and `session` requires
/// that the caller holds a `session` (one a public function that touches files).

#include <hdf5.h>

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/core/atomic_file.hpp"

namespace locus::hdf5 {

/// Exclusive use of the HDF5 library by this thread, which prints no errors of its own. Recursive.
class session {
 public:
  session();

 private:
  std::scoped_lock<std::recursive_mutex> lock_;
};

/// Owns one HDF5 identifier of any kind.
class handle {
 public:
  handle() noexcept = default;
  explicit handle(hid_t id) noexcept : id_(id) {}
  handle(handle&& other) noexcept : id_(std::exchange(other.id_, H5I_INVALID_HID)) {}
  handle& operator=(handle&& other) noexcept {
    std::swap(id_, other.id_);
    return *this;
  }
  ~handle() { close(); }

  [[nodiscard]] hid_t get() const noexcept { return id_; }
  explicit operator bool() const noexcept { return id_ >= 0; }

  /// False if the library reports an error; the handle is empty in any case.
  bool close() noexcept;

  /// Forgets the identifier without closing it.
  void abandon() noexcept { id_ = H5I_INVALID_HID; }

 private:
  hid_t id_ = H5I_INVALID_HID;
};

/// An open file, group or dataset, and what messages call it.
struct object {
  handle id;
  std::string file;
  std::string name;  ///< path within the file; "" for the file itself

  /// Throws run_error: cannot ACTION "FILE" (NAME): REASON
  [[noreturn]] void fail(std::string_view action, std::string_view reason) const;

  /// fail() with the reason why the file could not be written, if it could not, or the one that HDF5 gives.
  [[noreturn]] void fail(std::string_view action) const;

  /// `result`, unless it tells of an error: then fail(action).
  template <class Result>
  Result check(Result result, std::string_view action) const {
    if (result < 0) fail(action);
    return result;
  }
};

/// Why the last call of this thread failed: the operating system's reason if there is one ("No space left on
/// device"), otherwise the innermost one of HDF5.
[[nodiscard]] std::string reason();

/// A new file at place.path(). The file on disk is always what the last flush made of it, whenever the program ends
/// (sim/core/ordered_driver.hpp). `user_block`: bytes at its beginning that HDF5 leaves alone, 0 or a power of two from
/// 512 on. It takes its place by close() and place.commit(), or by flush() and place.commit() if more is to come.
[[nodiscard]] object create_file(const atomic_file& place, hsize_t user_block = 0);

/// Opens an existing file of ours to write more into it.
[[nodiscard]] object open_to_amend(const std::string& path);

/// Opens an existing file for reading. No link is followed to another file, here and everywhere in this program.
[[nodiscard]] object open_file(const std::string& path);

/// Writes all that is pending to the file. Throws if anything that was ever written to it did not get there.
void flush(const object& file);

/// Closes a file that was written. Throws as flush() does. Requires: no other object of it is open.
void close(object& file);

/// Whether `path` names an object of the file. Paths may have several parts.
[[nodiscard]] bool contains(const object& parent, const std::string& path);

/// Whether `path` is a name in the file, be it that of a link that leads to nothing in the file.
[[nodiscard]] bool is_linked(const object& parent, const std::string& path);

/// The group, made with all its parents if there is none.
[[nodiscard]] object open_group(const object& parent, const std::string& path);

struct dataset_layout {
  std::vector<hsize_t> size;
  std::vector<hsize_t> chunk;  ///< empty: contiguous, of fixed size
  bool compress = false;       ///< shuffle and deflate; chunked only
  bool extendible = false;     ///< in its first dimension; chunked only
};

/// A new dataset with the file type `type`. Its parents must exist.
[[nodiscard]] object create_dataset(const object& parent, const std::string& path, hid_t type,
                                    const dataset_layout& layout);
/// Throws run_error for one whose numbers are in another file.
[[nodiscard]] object open_dataset(const object& parent, const std::string& path);
[[nodiscard]] std::vector<hsize_t> size_of(const object& dataset);

/// Writes or reads the whole dataset; `type` is that of the memory.
void write(const object& dataset, hid_t type, const void* data);
void read(const object& dataset, hid_t type, void* data);

/// Extends an extendible dataset by `count` rows (of its first dimension); returns the first of them.
hsize_t extend(const object& dataset, hsize_t count);

/// Writes one chunk, whose filters the caller has applied all but those in the mask `skipped` (bit k: filter k). `at`:
/// its first element. Requires: the dataset reaches so far, and has no such chunk yet.
void write_chunk(const object& dataset, const std::vector<hsize_t>& at, std::uint32_t skipped,
                 std::span<const std::byte> bytes);

/// Extends an extendible dataset by `count` rows and writes them.
void append(const object& dataset, hsize_t count, hid_t type, const void* data);

/// Writes or reads the rows [first, first + count), which are there.
void write_rows(const object& dataset, hsize_t first, hsize_t count, hid_t type, const void* data);
void read_rows(const object& dataset, hsize_t first, hsize_t count, hid_t type, void* data);

/// The type of texts with a fixed length in bytes, filled up with zeros; UTF-8.
[[nodiscard]] handle fixed_text(std::size_t bytes);

/// A new one-dimensional dataset of texts.
void write_texts(const object& parent, const std::string& path, const std::vector<std::string>& texts);

/// Scalar attributes; an existing one of the same type is overwritten. Text is variable-length UTF-8, integers have
/// 64 bits, flags are the enumeration {FALSE, TRUE} that h5py reads as bool.
void set_text(const object& owner, const std::string& name, std::string_view value);
void set_integer(const object& owner, const std::string& name, std::int64_t value);
void set_unsigned(const object& owner, const std::string& name, std::uint64_t value);
void set_number(const object& owner, const std::string& name, double value);
void set_flag(const object& owner, const std::string& name, bool value);

/// An attribute of any size; `type` is that of the file and of the memory.
void set_array(const object& owner, const std::string& name, hid_t type, const std::vector<hsize_t>& size,
               const void* values);

[[nodiscard]] bool has_attribute(const object& owner, const std::string& name);
[[nodiscard]] std::string text(const object& owner, const std::string& name);
[[nodiscard]] std::int64_t integer(const object& owner, const std::string& name);
[[nodiscard]] double number(const object& owner, const std::string& name);
[[nodiscard]] bool flag(const object& owner, const std::string& name);

}  // namespace locus::hdf5
