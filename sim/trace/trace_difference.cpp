#include "sim/trace/trace_difference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <sstream>

#include "sim/core/bits.hpp"
#include "sim/trace/value_stream.hpp"

namespace locus {

namespace {

/// Where the numbers of a variable are that both traces have.
struct shared_columns {
  const trace_variable* a = nullptr;
  const trace_variable* b = nullptr;
  std::vector<std::pair<std::size_t, std::size_t>> columns;  ///< of a, of b
  std::uint32_t lanes = 0;
};

/// Neuron, or postsynaptic and presynaptic neuron.
std::pair<std::uint32_t, std::uint32_t> entity(const trace_variable& v, std::size_t column) {
  return {v.neurons[column], !v.weights ? 0 : v.sources[column]};
}

shared_columns share(const chosen_columns& a, const chosen_columns& b) {
  shared_columns shared{a.variable, b.variable, {}, std::min(a.variable->lanes, b.variable->lanes)};
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::size_t> there;
  for (const std::size_t k : b.columns) there.emplace(entity(*b.variable, k), k);
  for (const std::size_t k : a.columns) {
    if (const auto found = there.find(entity(*a.variable, k)); found != there.end()) {
      shared.columns.emplace_back(k, found->second);
    }
  }
  return shared;
}

/// The ticks at which the values of both are known, one after the other. A list of changes holds values at all ticks.
class shared_ticks {
 public:
  shared_ticks(const shared_columns& s, value_stream& a, value_stream& b) : variables_(s), a_(a), b_(b) {}

  std::optional<tick_t> next() {
    const bool both_frames =
        variables_.a->storage == trace_storage::frames && variables_.b->storage == trace_storage::frames;
    while (true) {
      const std::optional<tick_t> a = a_.next(tick_), b = b_.next(tick_);
      if (variables_.a->storage != variables_.b->storage) {
        const auto frame = variables_.a->storage == trace_storage::frames ? a : b;
        if (frame) tick_ = *frame;
        return frame;
      }
      if (both_frames && (!a || !b)) return std::nullopt;
      if (!a && !b) return std::nullopt;
      if (both_frames && *a != *b) {
        tick_ = std::max(*a, *b) - 1;
        continue;
      }
      tick_ = std::min(a.value_or(std::numeric_limits<tick_t>::max()), b.value_or(std::numeric_limits<tick_t>::max()));
      return tick_;
    }
  }

 private:
  const shared_columns& variables_;
  value_stream& a_;
  value_stream& b_;
  tick_t tick_ = never;
};

variable_comparison compare_values(const trace_reader& a, const trace_reader& b, const shared_columns& s) {
  variable_comparison result;
  result.name = s.a->full_name();
  const bool single = a.facts().precision == precision::f32 || b.facts().precision == precision::f32;
  value_stream from_a(a, *s.a), from_b(b, *s.b), ahead_a(a, *s.a), ahead_b(b, *s.b);
  shared_ticks ticks(s, ahead_a, ahead_b);
  while (const std::optional<tick_t> tick = ticks.next()) {
    const std::span<const double> va = from_a.at(*tick), vb = from_b.at(*tick);
    ++result.ticks;
    for (const auto& [ka, kb] : s.columns) {
      for (std::uint32_t lane = 0; lane < s.lanes; ++lane) {
        const double x = va[ka * s.a->lanes + lane], y = vb[kb * s.b->lanes + lane];
        ++result.values;
        if (same_bits(x, y)) continue;
        ++result.differing;
        result.largest = std::max(result.largest, std::abs(x - y));
        if (!result.first) {
          result.first = {*tick, s.a->column_name(ka), lane, x, y, ulp_distance(x, y, single)};
        }
      }
    }
  }
  return result;
}

std::set<std::string> lines_of(const std::string& text) {
  std::set<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.insert(line);
  return lines;
}

void compare_settings(const trace_facts& a, const trace_facts& b, std::vector<std::string>& notes) {
  constexpr std::size_t most_lines = 12;
  const auto compare = [&](const char* what, const auto& x, const auto& y) {
    if (x != y) notes.push_back(fmt::format("{}: {} | {}", what, x, y));
  };
  compare("precision", name_of(a.precision), name_of(b.precision));
  compare("program", a.version, b.version);
  compare("seed", a.seed, b.seed);
  if (a.netlist == b.netlist) return;
  const std::set<std::string> in_a = lines_of(a.netlist), in_b = lines_of(b.netlist);
  std::size_t lines = 0;
  const auto only = [&](const std::set<std::string>& here, const std::set<std::string>& there, const char* name) {
    for (const std::string& line : here) {
      if (there.count(line) == 0 && lines++ < most_lines)
        notes.push_back(fmt::format("netlist, only {}: {}", name, line));
    }
  };
  only(in_a, in_b, "A");
  only(in_b, in_a, "B");
  if (lines > most_lines) notes.push_back(fmt::format("netlist: {} more lines differ", lines - most_lines));
  if (lines == 0) notes.push_back("netlist: the same lines in another order");
}

void compare_events(const trace_reader& a, const trace_reader& b, std::vector<std::string>& different) {
  constexpr std::size_t most = 10'000'000;
  for (const spike_list_info& list : a.spikes()) {
    const auto other = std::find_if(b.spikes().begin(), b.spikes().end(),
                                    [&](const spike_list_info& l) { return l.group == list.group; });
    if (other == b.spikes().end()) continue;  // the variable is missing too, which is said of it
    const tick_t from = std::max(a.extent().first, b.extent().first);
    const tick_t until = std::min(a.extent().second, b.extent().second);
    const std::vector<spike_event> x = read_spikes(a, list.group, from, until, most);
    const std::vector<spike_event> y = read_spikes(b, list.group, from, until, most);
    if (x == y) continue;
    const auto [p, q] = std::mismatch(x.begin(), x.end(), y.begin(), y.end());
    const bool from_a = q == y.end() || (p != x.end() && std::tuple(p->tick, p->neuron, p->lane) <
                                                             std::tuple(q->tick, q->neuron, q->lane));
    const spike_event& e = from_a ? *p : *q;
    different.push_back(fmt::format("events of {}: {} | {}; the first that only {} has: tick {}, neuron {}, lane {}",
                                    list.group, x.size(), y.size(), from_a ? "A" : "B", e.tick, e.neuron, e.lane));
  }
}

void compare_extents(const trace_reader& a, const trace_reader& b, std::vector<std::string>& different) {
  const auto text = [](const trace_reader& t) {
    if (t.frames().empty()) return fmt::format("no frames, ticks {} to {}", t.extent().first, t.extent().second - 1);
    return fmt::format("{} frames, ticks {} to {}", t.frames().size(), t.frames().front(), t.frames().back());
  };
  const bool same = a.frames().empty() || b.frames().empty() ? a.extent() == b.extent() : a.frames() == b.frames();
  if (!same) different.push_back(fmt::format("length: {} | {}", text(a), text(b)));
}

}  // namespace

const value_difference* trace_comparison::first() const noexcept {
  const value_difference* earliest = nullptr;
  for (const variable_comparison& v : variables) {
    if (v.first && (earliest == nullptr || v.first->tick < earliest->tick)) earliest = &*v.first;
  }
  return earliest;
}

trace_comparison compare_traces(const trace_reader& a, const trace_reader& b,
                                const std::vector<std::string>& patterns) {
  trace_comparison result;
  compare_settings(a.facts(), b.facts(), result.notes);
  compare_extents(a, b, result.different);
  const std::vector<chosen_columns> in_a = choose_columns(a, patterns), in_b = choose_columns(b, patterns);
  const auto find = [](const std::vector<chosen_columns>& all, const std::string& name) {
    return std::find_if(all.begin(), all.end(), [&](const auto& c) { return c.variable->full_name() == name; });
  };
  for (const chosen_columns& c : in_b) {
    const std::string name = c.variable->full_name();
    if (find(in_a, name) == in_a.end()) result.different.push_back(fmt::format("only B recorded {}", name));
  }
  for (const chosen_columns& c : in_a) {
    const std::string name = c.variable->full_name();
    const auto other = find(in_b, name);
    if (other == in_b.end()) {
      result.different.push_back(fmt::format("only A recorded {}", name));
      continue;
    }
    const shared_columns shared = share(c, *other);
    if (shared.columns.size() != c.columns.size() || shared.columns.size() != other->columns.size()) {
      result.different.push_back(fmt::format("columns of {}: {} | {}, {} of them in both", name, c.columns.size(),
                                             other->columns.size(), shared.columns.size()));
    }
    if (c.variable->lanes != other->variable->lanes) {
      result.different.push_back(fmt::format("lanes of {}: {} | {}", name, c.variable->lanes, other->variable->lanes));
    }
    result.variables.push_back(compare_values(a, b, shared));
  }
  if (patterns.empty()) compare_events(a, b, result.different);
  return result;
}

}  // namespace locus
