#pragma once
/// `locus view`

#include "tools/locus/command.hpp"

namespace locus::tools {

[[nodiscard]] const command& view_command();

}  // namespace locus::tools
