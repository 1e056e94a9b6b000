#include "tools/view/page_files.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "sim/core/errors.hpp"
#include "tools/locus/installed.hpp"

namespace locus::tools {
namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) throw run_error(fmt::format("cannot read \"{}\"", path.string()));
  return text.str();
}

}  // namespace

std::optional<page_files> read_page() {
  const fs::path above = program_folder().parent_path();
  std::error_code unknown;
  for (const fs::path& folder : {above / "view", above / "share" / "locus" / "view"}) {
    if (!fs::is_regular_file(folder / "index.html", unknown)) continue;
    return page_files{content(folder / "index.html"), content(folder / "app.js"), content(folder / "app.css")};
  }
  return std::nullopt;
}

}  // namespace locus::tools
