#include "sim/view/query_reader.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>

#include "sim/core/grouped.hpp"

namespace locus {
namespace {

/// Of what may be a million characters.
std::string shortened(std::string_view text) {
  constexpr std::size_t enough = 60;
  return text.size() <= enough ? std::string(text) : fmt::format("{}...", text.substr(0, enough));
}

[[noreturn]] void fail(std::string_view name, std::string_view value, std::string_view expected) {
  throw view_error(view_outcome::wrong, fmt::format("{} = \"{}\": {}", name, shortened(value), expected));
}

std::int64_t whole_number(std::string_view name, std::string_view text, const whole_range& valid) {
  std::string complaint;
  if (const auto number = parse_whole(text, valid, complaint)) return *number;
  fail(name, text, complaint);
}

}  // namespace

bool query_reader::has(std::string_view name) const { return query_.parameters.find(name) != query_.parameters.end(); }

std::string query_reader::text(std::string_view name) const {
  const auto found = query_.parameters.find(name);
  if (found == query_.parameters.end())
    throw view_error(view_outcome::wrong, fmt::format("{}: the parameter {} is missing", query_.what, name));
  return found->second;
}

std::string query_reader::text(std::string_view name, std::string_view otherwise) const {
  return has(name) ? text(name) : std::string(otherwise);
}

std::int64_t query_reader::whole(std::string_view name, const whole_range& valid) const {
  return whole_number(name, text(name), valid);
}

std::int64_t query_reader::whole(std::string_view name, const whole_range& valid, std::int64_t otherwise) const {
  return has(name) ? whole(name, valid) : otherwise;
}

std::string query_reader::choice(std::string_view name, const std::vector<std::string>& names) const {
  const std::string chosen = text(name);
  if (std::find(names.begin(), names.end(), chosen) == names.end())
    fail(name, chosen, fmt::format("must be one of {}", fmt::join(names, ", ")));
  return chosen;
}

window query_reader::ticks(const window& all) const {
  const window asked = {whole("from", view_ticks, all.first), whole("to", view_ticks, std::max(all.last, all.first))};
  if (asked.first > asked.last || (asked.first == asked.last && (has("from") || has("to"))))
    fail("to", std::to_string(asked.last), fmt::format("must be > from = {}", asked.first));
  return asked;
}

std::vector<std::size_t> query_reader::columns(std::string_view name, std::size_t count) const {
  std::vector<std::size_t> all;
  const std::string asked = text(name, "");
  const auto number = [&](std::string_view text, std::size_t most) {
    return static_cast<std::size_t>(whole_number(name, text, {0, static_cast<std::int64_t>(most)}));
  };
  if (asked.empty() || asked.find(':') != std::string::npos) {
    const std::size_t colon = asked.find(':');
    const std::string first = asked.empty() ? "" : asked.substr(0, colon),
                      last = asked.empty() ? "" : asked.substr(colon + 1);
    const std::size_t from = first.empty() ? 0 : number(first, count), to = last.empty() ? count : number(last, count);
    if (from >= to && count > 0) fail(name, asked, "there is nothing in it");
    for (std::size_t k = from; k < to; ++k) all.push_back(k);
    return all;
  }
  for (std::size_t at = 0; at <= asked.size();) {
    const std::size_t comma = std::min(asked.find(',', at), asked.size());
    if (count == 0) fail(name, asked, "there are none");
    all.push_back(number(std::string_view(asked).substr(at, comma - at), count - 1));
    at = comma + 1;
  }
  return all;
}

view_answer matrix_answer(std::size_t rows, std::size_t columns, const std::vector<double>& numbers) {
  static_assert(std::endian::native == std::endian::little);
  view_answer a;
  a.content = view_content::matrix;
  a.body.assign(reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(double));  // NOLINT: as bytes
  a.notes.emplace_back("Shape", fmt::format("{},{}", rows, columns));
  return a;
}

void fail_unknown(std::string_view what, std::string_view name, const std::vector<std::string>& known) {
  const std::string word(name.substr(0, 200));
  throw view_error(view_outcome::missing, fmt::format("there is no {} \"{}\"{}", what, shortened(name),
                                                      known.size() > 1000 ? "" : suggestion(word, known)));
}

overview_request overview_asked(const query_reader& asked, std::size_t width) {
  overview_request r;
  r.columns = static_cast<std::size_t>(asked.whole("columns", {1, 20'000}, 1200));
  r.rows = static_cast<std::size_t>(asked.whole("rows", {1, 20'000}, 256));
  const std::string which = asked.has("which") ? asked.choice("which", {"min", "max", "both"}) : "both";
  r.low = which != "max";
  r.high = which != "min";
  check_most(2 * r.columns * std::min(r.rows, width), most_numbers);
  return r;
}

void check_most(std::uint64_t numbers, std::uint64_t most) {
  if (numbers <= most) return;
  throw view_error(view_outcome::too_large, fmt::format("{} numbers are asked for at once: at most {} can be; ask for "
                                                        "fewer ticks or columns, or for every n-th tick",
                                                        grouped(numbers), grouped(most)));
}

}  // namespace locus
