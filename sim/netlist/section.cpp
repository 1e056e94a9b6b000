#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <tuple>

#include "sim/netlist/document.hpp"
#include "sim/netlist/document_state.hpp"
#include "sim/netlist/found_value.hpp"

namespace locus {

using namespace detail;

namespace {

/// The value under `key` or null; the key counts as known from here on.
const toml::node* ask(const toml_node& here, std::string_view key) {
  if (!here.table) return nullptr;
  auto& asked = here.state->asked[here.table];
  if (std::find(asked.begin(), asked.end(), key) == asked.end()) asked.emplace_back(key);
  return here.table->get(key);
}

/// " (there is "layres")" when a key that nobody asked for may be the one that is missing.
std::string misspelt(const toml_node& here, std::string_view key) {
  if (!here.table) return {};
  const auto& asked = here.state->asked[here.table];
  std::vector<std::string> unread;
  for (auto&& [present, value] : *here.table)
    if (std::find(asked.begin(), asked.end(), present.str()) == asked.end()) unread.emplace_back(present.str());
  const auto nearest = nearest_name(key, unread);
  return nearest.empty() ? std::string() : fmt::format(" (there is \"{}\")", nearest);
}

source_position table_position(const toml_node& here) {
  // The root has no header to point at.
  if (!here.table || here.path.empty()) return {here.state->name, 0, 0};
  return here.state->position(here.table->source());
}

found_value demand(const toml_node& here, std::string_view key, std::string_view expected) {
  const toml::node* node = ask(here, key);
  const auto path = join_path(here.path, key);
  if (!node)
    throw usage_error(table_position(here), fmt::format("{} is missing{}: {}", path, misspelt(here, key), expected));
  return {*here.state, *node, path};
}

}  // namespace

bool section::has(std::string_view key) const { return ask(*node_, key) != nullptr; }

bool section::exists() const noexcept { return node_->table != nullptr; }

source_position section::at() const { return table_position(*node_); }

source_position section::at(std::string_view key) const {
  const toml::node* value = node_->table ? node_->table->get(key) : nullptr;
  return value ? node_->state->position(value->source()) : at();
}

source_position section::at(std::string_view key, std::size_t element) const {
  const toml::node* value = node_->table ? node_->table->get(key) : nullptr;
  const toml::array* list = value ? value->as_array() : nullptr;
  return list && element < list->size() ? node_->state->position((*list)[element].source()) : at(key);
}

source_position section::at_key(std::string_view key) const {
  if (!node_->table) return at();
  const auto found = node_->table->find(key);
  return found == node_->table->end() ? at() : key_position(*node_->state, found->first, found->second);
}

std::string section::text(std::string_view key) const { return read_text(demand(*node_, key, "expected a text")); }

std::string section::file_name(std::string_view key) const {
  const std::string name = text(key, "");
  if (has(key) && name.empty()) fail(key, "expected the name of a file");
  return name;
}

std::string section::text(std::string_view key, std::string_view otherwise) const {
  return has(key) ? text(key) : std::string(otherwise);
}

double section::number(std::string_view key) const { return read_number(demand(*node_, key, "expected a number")); }

double section::number(std::string_view key, double otherwise) const { return has(key) ? number(key) : otherwise; }

std::int64_t section::whole(std::string_view key, const whole_range& valid) const {
  return read_whole(demand(*node_, key, valid.expected()), valid);
}

std::int64_t section::whole(std::string_view key, const whole_range& valid, std::int64_t otherwise) const {
  return has(key) ? whole(key, valid) : otherwise;
}

std::uint32_t section::count(std::string_view key, std::int64_t at_least) const {
  return static_cast<std::uint32_t>(whole(key, counts_from(at_least)));
}

std::uint32_t section::count(std::string_view key, std::int64_t at_least, std::uint32_t otherwise) const {
  return has(key) ? count(key, at_least) : otherwise;
}

std::uint64_t section::seed(std::string_view key, std::uint64_t otherwise) const {
  return optional_seed(key).value_or(otherwise);
}

std::optional<std::uint64_t> section::optional_seed(std::string_view key) const {
  if (!has(key)) return std::nullopt;
  return static_cast<std::uint64_t>(whole(key, seeds));
}

bool section::flag(std::string_view key, bool otherwise) const {
  if (!has(key)) return otherwise;
  const auto value = demand(*node_, key, "");
  const auto* flag = value.node.as_boolean();
  if (!flag) value.fail("expected true or false");
  return flag->get();
}

std::string section::choice(std::string_view key, const std::vector<std::string>& names) const {
  const auto expected = fmt::format("expected \"{}\"", fmt::join(names, "\" or \""));
  const auto value = demand(*node_, key, expected);
  const auto* text = value.node.as_string();
  if (text && std::find(names.begin(), names.end(), text->get()) != names.end()) return text->get();
  const auto nearest = text && names.size() > 1 ? nearest_name(text->get(), names) : std::string();
  value.fail(expected + (nearest.empty() ? "" : fmt::format(" (did you mean \"{}\"?)", nearest)));
}

std::string section::choice(std::string_view key, const std::vector<std::string>& names,
                            std::string_view otherwise) const {
  return has(key) ? choice(key, names) : std::string(otherwise);
}

std::vector<std::int64_t> section::wholes(std::string_view key, const whole_range& valid) const {
  return read_wholes(demand(*node_, key, "expected a list of whole numbers"), valid);
}

std::vector<std::uint32_t> section::counts(std::string_view key, std::int64_t at_least) const {
  const auto all = wholes(key, counts_from(at_least));
  return {all.begin(), all.end()};
}

neuron_grid section::grid(std::string_view key) const {
  return read_grid(demand(*node_, key, "expected a list of sizes: [rows, columns]"));
}

std::vector<neuron_grid> section::grids(std::string_view key) const {
  constexpr auto expected = "expected a list of sizes, or of shapes of grids: [[28, 28], 10]";
  return read_list<neuron_grid>(demand(*node_, key, expected), expected, [](const found_value& element) {
    if (element.node.is_array()) return read_grid(element);
    return neuron_grid{static_cast<std::uint32_t>(read_whole(element, counts_from(1)))};
  });
}

std::vector<std::string> section::texts(std::string_view key) const {
  if (!has(key)) return {};
  return read_list<std::string>(demand(*node_, key, ""), "expected a list of texts", read_text);
}

std::vector<double> section::numbers(std::string_view key) const {
  return read_row(demand(*node_, key, list_of_numbers));
}

std::vector<std::vector<double>> section::lists(std::string_view key) const {
  return read_list<std::vector<double>>(demand(*node_, key, list_of_rows), list_of_rows, read_row);
}

std::vector<std::vector<std::int64_t>> section::whole_rows(std::string_view key, const whole_range& valid) const {
  constexpr auto expected = "expected rows of whole numbers: [[...], ...]";
  return read_list<std::vector<std::int64_t>>(demand(*node_, key, expected), expected,
                                              [&](const found_value& element) { return read_wholes(element, valid); });
}

data_array section::array(std::string_view key, bool classes) const {
  return read_array(demand(*node_, key, array_or_file), classes);
}

matrix section::one_matrix(std::string_view key) const { return read_matrix(demand(*node_, key, list_of_rows)); }

std::vector<matrix> section::matrices(std::string_view key) const {
  constexpr auto expected = "expected a list of matrices: [[[...], ...], ...]";
  return read_list<matrix>(demand(*node_, key, expected), expected, read_matrix);
}

tick_range section::ticks(std::string_view key, std::int64_t otherwise) const {
  if (!has(key)) return {otherwise, otherwise, at()};
  return read_ticks(demand(*node_, key, ""));
}

std::vector<window> section::windows(std::string_view key) const {
  if (!has(key)) return {};
  return read_windows(demand(*node_, key, ""));
}

bool section::is_text(std::string_view key) const {
  const auto* value = ask(*node_, key);
  return value && value->is_string();
}

bool section::is_number(std::string_view key) const {
  const auto* value = ask(*node_, key);
  return value && value->is_number();
}

bool section::is_flag(std::string_view key) const {
  const auto* value = ask(*node_, key);
  return value && value->is_boolean();
}

bool section::is_table(std::string_view key) const {
  const auto* value = ask(*node_, key);
  return value && value->is_table();
}

section section::table(std::string_view key) const {
  const auto* value = ask(*node_, key);
  const auto path = join_path(node_->path, key);
  if (value && !value->is_table()) found_value{*node_->state, *value, path}.fail("expected a table");
  section out;
  out.node_ = std::make_shared<toml_node>(toml_node{node_->state, value ? value->as_table() : nullptr, path});
  if (value) node_->state->asked[value->as_table()];  // opened, even if nothing in it is asked for
  return out;
}

std::vector<section> section::tables(std::string_view key) const {
  const auto* value = ask(*node_, key);
  if (!value) return {};
  const found_value found{*node_->state, *value, join_path(node_->path, key)};
  const auto expected = fmt::format("expected an array of tables: [[{}]]", found.name);
  return read_list<section>(found, expected, [&](const found_value& element) {
    if (!element.node.is_table()) element.fail("expected a table");
    section out;
    out.node_ = std::make_shared<toml_node>(toml_node{node_->state, element.node.as_table(), element.path()});
    node_->state->asked[element.node.as_table()];
    return out;
  });
}

std::vector<std::string> section::keys() const {
  if (!node_->table) return {};
  // As written, not by name: keys of overrides have no line and come last.
  std::vector<std::tuple<bool, std::uint32_t, std::uint32_t, std::string>> keys;
  for (auto&& [key, value] : *node_->table) {
    const bool overridden = node_->state->position(key.source()).line == 0;
    keys.emplace_back(overridden, key.source().begin.line, key.source().begin.column, std::string(key.str()));
  }
  std::sort(keys.begin(), keys.end());
  std::vector<std::string> out;
  out.reserve(keys.size());
  for (auto& key : keys) out.push_back(std::move(std::get<std::string>(key)));
  return out;
}

std::vector<parameter_setting> section::settings() const {
  std::vector<parameter_setting> out;
  for (const std::string& name : keys()) out.push_back({name, read_parameter(demand(*node_, name, "")), at(name)});
  return out;
}

std::string section::ordered_text(std::string_view name) const {
  return node_->table != nullptr ? detail::ordered_text(*node_->table, name) : std::string();
}

located_text section::located(std::string_view key) const {
  located_text out{text(key), join_path(node_->path, key), {}};
  const source_position begin = at(key);
  if (begin.line != 0) out.pieces = pieces_of(node_->state->text_at(begin), out.text, begin);
  return out;
}

void section::fail(std::string_view key, const std::string& message) const {
  if (const toml::node* value = node_->table ? node_->table->get(key) : nullptr)
    found_value{*node_->state, *value, join_path(node_->path, key)}.fail(message);
  throw usage_error(at(), fmt::format("{}: {}", join_path(node_->path, key), message));
}

}  // namespace locus
