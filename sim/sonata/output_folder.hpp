#pragma once
/// The folder into which a circuit or a run is written.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/atomic_file.hpp"

namespace locus::sonata {

/// Its files get their names together, when all of them are on the disk: until then nothing in the folder changes.
class output_folder {
 public:
  /// Makes the folder if there is none. Throws usage_error for one that has something in it (unless `force`: then files
  /// of the same names are replaced, others stay) or that is no folder, run_error if it cannot be made.
  output_folder(std::string path, bool force);

  /// Without commit(), removes what was written and the folders that were made.
  ~output_folder();
  output_folder(const output_folder&) = delete;
  output_folder& operator=(const output_folder&) = delete;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }

  /// A file of the folder that is to be written and closed before commit(), instead of an earlier one of that name;
  /// makes the folders in between. Throws run_error.
  const atomic_file& file(std::string_view name);

  void write_text(std::string_view name, std::string_view text);

  /// Puts all files into their places; configs come last, the first one, of the circuit, at the very end. While it
  /// does, none of an older circuit or run is there, so that nobody takes half of the one for half of the other. Throws
  /// run_error.
  void commit();

 private:
  struct begun_file {
    std::string name;
    std::unique_ptr<atomic_file> file;
  };
  void make_folders(const std::string& path);

  std::string path_;
  std::vector<begun_file> files_;
  std::vector<std::string> made_;  ///< folders, outer ones first
};

}  // namespace locus::sonata
