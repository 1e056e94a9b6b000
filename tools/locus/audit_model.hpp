#pragma once
/// `locus audit --model NAME`: whether the rule of one model is a function of what the model declares.

#include <string>
#include <vector>

#include "tools/locus/command.hpp"

namespace locus::tools {

/// Measures the models of these names with their default parameters, prints what was found, and returns the exit code.
[[nodiscard]] int audit_models(const std::vector<std::string>& names, std::uint64_t seed, const std::string& json_file);

}  // namespace locus::tools
