#pragma once
/// The folder into which a circuit or a run is written.

#include <string>
#include <string_view>

namespace locus::sonata {

class output_folder {
 public:
  /// Makes the folder if there is none. Throws usage_error for one that has something in it (unless `force`: then files
  /// of the same names are replaced, others stay) or that is no folder, run_error if it cannot be made.
  output_folder(std::string path, bool force);

  [[nodiscard]] const std::string& path() const noexcept { return path_; }

  /// The path of a file in the folder; makes the folders in between.
  [[nodiscard]] std::string file(std::string_view name) const;

  /// Throws run_error if that fails.
  void write_text(std::string_view name, std::string_view text) const;

  /// Removes a file if there is one.
  void remove(std::string_view name) const;

 private:
  std::string path_;
};

}  // namespace locus::sonata
