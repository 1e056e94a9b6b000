#include "sim/trace/column_selection.hpp"

#include <fmt/format.h>

#include <charconv>
#include <limits>

#include "sim/core/errors.hpp"

namespace locus {

namespace {

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

bool takes(const variable_pattern& p, const trace_variable& v, std::size_t column) {
  if (!p.brackets.empty() && !p.brackets[0].contains(v.neurons[column], v.shape)) return false;
  return p.brackets.size() < 2 || (v.weights && p.brackets[1].contains(v.sources[column], v.source_shape));
}

/// Brackets about a grid have one entry for each of its axes.
void check_brackets(const variable_pattern& p, const trace_variable& v) {
  try {
    if (!p.brackets.empty()) p.brackets[0].check_axes(v.shape, v.weights ? "postsynaptic neuron" : "neuron");
    if (p.brackets.size() == 2 && v.weights) p.brackets[1].check_axes(v.source_shape, "presynaptic neuron");
  } catch (const run_error& e) {
    fail(fmt::format("selection \"{}\" of {}", p.text, v.full_name()), e.what());
  }
}

[[noreturn]] void fail_unknown(const trace_reader& trace, const variable_pattern& p) {
  const std::vector<variable_identity> known(trace.variables().begin(), trace.variables().end());
  fail(fmt::format("selection \"{}\"", p.text),
       fmt::format("nothing recorded in \"{}\" is called so{}", trace.path(), known_patterns(p.name, known)));
}

/// The variables have that name, but not such a neuron or synapse.
[[noreturn]] void fail_no_index(const variable_pattern& p, const std::vector<const trace_variable*>& meant) {
  std::string there;
  for (const trace_variable* v : meant) {
    if (v->columns() == 0) continue;
    there += fmt::format("{}{} ... {}", there.empty() ? "" : "; ", v->column_name(0), v->column_name(v->columns() - 1));
    if (!v->weights && v->shape.size() > 1) there += fmt::format(" of a grid of {}", text_of(v->shape));
    if (there.size() > 400) break;
  }
  fail(fmt::format("selection \"{}\"", p.text), fmt::format("no such index was recorded (there are: {})", there));
}

variable_pattern read_selection(const std::string& text) {
  try {
    return read_pattern(text);
  } catch (const run_error& e) {
    fail(fmt::format("selection \"{}\"", text), e.what());
  }
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
  const std::pair<std::int64_t, std::int64_t> both = {parse_bound(text.substr(0, colon), whole::min(), option),
                                                      parse_bound(text.substr(colon + 1), whole::max(), option)};
  if (both.first >= both.second) {
    fail(option, fmt::format("the interval {} is empty: the end is not part of it, so must be greater", text));
  }
  return both;
}

std::vector<chosen_columns> choose_columns(const trace_reader& trace, const std::vector<std::string>& texts) {
  const std::vector<trace_variable>& all = trace.variables();
  std::vector<std::vector<bool>> taken;
  taken.reserve(all.size());
  for (const trace_variable& v : all) taken.emplace_back(v.columns(), texts.empty());
  for (const std::string& text : texts) {
    const variable_pattern p = read_selection(text);
    std::vector<const trace_variable*> meant;
    bool any = false;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (!p.means(all[i])) continue;
      check_brackets(p, all[i]);
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
