#pragma once
/// Answers as JSON. Numbers are exact: digits that are read back as the same number; what is not finite is text. For
/// units that have nlohmann's headers anyway.

#include <cmath>
#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "sim/trace/trace_reader.hpp"
#include "sim/view/view_source.hpp"

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

/// The answer that a question gets.
[[nodiscard]] inline view_answer json_answer(const nlohmann::json& j) {
  return {view_outcome::done, view_content::json, compact_text(j)};
}

[[nodiscard]] inline nlohmann::json json_of(const traced_presentation& p) {
  return {{"number", p.number},   {"first", p.first},
          {"teacher", p.teacher}, {"end", p.end},
          {"epoch", p.epoch},     {"sample", p.sample},
          {"lane", p.lane},       {"label", p.label ? nlohmann::json(*p.label) : nlohmann::json()}};
}

}  // namespace locus
