#pragma once
/// How JSON is written to files and to standard output, and how numbers stand in it that may be missing or not finite.
/// For units that have nlohmann's headers anyway.

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace locus {

/// Indented, with a newline at the end; bytes that are no UTF-8 become U+FFFD. `ascii`: all that is not ASCII is
/// escaped, for terminals.
[[nodiscard]] inline std::string json_text(const nlohmann::json& j, bool ascii = false) {
  return j.dump(2, ' ', ascii, nlohmann::json::error_handler_t::replace) + "\n";
}

/// A number, or "nan", "inf", "-inf".
[[nodiscard]] inline nlohmann::json json_number(double x) {
  if (std::isfinite(x)) return x;
  return std::isnan(x) ? "nan" : x > 0 ? "inf" : "-inf";
}

/// The same; null if there is none.
[[nodiscard]] inline nlohmann::json json_number(const std::optional<double>& x) {
  return x ? json_number(*x) : nlohmann::json();
}

}  // namespace locus
