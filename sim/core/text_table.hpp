#pragma once
/// Tables for terminals.

#include <string>
#include <vector>

namespace locus {

/// Rows of equal length, the heading first; UTF-8.
using text_table = std::vector<std::vector<std::string>>;

/// Columns padded to their widest entry and two blanks, a line a row.
[[nodiscard]] std::string aligned(const text_table& rows);

}  // namespace locus
