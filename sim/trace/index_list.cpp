#include "sim/trace/index_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace locus {

namespace {

constexpr std::string_view form = "expected numbers and ranges, such as [0, 3, 8:12] or [::4]";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t start = 0;;) {
    const auto end = text.find(separator, start);
    parts.push_back(trimmed(text.substr(start, end - start)));
    if (end == std::string_view::npos) return parts;
    start = end + 1;
  }
}

std::uint64_t read_number(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) throw run_error(std::string(form));
  return number;
}

}  // namespace

index_list::part index_list::read_part(std::string_view text) {
  const std::vector<std::string_view> numbers = split(text, ':');
  part p;
  if (numbers.size() == 1) {
    p.single = true;
    p.first = read_number(numbers[0]);
    return p;
  }
  if (numbers.size() > 3) throw run_error(std::string(form));
  if (!numbers[0].empty()) p.first = read_number(numbers[0]);
  if (!numbers[1].empty()) p.last = read_number(numbers[1]);
  if (numbers.size() == 3 && !numbers[2].empty()) p.step = read_number(numbers[2]);
  if (p.step == 0 || (p.last && *p.last <= p.first)) {
    throw run_error(fmt::format("the range \"{}\" holds nothing: expected first < last and step > 0", text));
  }
  return p;
}

index_list::index_list(std::string_view text) {
  for (const std::string_view each : split(text, ',')) parts_.push_back(read_part(each));
}

std::vector<bool> index_list::chosen(std::size_t size, std::string_view what) const {
  std::vector<bool> all(size);
  for (const part& p : parts_) {
    if (p.single && p.first >= size) {
      throw run_error(fmt::format("there is no {} {} (there are {}, the first is 0)", what, p.first, size));
    }
    const std::uint64_t last = p.single ? p.first + 1 : std::min<std::uint64_t>(p.last.value_or(size), size);
    for (std::uint64_t i = p.first; i < last; i += p.step) all[i] = true;
  }
  return all;
}

variable_pattern read_pattern(const std::string& text, const source_position& at) {
  const auto start = text.find('[');
  variable_pattern pattern{text, std::string(trimmed(text.substr(0, start))), {}};
  if (start == std::string::npos) return pattern;
  try {
    std::string_view rest = trimmed(std::string_view(text).substr(start));
    while (!rest.empty()) {
      const auto end = rest.find(']');
      if (rest.front() != '[' || end == std::string_view::npos) throw run_error(std::string(form));
      pattern.brackets.emplace_back(rest.substr(1, end - 1));
      rest = trimmed(rest.substr(end + 1));
    }
  } catch (const run_error& e) {
    throw usage_error(at, fmt::format("trace: \"{}\": {}", text, e.what()));
  }
  return pattern;
}

}  // namespace locus
