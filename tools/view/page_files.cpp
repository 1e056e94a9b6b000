#include "tools/view/page_files.hpp"

#include <filesystem>

#include "sim/core/text_file.hpp"
#include "tools/locus/installed.hpp"

namespace locus::tools {
namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& path) { return read_file(path.string(), "the page's file"); }

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
