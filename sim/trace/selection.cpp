#include "sim/trace/selection.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace locus {

namespace {

std::string theta_of(const projection& p) { return p.name + ".theta"; }

/// The patterns of one trace, and which of them have matched.
class pattern_list {
 public:
  explicit pattern_list(const std::vector<std::string>& patterns) : patterns_(patterns), used_(patterns.size()) {}

  bool take(const std::string& name) {
    bool taken = false;
    for (std::size_t i = 0; i < patterns_.size(); ++i) {
      if (!matches(name, patterns_[i]) && !matches(name, "*." + patterns_[i])) continue;
      used_[i] = true;
      taken = true;
    }
    return taken;
  }

  /// The first pattern that matched nothing, or null.
  [[nodiscard]] const std::string* unused() const {
    const auto found = std::find(used_.begin(), used_.end(), false);
    return found == used_.end() ? nullptr : &patterns_[static_cast<std::size_t>(found - used_.begin())];
  }

 private:
  const std::vector<std::string>& patterns_;
  std::vector<bool> used_;
};

/// The last two parts of each name ("value.x"), which is how patterns are mostly written, then the full names.
std::vector<std::string> likely_patterns(const std::vector<std::string>& names) {
  std::vector<std::string> all;
  std::set<std::string> seen;
  for (const std::string& name : names) {
    const std::size_t before_variable = name.rfind('.');
    const std::size_t start = before_variable == 0 ? std::string::npos : name.rfind('.', before_variable - 1);
    const std::string pattern = start == std::string::npos ? name : name.substr(start + 1);
    if (seen.insert(pattern).second) all.push_back(pattern);
  }
  std::copy_if(names.begin(), names.end(), std::back_inserter(all),
               [&](const auto& n) { return seen.insert(n).second; });
  return all;
}

[[noreturn]] void fail_unmatched(const circuit& c, const trace_description& trace, const std::string& pattern) {
  constexpr std::size_t enough = 20;
  std::vector<std::string> likely = likely_patterns(recordable_names(c));
  const std::string nearest = nearest_name(pattern, likely);
  const bool more = likely.size() > enough;
  if (more) likely.resize(enough);
  throw usage_error(trace.at, fmt::format("trace: nothing is called \"{}\"{} (known: {}{})", pattern,
                                          nearest.empty() ? "" : fmt::format(": did you mean \"{}\"?", nearest),
                                          fmt::join(likely, ", "), more ? ", ..." : ""));
}

}  // namespace

bool matches(std::string_view name, std::string_view pattern) {
  // Greedy with one step back: a later star makes an earlier one's choice irrelevant.
  std::size_t n = 0, p = 0, star = std::string_view::npos, resume = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

std::vector<std::string> recordable_names(const circuit& c) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < c.populations.size(); ++i) {
    for (std::size_t f = 0; f < c.populations[i].model->fields.size(); ++f) names.push_back(c.name_of(output_id{i, f}));
  }
  for (const projection& p : c.projections) {
    if (p.synapse != nullptr) names.push_back(theta_of(p));
  }
  return names;
}

trace_selection select_recorded(const circuit& c, const trace_description& trace) {
  pattern_list patterns(trace.record);
  trace_selection chosen;
  for (std::size_t i = 0; i < c.populations.size(); ++i) {
    for (std::size_t f = 0; f < c.populations[i].model->fields.size(); ++f) {
      if (patterns.take(c.name_of(output_id{i, f}))) chosen.fields.push_back({i, f});
    }
  }
  for (std::size_t i = 0; i < c.projections.size(); ++i) {
    const projection& p = c.projections[i];
    if (p.synapse != nullptr && patterns.take(theta_of(p))) chosen.projections.push_back(i);
  }
  if (const std::string* unused = patterns.unused()) fail_unmatched(c, trace, *unused);
  return chosen;
}

}  // namespace locus
