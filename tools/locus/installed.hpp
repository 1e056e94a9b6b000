#pragma once
/// Where the program is, and what was installed with it.

#include <filesystem>
#include <string>

namespace locus::tools {

/// The folder of the running program, wherever that has been moved to.
[[nodiscard]] std::filesystem::path program_folder();

/// The folder of the shipped netlists: "netlists", or, where the working directory has no such folder, the one that was
/// installed with the program.
[[nodiscard]] std::string shipped_netlists();

}  // namespace locus::tools
