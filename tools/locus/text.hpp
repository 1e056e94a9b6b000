#pragma once
/// Lines for people, fields for tables of theirs.

#include <algorithm>
#include <string>
#include <string_view>

#include "sim/core/text_table.hpp"

namespace locus::tools {

/// A field of a line of comma-separated values: in quotes if it needs them.
[[nodiscard]] inline std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

/// A line a row, with a comma between fields.
[[nodiscard]] inline std::string csv_text(const text_table& rows) {
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t k = 0; k < row.size(); ++k) text += (k == 0 ? "" : ",") + csv_field(row[k]);
    text += "\n";
  }
  return text;
}

/// `text` in lines of at most `width` characters, broken between words; lines after the first begin with `indent`
/// spaces.
[[nodiscard]] inline std::string wrapped(std::string_view text, std::size_t width, std::size_t indent) {
  std::string out;
  std::size_t column = indent;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (column > indent && column + 1 + word.size() > width) {
      out += '\n' + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out;
}

}  // namespace locus::tools
