#include "sim/netlist/difference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <string_view>
#include <vector>

namespace locus {

namespace {

struct entry {
  std::string key;
  std::string value;
};

/// "[circuit]" -> "circuit"; "[[population]]" -> "population[2]", counted from 0.
std::string table_name(const std::string& header, std::map<std::string, int>& count) {
  if (!header.starts_with("[[")) return header.substr(1, header.rfind(']') - 1);
  const std::string name = header.substr(2, header.rfind("]]") - 2);
  return fmt::format("{}[{}]", name, count[name]++);
}

/// The keys that matter, in the order of the text, whose values are one line each.
std::vector<entry> entries_of(const std::string& text) {
  std::vector<entry> all;
  std::map<std::string, int> count;
  std::string table;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('[')) {
      table = table_name(line, count);
      continue;
    }
    const std::size_t equals = line.find(" = ");
    if (equals == std::string::npos || table == "trace") continue;
    std::string key = line.substr(0, equals);
    key.erase(key.find_last_not_of(' ') + 1);
    if (!table.empty()) key = fmt::format("{}.{}", table, key);
    if (key != "stimuli.epochs") all.push_back({std::move(key), line.substr(equals + 3)});
  }
  return all;
}

std::map<std::string_view, std::string_view> by_key(const std::vector<entry>& all) {
  std::map<std::string_view, std::string_view> values;
  for (const entry& e : all) values.emplace(e.key, e.value);
  return values;
}

/// Some characters of a value from just before `place` on.
std::string excerpt(const std::string& value, std::size_t place) {
  constexpr std::size_t longest = 60;
  constexpr std::size_t before = 20;
  if (value.empty()) return "not set";
  if (value.size() <= longest) return value;
  const auto inside_character = [&](std::size_t at) {
    return at < value.size() && (static_cast<unsigned char>(value[at]) & 0xc0) == 0x80;
  };
  std::size_t first = place > before ? place - before : 0;
  while (inside_character(first)) ++first;
  std::size_t last = std::min(value.size(), first + longest);
  while (inside_character(last)) --last;
  return (first == 0 ? "" : "... ") + value.substr(first, last - first) + (last == value.size() ? "" : " ...");
}

}  // namespace

std::string netlist_difference::text(const std::string& there, const std::string& here) const {
  const auto [a, b] = std::mismatch(first.begin(), first.end(), second.begin(), second.end());
  const auto place = static_cast<std::size_t>(a - first.begin());
  return fmt::format("{} is {} {}, {} {}", key, excerpt(first, place), there, excerpt(second, place), here);
}

std::optional<netlist_difference> first_difference(const std::string& first, const std::string& second) {
  const std::vector<entry> a = entries_of(first), b = entries_of(second);
  const auto of_a = by_key(a), of_b = by_key(b);
  for (const entry& e : a) {
    const auto other = of_b.find(e.key);
    if (other == of_b.end()) return netlist_difference{e.key, e.value, ""};
    if (other->second != e.value) return netlist_difference{e.key, e.value, std::string(other->second)};
  }
  for (const entry& e : b) {
    if (!of_a.contains(e.key)) return netlist_difference{e.key, "", e.value};
  }
  return std::nullopt;
}

}  // namespace locus
