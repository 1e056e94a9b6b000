#pragma once
#include <string>

namespace locus::testing {

/// The full path of a file of the project, given from its top folder: project_file("netlists/xor.toml").
[[nodiscard]] std::string project_file(const std::string& path);

}  // namespace locus::testing
