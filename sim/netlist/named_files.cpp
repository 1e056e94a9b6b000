#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include "sim/netlist/document_state.hpp"

namespace locus::detail {

namespace {

namespace fs = std::filesystem;

/// Makes the names of files in a document absolute.
class name_resolver {
 public:
  name_resolver(const document_state& state, const std::string& folder) : state_(state), folder_(folder) {}

  /// `weights = { file = "w.h5" }` and [weights], wherever they stand.
  void weights(toml::table& in) {
    for (auto&& [key, value] : in) {
      if (auto* array = value.as_array())
        for (toml::node& element : *array)
          if (auto* table = element.as_table()) weights(*table);
      auto* table = value.as_table();
      if (table == nullptr) continue;
      if (key.str() == "weights") resolve(table->get("file"), "");
      weights(*table);
    }
  }

  void data(toml::table& root) {
    auto* stimuli = root[std::string_view("stimuli")].as_table();
    if (stimuli == nullptr) return;
    for (const std::string_view form : {"idx:", "csv:"}) resolve(stimuli->get("data"), form);
  }

 private:
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
  resolver.weights(state.root);
  resolver.data(state.root);
}

}  // namespace locus::detail
