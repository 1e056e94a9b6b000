#include "sim/trace/column_selection.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <set>
#include <sstream>

#include "sim/core/errors.hpp"
#include "sim/trace/selection.hpp"

namespace locus {

namespace {

using interval = std::pair<std::int64_t, std::int64_t>;
using index_set = std::vector<interval>;  ///< of half-open intervals

constexpr std::string_view kind_prefix = "kind:";

struct pattern {
  std::string text, name;
  std::vector<index_set> indices;  ///< one for each pair of brackets
};

[[noreturn]] void fail(const std::string& what, const std::string& message) {
  throw usage_error(fmt::format("{}: {}", what, message));
}

std::int64_t parse_bound(const std::string& text, std::int64_t if_empty, const std::string& what) {
  if (text.empty()) return if_empty;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    fail(what, fmt::format("\"{}\" is no whole number (such as 3, or 0:40 for 0 to 39)", text));
  }
  return value;
}

index_set parse_indices(const std::string& text, const std::string& what) {
  index_set set;
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ',');) set.push_back(parse_interval(part, what));
  if (set.empty()) fail(what, "[] names no index: write [3], [0:4] or [0,2,5:9]");
  return set;
}

/// "name[0:4][2]" in its parts.
pattern parse_pattern(const std::string& text) {
  const std::string what = fmt::format("selection \"{}\"", text);
  pattern p{text, text.substr(0, text.find('[')), {}};
  std::size_t at = p.name.size();
  while (at < text.size()) {
    const std::size_t close = text.find(']', at);
    if (text[at] != '[' || close == std::string::npos) fail(what, "expected NAME, NAME[INDICES] or NAME[POST][PRE]");
    p.indices.push_back(parse_indices(text.substr(at + 1, close - at - 1), what));
    at = close + 1;
  }
  if (p.indices.size() > 2) fail(what, "at most two indices are possible, [POST][PRE]");
  return p;
}

bool names(const std::string& name, const std::string& pattern) {
  return matches(name, pattern) || matches(name, "*." + pattern);
}

bool is_meant(const trace_variable& v, const pattern& p) {
  if (p.name.starts_with(kind_prefix)) {
    const std::string kind = p.name.substr(kind_prefix.size());
    return kind == v.model || (kind == "weights" && v.weights) || (kind == "neurons" && !v.weights);
  }
  return names(v.full_name(), p.name) || names(v.group, p.name);
}

bool contains(const index_set& set, std::uint32_t index) {
  return std::any_of(set.begin(), set.end(), [&](const interval& i) { return i.first <= index && index < i.second; });
}

bool takes(const pattern& p, const trace_variable& v, std::size_t column) {
  if (!p.indices.empty() && !contains(p.indices[0], v.neurons[column])) return false;
  if (p.indices.size() < 2) return true;
  return v.weights && contains(p.indices[1], v.sources[column]);
}

[[noreturn]] void fail_unknown(const trace_reader& trace, const pattern& p) {
  constexpr std::size_t enough = 40;
  std::vector<std::string> known;
  std::set<std::string> kinds = {"neurons", "weights"};
  for (const trace_variable& v : trace.variables()) {
    known.push_back(v.full_name());
    kinds.insert(v.model);
  }
  if (p.name.starts_with(kind_prefix)) {
    const std::vector<std::string> all(kinds.begin(), kinds.end());
    fail(fmt::format("selection \"{}\"", p.text),
         fmt::format("nothing of that kind was recorded{}", suggestion(p.name.substr(kind_prefix.size()), all)));
  }
  const std::string nearest = nearest_name(p.name, known);
  const bool more = known.size() > enough;
  if (more) known.resize(enough);
  fail(fmt::format("selection \"{}\"", p.text),
       fmt::format("nothing recorded in \"{}\" is called so{} (there are: {}{})", trace.path(),
                   nearest.empty() ? "" : fmt::format(": did you mean \"{}\"?", nearest), fmt::join(known, ", "),
                   more ? ", ...; see: locus trace info" : ""));
}

/// The variables have that name, but not such a neuron or synapse.
[[noreturn]] void fail_no_index(const pattern& p, const std::vector<const trace_variable*>& meant) {
  std::string there;
  for (const trace_variable* v : meant) {
    if (v->columns() == 0) continue;
    there += fmt::format("{}{} ... {}", there.empty() ? "" : "; ", v->column_name(0), v->column_name(v->columns() - 1));
    if (there.size() > 400) break;
  }
  fail(fmt::format("selection \"{}\"", p.text), fmt::format("no such index was recorded (there are: {})", there));
}

}  // namespace

std::pair<std::int64_t, std::int64_t> parse_interval(const std::string& text, const std::string& option) {
  using whole = std::numeric_limits<std::int64_t>;
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) {
    if (text.empty()) fail(option, "expected a number or an interval, such as 3 or 0:40 (0 to 39)");
    const std::int64_t one = parse_bound(text, 0, option);
    return {one, one == whole::max() ? one : one + 1};
  }
  const interval both = {parse_bound(text.substr(0, colon), whole::min(), option),
                         parse_bound(text.substr(colon + 1), whole::max(), option)};
  if (both.first >= both.second) {
    fail(option, fmt::format("the interval {} is empty: the end is not part of it, so must be greater", text));
  }
  return both;
}

std::vector<chosen_columns> choose_columns(const trace_reader& trace, const std::vector<std::string>& texts) {
  const std::vector<trace_variable>& all = trace.variables();
  std::vector<std::vector<bool>> taken;
  for (const trace_variable& v : all) taken.emplace_back(v.columns(), texts.empty());
  for (const std::string& text : texts) {
    const pattern p = parse_pattern(text);
    std::vector<const trace_variable*> meant;
    bool any = false;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (!is_meant(all[i], p)) continue;
      meant.push_back(&all[i]);
      for (std::size_t k = 0; k < all[i].columns(); ++k) {
        if (!takes(p, all[i], k)) continue;
        taken[i][k] = true;
        any = true;
      }
    }
    if (meant.empty()) fail_unknown(trace, p);
    if (!any) fail_no_index(p, meant);
  }
  std::vector<chosen_columns> chosen;
  for (std::size_t i = 0; i < all.size(); ++i) {
    chosen_columns c{&all[i], {}};
    for (std::size_t k = 0; k < all[i].columns(); ++k) {
      if (taken[i][k]) c.columns.push_back(k);
    }
    if (!c.columns.empty()) chosen.push_back(std::move(c));
  }
  return chosen;
}

}  // namespace locus
