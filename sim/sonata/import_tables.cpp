#include "sim/sonata/import_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <utility>

namespace locus::sonata {

namespace {

namespace fs = std::filesystem;

std::ifstream opened(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::error_code ignored;
  if (!in || fs::is_directory(file, ignored)) throw run_error(file + ": cannot be read as a file");
  return in;
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

/// The fields of a line: separated by spaces, in quotes where they have some, quotes within doubled. Nothing if a quote
/// is not closed.
std::optional<std::vector<std::string>> fields_of(std::string_view line) {
  std::vector<std::string> fields;
  bool quoted = false, within = false;  // quotes, a field
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (!quoted && is_blank(line[i])) {
      within = false;
      continue;
    }
    if (!std::exchange(within, true)) fields.emplace_back();
    if (line[i] != '"') fields.back() += line[i];
    else if (quoted && i + 1 < line.size() && line[i + 1] == '"') fields.back() += line[++i];
    else quoted = !quoted;
  }
  if (quoted) return std::nullopt;
  return fields;
}

/// Where a variable such as "$BASE_DIR" stands in a path, and not only the beginning of another one's name.
std::size_t find_variable(const std::string& path, const std::string& name) {
  const auto goes_on = [&](std::size_t at) {
    return at < path.size() && (std::isalnum(static_cast<unsigned char>(path[at])) != 0 || path[at] == '_');
  };
  std::size_t at = name.empty() ? std::string::npos : path.find(name);
  while (at != std::string::npos && goes_on(at + name.size())) at = path.find(name, at + 1);
  return at;
}

}  // namespace

nlohmann::json read_json(const std::string& file) {
  std::ifstream in = opened(file);
  nlohmann::json j;
  try {
    j = nlohmann::json::parse(in);
  } catch (const nlohmann::json::exception& error) {
    throw run_error(fmt::format("{}: no JSON: {}", file, error.what()));
  }
  if (!j.is_object()) throw run_error(file + ": expected a JSON object, { ... }");
  return j;
}

circuit_config_reader::circuit_config_reader(const std::string& file) : file_(file), config_(read_json(file)) {}

void circuit_config_reader::fail(const std::string& message) const { throw run_error(file_ + ": " + message); }

std::string circuit_config_reader::path(const nlohmann::json& text) const {
  if (!text.is_string()) fail("expected the path of a file, found " + text.dump());
  auto path = text.get<std::string>();
  const auto manifest = config_.find("manifest");
  constexpr int rounds = 10;  // a variable may name others
  for (int round = 0; round < rounds && manifest != config_.end(); ++round) {
    std::string found;
    for (const auto& [name, value] : manifest->items())
      if (value.is_string() && find_variable(path, name) != std::string::npos) found = name;
    if (found.empty()) break;
    path.replace(find_variable(path, found), found.size(), manifest->at(found).get<std::string>());
  }
  // What bmtk calls the folder of the config.
  constexpr std::string_view folder = "${configdir}";
  if (const std::size_t at = path.find(folder); at != std::string::npos) path.replace(at, folder.size(), ".");
  if (path.find('$') != std::string::npos) fail(fmt::format("\"{}\": the manifest does not say what that is", path));
  std::error_code error;
  return fs::absolute(fs::path(file_).parent_path() / path, error).lexically_normal().string();
}

std::vector<nlohmann::json> circuit_config_reader::networks(const std::string& kind) const {
  const auto networks = config_.value("networks", nlohmann::json());
  const auto all = networks.is_object() ? networks.value(kind, nlohmann::json()) : nlohmann::json();
  const auto names_file = [&](const nlohmann::json& each) { return each.is_object() && each.contains(kind + "_file"); };
  if (!all.is_array() || !std::all_of(all.begin(), all.end(), names_file))
    fail(fmt::format("expected networks.{0} = [{{ \"{0}_file\": ... }}, ...]", kind));
  return all.get<std::vector<nlohmann::json>>();
}

std::string circuit_config_reader::component(const std::string& name) const {
  const auto components = config_.value("components", nlohmann::json());
  if (!components.is_object() || !components.contains(name))
    fail(fmt::format("components.{} is missing: it names the folder of the files of parameters", name));
  return path(components.at(name));
}

std::optional<std::string> type_row::find(const std::string& column) const {
  const auto found = fields.find(column);
  if (found == fields.end() || found->second == "NULL" || found->second == "NONE") return std::nullopt;
  return found->second;
}

std::vector<type_row> read_types(const std::string& file) {
  std::ifstream in = opened(file);
  std::vector<std::string> columns;
  std::vector<type_row> rows;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    const source_position at{file, ++number, 0};
    const auto fields = fields_of(line);
    if (!fields) throw run_error(at.text() + ": a quote is not closed");
    if (fields->empty()) continue;
    if (columns.empty()) {
      columns = *fields;
      continue;
    }
    if (fields->size() != columns.size())
      throw run_error(fmt::format("{}: {} fields: expected {}, as in the header; spaces separate them", at.text(),
                                  fields->size(), columns.size()));
    type_row row{{}, at};
    for (std::size_t k = 0; k < columns.size(); ++k) row.fields[columns[k]] = (*fields)[k];
    rows.push_back(std::move(row));
  }
  if (columns.empty()) throw run_error(file + ": no header: expected the names of its columns");
  return rows;
}

}  // namespace locus::sonata
