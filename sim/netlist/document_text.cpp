#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <tuple>

#include "sim/netlist/document_state.hpp"
#include "sim/netlist/toml_text.hpp"

namespace locus::detail {

namespace {

std::string table_text(const toml::table& table) {
  std::string out;
  for (auto&& [key, value] : table) {
    if (!out.empty()) out += ", ";
    out += toml_key(key.str()) + " = " + value_text(value);
  }
  return out.empty() ? "{}" : "{ " + out + " }";
}

std::string array_text(const toml::array& array) {
  std::string out;
  for (const toml::node& value : array) {
    if (!out.empty()) out += ", ";
    out += value_text(value);
  }
  return "[" + out + "]";
}

/// A float keeps its point, so that it is not taken for a whole number when read again.
std::string float_text(double value) {
  const std::string text = toml_number(value);
  return text.find_first_not_of("-0123456789") == std::string::npos ? text + ".0" : text;
}

template <typename T>
std::string streamed(const T& value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

bool is_headed(const toml::node& value) { return value.is_table() || value.is_array_of_tables(); }

std::string keys_text(const toml::table& table, bool at_root) {
  std::string out;
  for (auto&& [key, value] : table)
    if (!at_root || !is_headed(value)) out += fmt::format("{} = {}\n", toml_key(key.str()), value_text(value));
  return out;
}

}  // namespace

std::string value_text(const toml::node& value) {
  if (const auto* table = value.as_table()) return table_text(*table);
  if (const auto* array = value.as_array()) return array_text(*array);
  if (const auto* text = value.as_string()) return toml_string(text->get());
  if (const auto* whole = value.as_integer()) return fmt::format("{}", whole->get());
  if (const auto* number = value.as_floating_point()) return float_text(number->get());
  if (const auto* flag = value.as_boolean()) return flag->get() ? "true" : "false";
  if (const auto* date = value.as_date()) return streamed(date->get());
  if (const auto* time = value.as_time()) return streamed(time->get());
  if (const auto* both = value.as_date_time()) return streamed(both->get());
  throw internal_error("a TOML value of an unknown type");
}

std::string short_text(const toml::node& value) {
  constexpr std::size_t longest = 60;
  std::string text = value_text(value);
  if (text.size() <= longest) return text;
  std::size_t end = longest - 4;
  while ((static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;  // never inside a UTF-8 character
  return text.substr(0, end) + " ...";
}

namespace {

/// Keys and values in the order of the file. The fields and ports of a model have an order.
std::vector<std::pair<std::string, const toml::node*>> in_order(const toml::table& table) {
  std::vector<std::tuple<std::uint32_t, std::uint32_t, std::string, const toml::node*>> keys;
  for (auto&& [key, value] : table)
    keys.emplace_back(key.source().begin.line, key.source().begin.column, std::string(key.str()), &value);
  std::sort(keys.begin(), keys.end());
  std::vector<std::pair<std::string, const toml::node*>> out;
  out.reserve(keys.size());
  for (auto& [line, column, key, value] : keys) out.emplace_back(std::move(key), value);
  return out;
}

std::string ordered_value(const toml::node& value) {
  const auto* table = value.as_table();
  if (table == nullptr) {
    const auto* text = value.as_string();
    const bool lines = text != nullptr && text->get().find('\n') != std::string::npos;
    if (!lines || text->get().find("'''") != std::string::npos || text->get().find('\r') != std::string::npos)
      return value_text(value);
    return "'''\n" + text->get() + "'''";
  }
  std::string out;
  for (const auto& [key, each] : in_order(*table))
    out += fmt::format("{}{} = {}", out.empty() ? "" : ", ", toml_key(key), value_text(*each));
  return out.empty() ? "{}" : "{ " + out + " }";
}

}  // namespace

std::string ordered_text(const toml::table& table, std::string_view name) {
  std::string own, below;
  for (const auto& [key, value] : in_order(table)) {
    const auto* inner = value->as_table();
    if (inner == nullptr) {
      own += fmt::format("{} = {}\n", toml_key(key), ordered_value(*value));
      continue;
    }
    below += fmt::format("[{}.{}]\n", name, toml_key(key));
    for (const auto& [inner_key, each] : in_order(*inner))
      below += fmt::format("{} = {}\n", toml_key(inner_key), ordered_value(*each));
  }
  return fmt::format("[[{}]]\n{}{}", name, own, below);
}

/// Two levels have headers, deeper ones are inline: toml++'s map is sorted by key, so the order is the names'.
std::string canonical_text(const toml::table& root) {
  std::string out = keys_text(root, true);
  for (auto&& [key, value] : root) {
    const auto name = toml_key(key.str());
    if (const auto* table = value.as_table()) {
      out += fmt::format("[{}]\n{}", name, keys_text(*table, false));
    } else if (value.is_array_of_tables()) {
      const bool ordered = key.str() == "model" || key.str() == "activation";
      for (const toml::node& element : *value.as_array())
        out += ordered ? ordered_text(*element.as_table(), key.str())
                       : fmt::format("[[{}]]\n{}", name, keys_text(*element.as_table(), false));
    }
  }
  return out;
}

}  // namespace locus::detail
