#include "sim/netlist/document.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <system_error>
#include <tuple>

#include "sim/core/text_file.hpp"
#include "sim/netlist/document_state.hpp"
#include "sim/netlist/toml_check.hpp"

namespace locus {

namespace detail {

source_position document_state::position(const toml::source_region& region) const {
  const bool elsewhere = region.path && *region.path != name;
  if (elsewhere && !included.contains(*region.path)) return {*region.path, 0, 0};
  return {elsewhere ? *region.path : name, static_cast<int>(region.begin.line), static_cast<int>(region.begin.column)};
}

std::string_view document_state::text_at(const source_position& at) const {
  const auto other = included.find(at.file);
  std::string_view rest = other == included.end() ? std::string_view(text) : std::string_view(other->second);
  for (int line = 1; line < at.line; ++line) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) return {};
    rest.remove_prefix(end + 1);
  }
  for (int column = 1; column < at.column && !rest.empty(); ++column) {
    rest.remove_prefix(1);
    while (!rest.empty() && (static_cast<unsigned char>(rest.front()) & 0xc0) == 0x80) rest.remove_prefix(1);
  }
  return rest;
}

std::string join_path(std::string_view parent, std::string_view key) {
  if (parent.empty() || key.empty()) return fmt::format("{}{}", parent, key);
  return fmt::format("{}.{}", parent, key);
}

source_position key_position(const document_state& state, const toml::key& key, const toml::node& value) {
  const auto* table = value.as_table();
  const bool has_header = (table && !table->is_inline()) || value.is_array_of_tables();
  return state.position(has_header && value.source().begin ? value.source() : key.source());
}

toml::table parse_toml(std::string_view text, const std::string& name) {
  if (const auto mistake = toml_mistake(text))
    throw usage_error({name, mistake->line, mistake->column}, mistake->message);
  try {
    return toml::parse(text, std::string_view(name));
  } catch (const toml::parse_error& error) {
    const auto& begin = error.source().begin;
    throw usage_error({name, static_cast<int>(begin.line), static_cast<int>(begin.column)},
                      std::string(error.description()));
  }
}

}  // namespace detail

namespace {

/// A key that nobody asked for.
struct unread_key {
  source_position at;
  std::string path;
  std::string key;
  const toml::table* parent;
};

/// Whether `a` comes first in the file; overrides come after the file.
bool comes_before(const unread_key& a, const unread_key& b) {
  const auto order = [](const unread_key& key) {
    return std::tuple(key.at.line == 0 ? std::numeric_limits<int>::max() : key.at.line, key.at.column, key.path);
  };
  return order(a) < order(b);
}

class unread_search {
 public:
  explicit unread_search(const detail::document_state& state) : state_(state) {}

  [[nodiscard]] std::vector<unread_key> run(const toml::table& table, const std::string& path) {
    search(table, path);
    return std::move(found_);
  }

 private:
  void search(const toml::table& table, const std::string& path) {
    for (auto&& [key, value] : table) {
      const auto child = detail::join_path(path, key.str());
      if (!was_asked(table, key.str()) || !was_opened(value))
        found_.push_back({detail::key_position(state_, key, value), child, std::string(key.str()), &table});
      else search_below(value, child);
    }
  }

  void search_below(const toml::node& value, const std::string& path) {
    if (const auto* table = value.as_table()) return search(*table, path);
    if (!value.is_array_of_tables()) return;
    std::size_t index = 0;
    for (const toml::node& element : *value.as_array())
      search(*element.as_table(), fmt::format("{}[{}]", path, index++));
  }

  [[nodiscard]] bool was_asked(const toml::table& table, std::string_view key) const {
    const auto asked = state_.asked.find(&table);
    return asked != state_.asked.end() &&
           std::find(asked->second.begin(), asked->second.end(), key) != asked->second.end();
  }

  /// A table that was only looked at (`has`) has not been read.
  [[nodiscard]] bool was_opened(const toml::node& value) const {
    if (const auto* table = value.as_table()) return state_.asked.contains(table);
    if (!value.is_array_of_tables()) return true;
    return state_.asked.contains((*value.as_array())[0].as_table());
  }

  const detail::document_state& state_;
  std::vector<unread_key> found_;
};

void refuse_unread(const detail::document_state& state, const toml::table& table, const std::string& path) {
  const auto found = unread_search(state).run(table, path);
  if (found.empty()) return;
  const auto& first = *std::min_element(found.begin(), found.end(), comes_before);
  std::vector<std::string> known;
  if (const auto asked = state.asked.find(first.parent); asked != state.asked.end()) known = asked->second;
  std::erase(known, first.key);
  throw usage_error(first.at, fmt::format("unknown key \"{}\"{}", first.path, suggestion(first.key, known)));
}

}  // namespace

void section::finish() const {
  if (node_->table) refuse_unread(*node_->state, *node_->table, node_->path);
}

document document::from_file(const std::string& path, const std::vector<std::string>& overrides) {
  // What comes through a pipe has no folder.
  std::error_code none;
  const bool lies_there = std::filesystem::is_regular_file(path, none);
  const std::filesystem::path folder = lies_there ? std::filesystem::absolute(path, none).parent_path() : "";
  return read(read_file(path, "netlist"), path, folder.string(), overrides);
}

document document::from_text(std::string_view text, const std::string& name, const std::vector<std::string>& overrides,
                             const std::string& folder) {
  return read(std::string(text), name, folder, overrides);
}

document document::again(const std::vector<std::string>& further) const {
  std::vector<std::string> all = state_->overrides;
  all.insert(all.end(), further.begin(), further.end());
  return read(state_->text, state_->name, state_->folder, std::move(all));
}

document document::read(std::string text, std::string name, std::string folder, std::vector<std::string> overrides) {
  document out;
  out.state_ = std::make_shared<detail::document_state>(detail::document_state{
      std::move(name), std::move(text), std::move(folder), std::move(overrides), toml::table(), {}, {}});
  detail::document_state& state = *out.state_;
  state.root = detail::parse_toml(state.text, state.name);
  for (const std::string& setting : state.overrides) detail::apply_override(state, setting);
  detail::include_models(state);
  detail::resolve_file_names(state, state.folder);
  return out;
}

section document::root() const {
  section out;
  out.node_ = std::make_shared<detail::toml_node>(detail::toml_node{state_, &state_->root, ""});
  state_->asked[&state_->root];
  return out;
}

const std::string& document::name() const { return state_->name; }

std::string document::canonical_text() const {
  toml::table copy = state_->root;
  // Where a trace goes does not change what it holds; and a [trace] that says nothing else is no [trace].
  if (auto* trace = copy[std::string_view("trace")].as_table()) {
    trace->erase(std::string_view("file"));
    if (trace->empty()) copy.erase(std::string_view("trace"));
  }
  return detail::canonical_text(copy);
}

void document::finish() const { refuse_unread(*state_, state_->root, ""); }

}  // namespace locus
