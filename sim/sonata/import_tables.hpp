#pragma once
/// Reading of circuit_config.json and of tables of types.

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sim/core/errors.hpp"

namespace locus::sonata {

/// Throws run_error if the file cannot be read, or is no JSON object.
[[nodiscard]] nlohmann::json read_json(const std::string& file);

/// A config whose paths are found by their keys.
class circuit_config_reader {
 public:
  /// Throws as read_json().
  explicit circuit_config_reader(const std::string& file);

  /// The full path that a text of the config means: with what its manifest says, from the folder of the config.
  [[nodiscard]] std::string path(const nlohmann::json& text) const;
  /// networks.nodes or networks.edges. Throws run_error unless it is a list of objects that name their files.
  [[nodiscard]] std::vector<nlohmann::json> networks(const std::string& kind) const;
  /// A folder of components. Throws run_error if the config names none.
  [[nodiscard]] std::string component(const std::string& name) const;

  [[noreturn]] void fail(const std::string& message) const;

 private:
  std::string file_;
  nlohmann::json config_;
};

/// A row of a table of types: fields by the names of their columns.
struct type_row {
  std::map<std::string, std::string> fields;
  source_position at;

  /// Nothing for NULL and NONE, too.
  [[nodiscard]] std::optional<std::string> find(const std::string& column) const;
};

/// Throws run_error that names file and line.
[[nodiscard]] std::vector<type_row> read_types(const std::string& file);

}  // namespace locus::sonata
