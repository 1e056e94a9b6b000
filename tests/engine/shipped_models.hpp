#pragma once
/// The models that are shipped; the tests' own catalogue has others, which lie on purpose.

#include <filesystem>
#include <string>

#include "sim/core/catalogue.hpp"
#include "tests/project_file.hpp"

namespace locus::testing {

/// Whether it is one of models/.
[[nodiscard]] inline bool shipped(const model_declaration& model) {
  return std::filesystem::exists(project_file("models/" + std::string(model.info.name) + ".toml"));
}

}  // namespace locus::testing
