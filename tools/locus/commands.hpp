#pragma once
/// The commands of `locus`, one a file of this folder.

#include "tools/locus/command.hpp"

namespace locus::tools {

/// In the order of `locus help`.
[[nodiscard]] const std::vector<const command*>& all_commands();

[[nodiscard]] const command& run_command();
[[nodiscard]] const command& sweep_command();
[[nodiscard]] const command& audit_command();
[[nodiscard]] const command& describe_command();
[[nodiscard]] const command& expand_command();
[[nodiscard]] const command& import_command();
[[nodiscard]] const command& models_command();
[[nodiscard]] const command& trace_command();
[[nodiscard]] const command& data_command();

}  // namespace locus::tools
