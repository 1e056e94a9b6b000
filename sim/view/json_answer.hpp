#pragma once
/// Answers as JSON. Numbers are exact: digits that are read back as the same number; what is not finite is text. For
/// units that have nlohmann's headers anyway.

#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "sim/core/json_text.hpp"
#include "sim/trace/trace_reader.hpp"
#include "sim/view/view_source.hpp"

namespace locus {

/// On one line; bytes that are no UTF-8 become U+FFFD.
[[nodiscard]] inline std::string compact_text(const nlohmann::json& j) {
  return j.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// The numbers first, first + step, ... of `all` as a JSON list. For lists of a hundred thousand, which a tree of
/// values takes long to hold.
inline void append_numbers(std::string& text, std::span<const double> all, std::size_t first = 0,
                           std::size_t step = 1) {
  text += '[';
  for (std::size_t k = first; k < all.size(); k += step) {
    if (k != first) text += ',';
    if (std::isfinite(all[k])) fmt::format_to(std::back_inserter(text), "{}", all[k]);
    else text += json_number(all[k]).dump();
  }
  text += ']';
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
