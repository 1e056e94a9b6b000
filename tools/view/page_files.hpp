#pragma once
/// The page as it was built by tools/view/open: three files.

#include <optional>
#include <string>
#include <string_view>

namespace locus::tools {

struct page_files {
  std::string html, script, style;
};

/// Those beside the program (build/view), or those that were installed with it; nothing if they are not there. Throws
/// run_error if they cannot be read.
[[nodiscard]] std::optional<page_files> read_page();

/// What to do where they are not.
inline constexpr std::string_view no_page = "the page of `locus view` is not built; tools/view/open builds it";

}  // namespace locus::tools
