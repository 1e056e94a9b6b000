#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include "sim/data/sources.hpp"

namespace locus {

namespace {

/// Empty if the variable is not set.
std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

std::string data_folder() {
  if (std::string own = environment("LOCUS_DATA"); !own.empty()) return own;
  const std::string share = environment("XDG_DATA_HOME");
  const std::filesystem::path base =
      share.empty() ? std::filesystem::path(environment("HOME")) / ".local" / "share" : std::filesystem::path(share);
  return (base / "locus").string();
}

data_set load_fetched(const std::string& name) {
  const std::filesystem::path directory = std::filesystem::path(data_folder()) / name;
  if (!std::filesystem::is_directory(directory)) {
    throw run_error(
        fmt::format("data = \"{0}\": {1} does not exist: fetch the set with tools/data fetch {0}, or say "
                    "with --data DIR (or in $LOCUS_DATA) which folder holds it",
                    name, directory.string()));
  }
  data_set data = load_idx(directory.string());
  data.name = name;
  return data;
}

}  // namespace locus
