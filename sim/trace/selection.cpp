#include "sim/trace/selection.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/core/errors.hpp"
#include "sim/trace/synapse_ends.hpp"

namespace locus {

namespace {

std::vector<bool> choose_neurons(const circuit& c, output_id field, const std::vector<index_list>& brackets) {
  if (brackets.size() > 1) throw run_error("expected one pair of brackets: the neurons");
  return brackets[0].chosen(c.populations[field.population].shape, "neuron");
}

/// theta[post] and theta[post][pre].
std::vector<bool> choose_synapses(const circuit& c, const projection& p, const std::vector<index_list>& brackets) {
  const synapse_ends ends = ends_of(c, p);
  const std::vector<bool> post = brackets[0].chosen(c.populations[p.to.population].shape, "postsynaptic neuron");
  std::vector<bool> pre(c.size_before(p), true);
  if (brackets.size() == 2) pre = brackets[1].chosen(c.populations[p.from.population].shape, "presynaptic neuron");
  std::vector<bool> all(ends.source.size());
  for (std::size_t k = 0; k < all.size(); ++k) all[k] = post[ends.target[k]] && pre[ends.source[k]];
  return all;
}

/// The neurons or synapses of a variable that a pattern's brackets choose.
std::vector<bool> chosen_by(const variable_pattern& p, const circuit& c, const recorded_variable& v) {
  if (p.brackets.empty()) return std::vector<bool>(v.total, true);
  return v.projection ? choose_synapses(c, c.projections[*v.projection], p.brackets)
                      : choose_neurons(c, v.field, p.brackets);
}

/// A list of patterns, and which of them have chosen something.
class pattern_list {
 public:
  pattern_list(const std::vector<std::string>& patterns, const source_position& at) : used_(patterns.size()), at_(at) {
    for (const std::string& text : patterns) {
      explained(text, "", [&] { patterns_.push_back(read_pattern(text)); });
    }
  }

  /// Whether a pattern is about a variable.
  [[nodiscard]] bool means(const variable_identity& variable) const {
    return std::ranges::any_of(patterns_, [&](const variable_pattern& p) { return p.means(variable); });
  }

  /// Which neurons or synapses of a variable are chosen; nothing: no pattern is about it.
  std::optional<std::vector<std::uint32_t>> take(const circuit& c, const recorded_variable& v) {
    const variable_identity identity = identity_of(c, v);
    std::vector<bool> all(v.total);
    bool meant = false;
    for (std::size_t i = 0; i < patterns_.size(); ++i) {
      if (!patterns_[i].means(identity)) continue;
      std::vector<bool> chosen;
      explained(patterns_[i].text, " of " + identity.full_name(), [&] { chosen = chosen_by(patterns_[i], c, v); });
      meant = true;
      used_[i] = used_[i] || v.total == 0;
      for (std::size_t k = 0; k < v.total; ++k) {
        if (!chosen[k]) continue;
        all[k] = true;
        used_[i] = true;
      }
    }
    std::vector<std::uint32_t> indices;
    for (std::size_t k = 0; k < v.total; ++k) {
      if (all[k]) indices.push_back(static_cast<std::uint32_t>(k));
    }
    if (!meant || (indices.empty() && v.total > 0)) return std::nullopt;
    return indices;
  }

  /// Throws usage_error for the first pattern that chose nothing.
  void check(const circuit& c) const {
    const auto found = std::find(used_.begin(), used_.end(), false);
    if (found == used_.end()) return;
    const variable_pattern& unused = patterns_[static_cast<std::size_t>(found - used_.begin())];
    std::vector<variable_identity> known;
    for (const recorded_variable& v : recordable_variables(c)) known.push_back(identity_of(c, v));
    if (std::any_of(known.begin(), known.end(), [&](const auto& v) { return unused.means(v); })) {
      throw usage_error(at_, fmt::format("trace: \"{}\" chooses no neuron or synapse", unused.text));
    }
    throw usage_error(
        at_, fmt::format("trace: nothing is called \"{}\"{}", unused.name, known_patterns(unused.name, known)));
  }

 private:
  /// f(), whose errors are about a pattern.
  template <class F>
  void explained(const std::string& text, const std::string& of, F&& f) const {
    try {
      f();
    } catch (const run_error& e) {
      throw usage_error(at_, fmt::format("trace: \"{}\"{}: {}", text, of, e.what()));
    }
  }

  std::vector<variable_pattern> patterns_;
  std::vector<bool> used_;
  const source_position& at_;
};

}  // namespace

variable_identity identity_of(const circuit& c, const recorded_variable& v) {
  if (v.projection) {
    const projection& p = c.projections[*v.projection];
    const std::string field = v.synapse_field == 0 ? "theta" : p.synapse->state[v.synapse_field].name;
    return {p.name, field, std::string(p.synapse->info.name), true};
  }
  const population& p = c.populations[v.field.population];
  return {p.name, std::string(p.model->fields[v.field.field].name), std::string(p.model->info.name), false};
}

std::vector<recorded_variable> recordable_variables(const circuit& c) {
  std::vector<recorded_variable> all;
  for (std::size_t i = 0; i < c.populations.size(); ++i) {
    for (std::size_t f = 0; f < c.populations[i].model->fields.size(); ++f) {
      all.push_back({.field = {i, f}, .total = c.populations[i].size});
    }
  }
  for (std::size_t i = 0; i < c.projections.size(); ++i) {
    const projection& p = c.projections[i];
    if (p.synapse == nullptr) continue;
    all.push_back({.projection = i, .per_lane = false, .total = c.weights(p)});
    for (std::size_t f = 1; p.learns() && f < p.synapse->state.size(); ++f) {
      all.push_back({.projection = i,
                     .synapse_field = f,
                     .per_lane = p.synapse->state[f].per_lane && c.lanes > 1,
                     .total = c.weights(p)});
    }
  }
  return all;
}

bool records_synapses(const circuit& c, const trace_description& trace) {
  if (trace.messages) return true;
  const pattern_list on_change(trace.on_change, trace.at), record(trace.record, trace.at);
  return std::ranges::any_of(recordable_variables(c), [&](const recorded_variable& v) {
    return v.projection && (on_change.means(identity_of(c, v)) || record.means(identity_of(c, v)));
  });
}

std::vector<recorded_variable> select_recorded(const circuit& c, const trace_description& trace) {
  pattern_list on_change(trace.on_change, trace.at), record(trace.record, trace.at);
  std::vector<recorded_variable> chosen;
  for (recorded_variable& v : recordable_variables(c)) {
    const auto changes = on_change.take(c, v), frames = record.take(c, v);
    if (!changes && !frames) continue;
    v.on_change = changes.has_value();
    if (v.on_change && v.projection && v.per_lane)
      throw usage_error(trace.at, fmt::format("trace.on_change: \"{}\" differs from lane to lane: record it in frames "
                                              "(trace.record)",
                                              identity_of(c, v).full_name()));
    v.indices = changes ? *changes : *frames;
    chosen.push_back(std::move(v));
  }
  for (const pattern_list* list : {&record, &on_change}) list->check(c);
  return chosen;
}

}  // namespace locus
