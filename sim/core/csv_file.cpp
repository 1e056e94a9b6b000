#include "sim/core/csv_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>

#include "sim/core/errors.hpp"

namespace locus {

csv_file::csv_file(const std::string& name) : name_(name), in_(name, std::ios::binary) {
  std::error_code ignored;
  if (!in_ || std::filesystem::is_directory(name, ignored)) throw run_error(name + ": cannot be read as a file");
}

const std::vector<csv_field>& csv_file::next() {
  fields_.clear();
  while (std::getline(in_, text_)) {
    ++line_;
    if (line_ == 1 && text_.starts_with("\xEF\xBB\xBF")) text_.erase(0, 3);  // byte order mark
    if (text_.ends_with('\r')) text_.pop_back();
    if (text_.starts_with('#') || text_.find_first_not_of(" \t") == std::string::npos) continue;
    const std::string_view line = text_;
    for (std::size_t begin = 0; begin <= line.size();) {
      const std::size_t end = std::min(line.find(',', begin), line.size());
      const std::string_view raw = line.substr(begin, end - begin);
      const std::size_t first = std::min(raw.find_first_not_of(" \t"), raw.size());
      const std::size_t last = raw.find_last_not_of(" \t");
      const std::string_view text = first == raw.size() ? std::string_view{} : raw.substr(first, last + 1 - first);
      fields_.push_back({text, begin + (text.empty() ? 0 : first) + 1});
      begin = end + 1;
    }
    return fields_;
  }
  if (in_.bad()) throw run_error(fmt::format("{}: cannot be read after line {}", name_, line_));
  return fields_;
}

void csv_file::fail(std::size_t column, const std::string& message) const {
  throw run_error(source_position{name_, line_, static_cast<int>(column)}.text() + ": " + message);
}

double csv_file::number(const csv_field& from) const {
  double value = 0;
  const char* const end = from.text.data() + from.text.size();
  const auto [stop, code] = std::from_chars(from.text.data(), end, value);
  if (code == std::errc::result_out_of_range && stop == end) {
    fail(from.column, fmt::format("\"{}\": must be within the range of a double", from.text));
  }
  if (code != std::errc{} || stop != end) fail(from.column, fmt::format("\"{}\": must be a number", from.text));
  if (!std::isfinite(value)) fail(from.column, fmt::format("{}: must be finite", from.text));
  return value;
}

}  // namespace locus
