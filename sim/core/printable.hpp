#pragma once
/// Text of files, made fit for a terminal.

#include <string>
#include <string_view>

namespace locus {

/// `text` with everything escaped that a terminal could take for a command: control characters (below U+0020, U+007F to
/// U+009F), marks that turn the direction of writing or break lines, and bytes that are no UTF-8. They are written as
/// TOML writes them: \n, \u001B; a byte of no character as \xFF. `lines`: line ends and tabs stay, as in a netlist.
[[nodiscard]] std::string printable(std::string_view text, bool lines = false);

/// Whether a text is well-formed UTF-8.
[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace locus
