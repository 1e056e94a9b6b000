#include "sim/core/located_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace locus {
namespace {

/// Columns that a terminal gives to UTF-8 text: the bytes that begin a character.
std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

}  // namespace

void located_text::fail(std::size_t begin, std::size_t end, const std::string& message) const {
  const std::string_view all = text;
  begin = std::min(begin, all.size());
  const std::size_t before = all.substr(0, begin).rfind('\n');
  const std::size_t line_begin = before == std::string_view::npos ? 0 : before + 1;
  const std::size_t line_end = std::min(all.find('\n', begin), all.size());
  end = std::clamp(end, begin, line_end);
  std::string line(all.substr(line_begin, line_end - line_begin));
  std::replace(line.begin(), line.end(), '\t', ' ');
  const std::size_t left = columns(all.substr(line_begin, begin - line_begin));
  const std::size_t marked = std::max<std::size_t>(1, columns(all.substr(begin, end - begin)));

  const auto number =
      static_cast<std::size_t>(std::count(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(begin), '\n'));
  source_position at = number < starts.size() ? starts[number] : source_position{};
  at.column += at.line != 0 ? static_cast<int>(left) : 0;
  throw usage_error(
      at, fmt::format("{}: {}\n    {}\n    {:>{}}{:~<{}}", name, message, line, "^", left + 1, "", marked - 1));
}

}  // namespace locus
