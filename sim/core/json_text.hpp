#pragma once
/// How JSON is written to files and to standard output. For units that have nlohmann's headers anyway.

#include <nlohmann/json.hpp>
#include <string>

namespace locus {

/// Indented, with a newline at the end; bytes that are no UTF-8 become U+FFFD. `ascii`: all that is not ASCII is
/// escaped, for terminals.
[[nodiscard]] inline std::string json_text(const nlohmann::json& j, bool ascii = false) {
  return j.dump(2, ' ', ascii, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace locus
