#pragma once
/// Files that are there whole or not at all.

#include <string>

namespace locus {

/// A temporary name in the same folder as `file`: what was written there takes the place of `file` at once, and is
/// removed if it never does. A process that is killed leaves FILE.PID.part behind, and `file` as it was.
class atomic_file {
 public:
  explicit atomic_file(const std::string& file);
  ~atomic_file();
  atomic_file(const atomic_file&) = delete;
  atomic_file& operator=(const atomic_file&) = delete;

  /// Where to write.
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

  /// Puts what was written on the disk and renames it to `file`; then the folder is on the disk too. Requires: the
  /// file at path() is closed. Throws run_error.
  void commit() const;

 private:
  std::string file_;
  std::string path_;
};

}  // namespace locus
