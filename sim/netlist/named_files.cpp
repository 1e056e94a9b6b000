#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include "sim/core/text_file.hpp"
#include "sim/netlist/description.hpp"
#include "sim/netlist/document_state.hpp"

namespace locus::detail {

namespace {

namespace fs = std::filesystem;

/// Makes the names of files in a document absolute.
class name_resolver {
 public:
  name_resolver(const document_state& state, const std::string& folder) : state_(state), folder_(folder) {}

  /// `weights = { file = "w.h5" }`, [weights], `connect = { file = "edges.csv" }`, `delay` and what fields of synapses
  /// begin with, wherever they stand.
  void weights_and_connections(toml::table& in) {
    for (auto&& [key, value] : in) {
      if (auto* array = value.as_array())
        for (toml::node& element : *array)
          if (auto* table = element.as_table()) weights_and_connections(*table);
      auto* table = value.as_table();
      if (table == nullptr) continue;
      if (key == "weights" || key == "connect" || key == "delay") resolve(table->get("file"), "");
      if (key == "initial") fields(*table);
      weights_and_connections(*table);
    }
  }

  void twin(toml::table& root) {
    if (auto* circuit = root[std::string_view("circuit")].as_table()) resolve(circuit->get("twin"), "");
  }

  void data(toml::table& root) {
    auto* stimuli = root[std::string_view("stimuli")].as_table();
    if (stimuli == nullptr) return;
    for (const std::string_view form : {"idx:", "csv:"}) resolve(stimuli->get("data"), form);
    auto* arrays = (*stimuli)[std::string_view("data")].as_table();
    for (const char* key : {"inputs", "targets", "test_inputs", "test_targets"}) {
      toml::node* value = arrays != nullptr ? arrays->get(key) : nullptr;
      for (const std::string_view form : {npy_prefix, hdf5_prefix}) resolve(value, form);
    }
  }

 private:
  /// `initial = { m = { file = "w.h5", dataset = "m" } }`
  void fields(toml::table& initial) {
    for (auto&& [field, value] : initial) {
      if (auto* table = value.as_table()) resolve(table->get("file"), "");
    }
  }

  /// The rest of a text that begins with `form`.
  void resolve(toml::node* value, std::string_view form) {
    auto* text = value != nullptr ? value->as_string() : nullptr;
    if (text == nullptr || !text->get().starts_with(form)) return;
    const fs::path name = text->get().substr(form.size());
    if (name.empty() || name.is_absolute()) return;
    const bool set = state_.position(value->source()).file != state_.name;
    if (!set && folder_.empty()) return;
    std::error_code error;
    const fs::path full = fs::absolute(set ? name : folder_ / name, error);
    if (!error) *text = std::string(form) + full.lexically_normal().string();
  }

  const document_state& state_;
  fs::path folder_;
};

}  // namespace

void resolve_file_names(document_state& state, const std::string& folder) {
  name_resolver resolver(state, folder);
  resolver.weights_and_connections(state.root);
  resolver.twin(state.root);
  resolver.data(state.root);
}

namespace {

/// What a file of models holds; that it cannot be read is told where it is named.
std::string text_of_models(const document_state& state, const toml::node& named, const std::string& path) {
  try {
    return read_file(path, "models");
  } catch (const usage_error& error) {
    throw usage_error(state.position(named.source()), error.what());
  }
}

}  // namespace

void include_models(document_state& state) {
  const toml::node* names = state.root.get("models");
  if (names == nullptr) return;
  const auto* list = names->as_array();
  const auto expected = [&](const toml::node& value) {
    throw usage_error(
        state.position(value.source()),
        fmt::format("models = {}: expected a list of files: models = [\"mine.toml\"]", short_text(*names)));
  };
  if (list == nullptr) return expected(*names);
  toml::table brought;
  for (const toml::node& value : *list) {
    const auto* text = value.as_string();
    if (text == nullptr || text->get().empty()) return expected(value);
    const bool set = state.position(value.source()).line == 0;
    const fs::path name = text->get();
    const bool beside = !name.is_absolute() && !set && !state.folder.empty();
    const auto in = [&](const fs::path& folder) { return (beside ? folder / name : name).lexically_normal(); };
    const std::string path = in(fs::path(state.name).parent_path()).string();  // as messages call it
    std::error_code none;
    if (in(state.folder) == fs::absolute(state.name, none).lexically_normal())
      throw usage_error(state.position(value.source()), fmt::format("models: \"{}\" is this file", path));
    if (state.included.contains(path))
      throw usage_error(state.position(value.source()), fmt::format("models: \"{}\" is there twice", path));
    const std::string& content = state.included[path] = text_of_models(state, value, in(state.folder).string());
    toml::table file = parse_toml(content, path);
    for (auto&& [key, found] : file) {
      auto* tables = found.as_array();
      if ((key.str() != "model" && key.str() != "activation") || tables == nullptr || !tables->is_array_of_tables())
        throw usage_error(
            key_position(state, key, found),
            fmt::format("unknown key \"{}\": a file of models has [[model]] and [[activation]] tables", key.str()));
      auto* all = brought.contains(key.str()) ? brought.get(key.str())->as_array()
                                              : brought.insert(key, toml::array()).first->second.as_array();
      for (toml::node& table : *tables) all->push_back(std::move(*table.as_table()));
    }
  }
  state.root.erase("models");
  for (auto&& [key, tables] : brought) {
    auto* own = state.root.get(key.str()) != nullptr ? state.root.get(key.str())->as_array() : nullptr;
    if (own == nullptr || !own->is_array_of_tables()) {
      if (state.root.contains(key.str())) continue;  // what is wrong there is told when it is read
      own = state.root.insert(key, toml::array()).first->second.as_array();
    }
    for (toml::node& table : *tables.as_array()) own->push_back(std::move(*table.as_table()));
  }
}

}  // namespace locus::detail
