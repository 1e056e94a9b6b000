#pragma once
/// Spelling of TOML values: the one place that decides how a number or a text is printed.

#include <string>
#include <string_view>

namespace locus {

/// In double quotes, with escapes.
[[nodiscard]] std::string toml_string(std::string_view text);

/// Bare where TOML allows it, otherwise in quotes.
[[nodiscard]] std::string toml_key(std::string_view name);

/// The shortest decimal that reads back to the same double; whole numbers print as such (2.0 as 2).
[[nodiscard]] std::string toml_number(double value);

}  // namespace locus
