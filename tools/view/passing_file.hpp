#pragma once
/// Files that last as long as this process wants them.

#include <string>

namespace locus::tools {

/// A new file that only its owner can read. It goes with this.
class passing_file {
 public:
  /// In `folder`, with a name that nobody has and that ending. Throws run_error.
  passing_file(const std::string& folder, const std::string& ending);
  ~passing_file();
  passing_file(const passing_file&) = delete;
  passing_file& operator=(const passing_file&) = delete;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }  ///< open, for this process alone

  void write(const std::string& text) const;  ///< throws run_error
  [[nodiscard]] std::string content() const;

 private:
  std::string name_;
  int descriptor_ = -1;
};

/// $TMPDIR or /tmp.
[[nodiscard]] std::string folder_for_passing_files();

}  // namespace locus::tools
