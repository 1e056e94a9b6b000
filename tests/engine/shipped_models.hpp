#pragma once
/// The models that are shipped; the tests' own catalogue has others, which lie on purpose.

#include <algorithm>
#include <filesystem>
#include <string>

#include "sim/core/catalogue.hpp"
#include "tests/project_file.hpp"

namespace locus::testing {

/// Whether it is one of models/.
[[nodiscard]] inline bool shipped(const model_declaration& model) {
  std::string name(model.info.name);
  std::replace(name.begin(), name.end(), '-', '_');
  return std::filesystem::exists(project_file("models/" + name + ".hpp"));
}

}  // namespace locus::testing
