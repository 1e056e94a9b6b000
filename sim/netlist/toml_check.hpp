#pragma once
/// What must hold of a text before toml++ sees it. Private to sim/netlist.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace locus::detail {

/// Brackets within each other, and dots of a key. toml++ and those who walk over its tables call themselves once a
/// level: some thousand levels of each would overflow the stack.
inline constexpr std::size_t deepest_nesting = 32;

struct toml_problem {
  std::string message;
  int line = 0;
  int column = 0;
};

/// The first place where brackets or dotted keys are nested more deeply than that, a quote stands within a value, or a
/// character that is not ASCII stands outside of quotes and comments: TOML has none there, and toml++ 3.3 looks some of
/// them up beyond the end of a table.
[[nodiscard]] std::optional<toml_problem> toml_mistake(std::string_view text);

}  // namespace locus::detail
