#include "sim/core/whole_number.hpp"

#include <fmt/format.h>

#include <charconv>

namespace locus {

std::string whole_range::expected(bool too_large) const {
  if (too_large) return fmt::format("expected a whole number <= {}", most);
  if (least == std::numeric_limits<std::int64_t>::min()) return "expected a whole number";
  return fmt::format("expected a whole number >= {}", least);
}

std::optional<std::int64_t> parse_whole(std::string_view text, const whole_range& valid, std::string& complaint) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool all = !text.empty() && end == text.data() + text.size();
  if (all && error == std::errc() && valid.contains(number)) return number;
  const bool large = error == std::errc::result_out_of_range ? text.front() != '-' : number > valid.most;
  complaint = valid.expected(all && large);
  return std::nullopt;
}

}  // namespace locus
