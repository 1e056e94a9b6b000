#include "tools/reproduce/data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "sim/data/data_set.hpp"
#include "tools/locus/output.hpp"

namespace locus::tools {

bool has_data(const std::string& source) {
  const bool fetched =
      std::find(std::begin(fetched_data_sets), std::end(fetched_data_sets), source) != std::end(fetched_data_sets);
  return !fetched || std::filesystem::is_directory(std::filesystem::path(data_folder()) / source);
}

void say_missing(const std::string& source, const std::string& instead) {
  tell(fmt::format("{0} is left out{1}: fetch it with tools/data fetch {0}", source,
                   instead.empty() ? "" : fmt::format(", {} takes its place", instead)));
}

}  // namespace locus::tools
