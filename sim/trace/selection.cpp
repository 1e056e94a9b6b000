#include "sim/trace/selection.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "sim/trace/index_list.hpp"
#include "sim/trace/synapse_ends.hpp"

namespace locus {

namespace {

std::string theta_of(const projection& p) { return p.name + ".theta"; }

/// A list of patterns, and which of them have chosen something.
class pattern_list {
 public:
  pattern_list(const std::vector<std::string>& patterns, const source_position& at) : used_(patterns.size()), at_(at) {
    for (const std::string& text : patterns) patterns_.push_back(read_pattern(text, at));
  }

  /// Which neurons or synapses of the variable of that name are chosen; nothing: no pattern is about it. `choose` says
  /// what the brackets of a pattern choose, as one flag an index.
  template <class Choose>
  std::optional<std::vector<std::uint32_t>> take(const std::string& name, std::size_t total, Choose&& choose) {
    std::vector<bool> all(total);
    bool meant = false;
    for (std::size_t i = 0; i < patterns_.size(); ++i) {
      const variable_pattern& p = patterns_[i];
      if (!matches(name, p.name) && !matches(name, "*." + p.name)) continue;
      const std::vector<bool> chosen = choose_at(p, name, total, choose);
      meant = true;
      used_[i] = used_[i] || total == 0;
      for (std::size_t k = 0; k < total; ++k) {
        if (!chosen[k]) continue;
        all[k] = true;
        used_[i] = true;
      }
    }
    std::vector<std::uint32_t> indices;
    for (std::size_t k = 0; k < total; ++k) {
      if (all[k]) indices.push_back(static_cast<std::uint32_t>(k));
    }
    if (!meant || (indices.empty() && total > 0)) return std::nullopt;
    return indices;
  }

  /// The first pattern that chose nothing, or null.
  [[nodiscard]] const variable_pattern* unused() const {
    const auto found = std::find(used_.begin(), used_.end(), false);
    return found == used_.end() ? nullptr : &patterns_[static_cast<std::size_t>(found - used_.begin())];
  }

 private:
  template <class Choose>
  std::vector<bool> choose_at(const variable_pattern& p, const std::string& name, std::size_t total, Choose&& choose) {
    if (p.brackets.empty()) return std::vector<bool>(total, true);
    try {
      return choose(p.brackets);
    } catch (const run_error& e) {
      throw usage_error(at_, fmt::format("trace: \"{}\" of {}: {}", p.text, name, e.what()));
    }
  }

  std::vector<variable_pattern> patterns_;
  std::vector<bool> used_;
  const source_position& at_;
};

std::vector<bool> choose_neurons(const circuit& c, output_id field, const std::vector<index_list>& brackets) {
  if (brackets.size() > 1) throw run_error("expected one pair of brackets: the neurons");
  return brackets[0].chosen(c.populations[field.population].size, "neuron");
}

/// theta[post] and theta[post][pre].
std::vector<bool> choose_synapses(const circuit& c, const projection& p, const std::vector<index_list>& brackets) {
  if (brackets.size() > 2) throw run_error("expected theta[postsynaptic] or theta[postsynaptic][presynaptic]");
  const synapse_ends ends = ends_of(c, p);
  const std::vector<bool> post = brackets[0].chosen(c.size_after(p), "postsynaptic neuron");
  std::vector<bool> pre(c.size_before(p), true);
  if (brackets.size() == 2) pre = brackets[1].chosen(c.size_before(p), "presynaptic neuron");
  std::vector<bool> all(ends.source.size());
  for (std::size_t k = 0; k < all.size(); ++k) all[k] = post[ends.target[k]] && pre[ends.source[k]];
  return all;
}

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

[[noreturn]] void fail_unmatched(const circuit& c, const trace_description& trace, const variable_pattern& pattern) {
  constexpr std::size_t enough = 20;
  const std::vector<std::string> names = recordable_names(c);
  const bool known = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return matches(name, pattern.name) || matches(name, "*." + pattern.name);
  });
  if (known) throw usage_error(trace.at, fmt::format("trace: \"{}\" chooses no neuron or synapse", pattern.text));
  std::vector<std::string> likely = likely_patterns(names);
  const std::string nearest = nearest_name(pattern.name, likely);
  const bool more = likely.size() > enough;
  if (more) likely.resize(enough);
  throw usage_error(trace.at, fmt::format("trace: nothing is called \"{}\"{} (known: {}{})", pattern.name,
                                          nearest.empty() ? "" : fmt::format(": did you mean \"{}\"?", nearest),
                                          fmt::join(likely, ", "), more ? ", ..." : ""));
}

/// Chooses for both lists of patterns.
class chooser {
 public:
  chooser(const circuit& c, const trace_description& trace)
      : circuit_(c), trace_(trace), on_change_(trace.on_change, trace.at), record_(trace.record, trace.at) {}

  template <class Choose>
  void take(recorded_variable v, std::size_t total, Choose&& choose) {
    const std::string name = name_of(circuit_, v);
    v.total = total;
    const auto changes = on_change_.take(name, total, choose);
    const auto frames = record_.take(name, total, choose);
    if (!changes && !frames) return;
    v.on_change = changes.has_value();
    v.indices = changes ? *changes : *frames;
    chosen.push_back(std::move(v));
  }

  void check() const {
    for (const pattern_list* list : {&record_, &on_change_}) {
      if (const variable_pattern* unused = list->unused()) fail_unmatched(circuit_, trace_, *unused);
    }
  }

  std::vector<recorded_variable> chosen;

 private:
  const circuit& circuit_;
  const trace_description& trace_;
  pattern_list on_change_;
  pattern_list record_;
};

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

std::string name_of(const circuit& c, const recorded_variable& v) {
  return v.projection ? theta_of(c.projections[*v.projection]) : c.name_of(v.field);
}

std::vector<recorded_variable> select_recorded(const circuit& c, const trace_description& trace) {
  chooser all(c, trace);
  for (std::size_t i = 0; i < c.populations.size(); ++i) {
    for (std::size_t f = 0; f < c.populations[i].model->fields.size(); ++f) {
      const output_id field{i, f};
      all.take({.field = field}, c.populations[i].size,
               [&](const auto& brackets) { return choose_neurons(c, field, brackets); });
    }
  }
  for (std::size_t i = 0; i < c.projections.size(); ++i) {
    const projection& p = c.projections[i];
    if (p.synapse == nullptr) continue;
    all.take({.projection = i}, c.connections(p),
             [&](const auto& brackets) { return choose_synapses(c, p, brackets); });
  }
  all.check();
  return std::move(all.chosen);
}

}  // namespace locus
