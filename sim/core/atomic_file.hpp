#pragma once
/// Files that are there whole or not at all: the one way in which files are made here.

#include <string>

namespace locus {

/// A temporary name in the folder of `file`: what was written there takes the place of `file` at once, and is removed
/// if it never does. A process that is killed leaves FILE.PID.part behind, and `file` as it was.
///
/// Only regular files are replaced, and keep their permissions. Of a symbolic link the target is replaced (or made),
/// and the link stays.
class atomic_file {
 public:
  /// Makes an empty file at path(). Throws usage_error if `file` is a device, a pipe, a folder, ..., and run_error if
  /// there can be no such file.
  explicit atomic_file(const std::string& file);
  ~atomic_file();
  atomic_file(const atomic_file&) = delete;
  atomic_file& operator=(const atomic_file&) = delete;

  /// What messages call it.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  /// Where to write. Empty after commit().
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

  /// Puts what was written on the disk. Throws run_error.
  void sync() const;

  /// Removes the old file, for those who want none to be there while others get their places. Throws run_error.
  void remove_old() const;

  /// Does as sync() and puts it into the place of `file`; then the folder is on the disk too. Throws run_error, also if
  /// there is a file of that name unless `replace`. Requires: nothing waits to be written.
  void commit(bool replace = true);

 private:
  std::string name_;
  std::string target_;  ///< where links lead
  std::string path_;    ///< empty: there is nothing to be removed
};

/// Whether `file` is something that is written to and cannot be replaced: a device, a pipe, standard output by one of
/// its names.
[[nodiscard]] bool is_stream(const std::string& file);

}  // namespace locus
