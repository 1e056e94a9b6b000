#include "sim/netlist/difference.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/netlist/document_state.hpp"
#include "sim/netlist/toml_text.hpp"

namespace locus {

namespace {

/// As `first` and `second` of a difference: a number is the same whether it is written 2 or 2.0.
std::string text_of(const toml::node* value) {
  if (value == nullptr) return "";
  const auto* number = value->as_floating_point();
  return number ? toml_number(number->get()) : detail::value_text(*value);
}

std::optional<netlist_difference> compare(const toml::node* a, const toml::node* b, const std::string& path);

/// The first difference below a table's keys, in the order of their names. One of the tables may be missing.
std::optional<netlist_difference> compare_tables(const toml::table* a, const toml::table* b, const std::string& path) {
  for (const auto* keys : {a, b}) {
    if (keys == nullptr) continue;
    for (auto&& [key, value] : *keys) {
      const std::string name(key.str());
      if (keys == b && a != nullptr && a->contains(name)) continue;  // compared before
      const std::string full = detail::join_path(path, name);
      if (full == "trace" || full == "stimuli.epochs") continue;
      auto found = compare(a ? a->get(name) : nullptr, b ? b->get(name) : nullptr, full);
      if (found) return found;
    }
  }
  return std::nullopt;
}

/// Elements are compared one by one, except where lists of other things than tables differ in length.
std::optional<netlist_difference> compare_lists(const toml::array& a, const toml::array& b, const std::string& path) {
  for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    auto found = compare(a.get(i), b.get(i), fmt::format("{}[{}]", path, i));
    if (found) return found;
  }
  return std::nullopt;
}

std::optional<netlist_difference> compare(const toml::node* a, const toml::node* b, const std::string& path) {
  const auto kind = [](const toml::node* value, auto test) { return value == nullptr || test(*value); };
  const auto both = [&](auto test) { return (a != nullptr || b != nullptr) && kind(a, test) && kind(b, test); };
  if (both([](const toml::node& n) { return n.is_table(); }))
    return compare_tables(a ? a->as_table() : nullptr, b ? b->as_table() : nullptr, path);
  const auto* list = a ? a->as_array() : nullptr;
  const auto* other = b ? b->as_array() : nullptr;
  const bool same_length = list && other && list->size() == other->size();
  if (list && other && (same_length || (list->is_array_of_tables() && other->is_array_of_tables())))
    return compare_lists(*list, *other, path);
  std::string first = text_of(a), second = text_of(b);
  if (first == second) return std::nullopt;
  return netlist_difference{path, std::move(first), std::move(second)};
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
  const toml::table a = detail::parse_toml(first, "netlist"), b = detail::parse_toml(second, "netlist");
  return compare_tables(&a, &b, "");
}

}  // namespace locus
