#include "tools/bench/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/core/errors.hpp"

namespace locus::bench {

using nlohmann::json;

namespace {

const target* target_named(std::string_view key) {
  if (key.empty()) return nullptr;
  const target* t = find_target(key);
  if (t == nullptr) throw internal_error(fmt::format("no target is called \"{}\"", key));
  return t;
}

}  // namespace

void measure(table& out, const std::vector<measured>& all, const std::string& unit, const pace& p, clock_kind clock) {
  std::vector<contestant> contestants;
  contestants.reserve(all.size());
  for (const measured& m : all) contestants.push_back(m.who);
  const std::vector<std::vector<timing>> timings = alternate(contestants, p);
  for (std::size_t i = 0; i < all.size(); ++i) {
    quantity cost{unit, {}, nullptr};
    for (const timing& t : timings[i])
      cost.rounds.push_back(all[i].scale * (clock == clock_kind::cpu ? t.cpu : t.wall));
    out.rows.push_back({all[i].who.name, {std::move(cost)}, timings[i], {}});
  }
}

void judge(row& r, std::string_view key) { r.quantities.front().judged = target_named(key); }

namespace {

void add_quotient(row& r, const std::vector<double>& above, const std::vector<double>& below, double factor,
                  const std::string& unit, std::string_view key) {
  quantity q{unit, {}, target_named(key)};
  for (std::size_t i = 0; i < above.size(); ++i) q.rounds.push_back(factor * above[i] / below[i]);
  r.quantities.push_back(std::move(q));
}

}  // namespace

void add_ratio(row& r, const row& other, const std::string& unit, std::string_view key) {
  add_quotient(r, r.cost(), other.cost(), 1, unit, key);
}

void add_speedup(row& r, const row& other, const std::string& unit, std::string_view key) {
  add_quotient(r, other.cost(), r.cost(), 1, unit, key);
}

void add_share(row& r, const row& other, const std::string& unit, std::string_view key) {
  add_quotient(r, other.cost(), r.cost(), 100, unit, key);
}

void add_rate(row& r, const std::string& unit, double factor) {
  quantity q{unit, {}, nullptr};
  for (const double cost : r.cost()) q.rounds.push_back(factor / cost);
  r.quantities.push_back(std::move(q));
}

std::string text_of(const quantity& q) {
  const spread s = spread_of(q.rounds);
  std::string text = fmt::format("{:.4g} {} ({:.4g} .. {:.4g})", s.median, q.unit, s.low, s.high);
  if (q.judged == nullptr) return text;
  const char* side = q.judged->side == bound::at_most ? "<=" : ">=";
  return text + fmt::format("  {} {}: {}", side, q.judged->value, q.met() ? "ok" : "NOT MET");
}

void print_table(std::FILE* out, const table& t, verdicts& found) {
  fmt::print(out, "\n{}\n", t.title);
  std::size_t width = 0;
  for (const row& r : t.rows) width = std::max(width, r.name.size());
  for (const row& r : t.rows) {
    std::string_view name = r.name;
    for (const quantity& q : r.quantities) {
      fmt::print(out, "  {:<{}}  {}\n", name, width, text_of(q));
      name = "";
      if (q.judged == nullptr) continue;
      (q.met() ? found.met : found.missed)
          .push_back(
              fmt::format("{}; {}: {:.4g}, target {}", t.title, r.name, spread_of(q.rounds).median, q.judged->text()));
    }
    if (r.facts.empty()) continue;
    fmt::print(out, "  {:<{}} ", "", width);
    for (const auto& [what, number] : r.facts) fmt::print(out, " {}: {:.6g};", what, number);
    fmt::print(out, "\n");
  }
  for (const std::string& note : t.notes) fmt::print(out, "  ({})\n", note);
  std::fflush(out);
}

json json_of(const target& t) {
  return {{"key", t.key},
          {"what", t.what},
          {"bound", t.side == bound::at_most ? "at most" : "at least"},
          {"value", t.value},
          {"unit", t.unit}};
}

namespace {

json json_of(const quantity& q) {
  const spread s = spread_of(q.rounds);
  json j = {{"unit", q.unit}, {"rounds", q.rounds}, {"median", s.median}, {"low", s.low},
            {"high", s.high}, {"min", s.min},       {"max", s.max}};
  if (q.judged == nullptr) return j;
  j["target"] = q.judged->key;
  j["met"] = q.met();
  return j;
}

json json_of(const row& r) {
  json j = {{"name", r.name}, {"quantities", json::array()}, {"facts", json::object()}};
  for (const quantity& q : r.quantities) j["quantities"].push_back(json_of(q));
  for (const auto& [what, number] : r.facts) j["facts"][what] = number;
  for (const timing& t : r.timings) {
    j["wall_s"].push_back(t.wall);
    j["cpu_s"].push_back(t.cpu);
  }
  return j;
}

}  // namespace

json json_of(const table& t) {
  json j = {{"title", t.title}, {"notes", t.notes}, {"rows", json::array()}};
  for (const row& r : t.rows) j["rows"].push_back(json_of(r));
  return j;
}

}  // namespace locus::bench
