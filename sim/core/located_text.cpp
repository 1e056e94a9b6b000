#include "sim/core/located_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace locus {
namespace {

/// Columns that a terminal gives to UTF-8 text: the bytes that begin a character.
std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

/// Of a line that is shown, in bytes.
constexpr std::size_t most_columns = 160;

/// Where the character begins that has the byte `at`.
std::size_t character_at(std::string_view text, std::size_t at) {
  while (at > 0 && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80) --at;
  return at;
}

}  // namespace

void located_text::fail(std::size_t begin, std::size_t end, const std::string& message) const {
  const std::string_view all = text;
  begin = std::min(begin, all.size());
  const std::size_t before = all.substr(0, begin).rfind('\n');
  const std::size_t line_begin = before == std::string_view::npos ? 0 : before + 1;
  std::size_t line_end = std::min(all.find('\n', begin), all.size());
  while (line_end > begin && all[line_end - 1] == '\r') --line_end;
  end = std::clamp(end, begin, line_end);
  // Of a line that would fill the screen, what stands around the place.
  std::size_t first = line_begin, last = line_end;
  if (line_end - line_begin > most_columns) {
    first = character_at(all, std::max(line_begin, begin - std::min(begin, most_columns / 2)));
    last = character_at(all, std::min(line_end, first + most_columns));
    end = std::min(end, last);
  }
  const std::string_view cut = first > line_begin ? "... " : "";
  std::string line = fmt::format("{}{}{}", cut, all.substr(first, last - first), last < line_end ? " ..." : "");
  // One column each, as they are counted; a message ends at a NUL.
  std::replace_if(
      line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, ' ');
  const std::size_t left = cut.size() + columns(all.substr(first, begin - first));
  const std::size_t marked = std::max<std::size_t>(1, columns(all.substr(begin, end - begin)));

  const auto later = std::find_if(pieces.begin(), pieces.end(), [&](const text_piece& p) { return p.begin > begin; });
  source_position at;
  if (later != pieces.begin()) {
    const text_piece& piece = *std::prev(later);
    at = piece.at;
    at.column += static_cast<int>(columns(all.substr(piece.begin, begin - piece.begin)));
  }
  throw usage_error(
      at, fmt::format("{}: {}\n    {}\n    {:>{}}{:~<{}}", name, message, line, "^", left + 1, "", marked - 1));
}

}  // namespace locus
