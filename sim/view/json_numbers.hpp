#pragma once
/// Numbers as JSON, exactly: shortest digits that are read back as the same number, and what is not finite as text.
/// For units that have nlohmann's headers anyway.

#include <cmath>
#include <nlohmann/json.hpp>
#include <span>
#include <string>

namespace locus {

/// A number, or "nan", "inf", "-inf".
[[nodiscard]] inline nlohmann::json json_number(double x) {
  if (std::isfinite(x)) return x;
  return std::isnan(x) ? "nan" : x > 0 ? "inf" : "-inf";
}

[[nodiscard]] inline nlohmann::json json_numbers(std::span<const double> all) {
  nlohmann::json list = nlohmann::json::array();
  for (const double x : all) list.push_back(json_number(x));
  return list;
}

/// On one line; bytes that are no UTF-8 become U+FFFD.
[[nodiscard]] inline std::string compact_text(const nlohmann::json& j) {
  return j.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace locus
