#include "sim/sonata/output_folder.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "sim/core/errors.hpp"
#include "sim/core/text_file.hpp"

namespace locus::sonata {

namespace fs = std::filesystem;

namespace {

void make_folders(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) throw run_error(fmt::format("cannot make the folder \"{}\": {}", path.string(), error.message()));
}

}  // namespace

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

std::string output_folder::file(std::string_view name) const {
  const fs::path path = fs::path(path_) / name;
  make_folders(path.parent_path());
  return path.string();
}

void output_folder::write_text(std::string_view name, std::string_view text) const { write_file(file(name), text); }

void output_folder::remove(std::string_view name) const {
  std::error_code error;
  fs::remove(fs::path(path_) / name, error);
  if (error) throw run_error(fmt::format("cannot replace \"{}/{}\": {}", path_, name, error.message()));
}

}  // namespace locus::sonata
