#include "sim/sonata/output_folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "sim/core/errors.hpp"
#include "sim/core/text_file.hpp"

namespace locus::sonata {

namespace fs = std::filesystem;

output_folder::output_folder(std::string path, bool force) : path_(std::move(path)) {
  std::error_code error;
  if (path_.empty()) throw usage_error("the folder for SONATA has no name: give one, such as --sonata sonata");
  if (fs::exists(path_, error) && !fs::is_directory(path_, error)) {
    throw usage_error(fmt::format("\"{}\" is no folder: choose another name", path_));
  }
  make_folders(path_);
  const bool empty = fs::is_empty(path_, error);
  if (error) throw run_error(fmt::format("cannot read the folder \"{}\": {}", path_, error.message()));
  if (!empty && !force) {
    throw usage_error(fmt::format("the folder \"{}\" is not empty: choose another name or pass --force", path_));
  }
}

output_folder::~output_folder() {
  files_.clear();
  std::error_code ignored;  // others may have put something there
  for (; !made_.empty(); made_.pop_back()) fs::remove(made_.back(), ignored);
}

/// Makes the folder with those that it is in, and remembers which.
void output_folder::make_folders(const std::string& path) {
  std::error_code error;
  std::vector<std::string> missing;
  for (fs::path p = path; !p.empty() && !fs::exists(p, error); p = p.parent_path()) missing.push_back(p.string());
  for (; !missing.empty(); missing.pop_back()) {
    if (fs::create_directory(missing.back(), error)) made_.push_back(missing.back());
    if (error) throw run_error(fmt::format("cannot make the folder \"{}\": {}", path, error.message()));
  }
}

const atomic_file& output_folder::file(std::string_view name) {
  const fs::path path = fs::path(path_) / name;
  make_folders(path.parent_path().string());
  std::erase_if(files_, [&](const begun_file& earlier) { return earlier.name == name; });
  files_.push_back({std::string(name), std::make_unique<atomic_file>(path.string())});
  return *files_.back().file;
}

void output_folder::write_text(std::string_view name, std::string_view text) { write_file(file(name), text); }

void output_folder::commit() {
  for (const begun_file& each : files_) each.file->sync();
  const auto configs = std::stable_partition(files_.begin(), files_.end(), [](const begun_file& each) {
    return each.name.find("_config") == std::string::npos;
  });
  std::reverse(configs, files_.end());
  for (auto each = files_.rbegin(); each.base() != configs; ++each) each->file->remove_old();
  for (const begun_file& each : files_) each.file->commit();
  files_.clear();
  made_.clear();
}

}  // namespace locus::sonata
