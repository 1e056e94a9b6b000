#include "tools/locus/sweep_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "sim/core/errors.hpp"
#include "sim/core/printable.hpp"

namespace locus::tools {

namespace {

using sweep::spread;

/// How people read a measure.
struct reading {
  std::string head;
  int decimals = 0;  ///< 0: four digits wherever the point is
  double factor = 1;

  [[nodiscard]] std::string text(double value) const {
    return decimals == 0 ? fmt::format("{:.4g}", factor * value) : fmt::format("{:.{}f}", factor * value, decimals);
  }
};

reading reading_of(const std::string& measure) {
  if (measure == "test_loss") return {"test loss"};
  if (measure == "train_accuracy") return {"train %", 2, 100};
  if (measure == "test_accuracy") return {"test %", 2, 100};
  if (measure == "train_r2") return {"train R2", 4};
  if (measure == "test_r2") return {"test R2", 4};
  return {measure};
}

std::string spread_text(const spread& s, const reading& r, bool sign) {
  if (s.count == 0) return "-";
  const std::string text = (sign && s.mean > 0 ? "+" : "") + r.text(s.mean);
  return s.count < 2 ? text : fmt::format("{} ± {}", text, r.text(s.sd));
}

void add_values(std::vector<std::string>& row, const sweep::cell_grid& grid, const std::vector<std::size_t>& places) {
  for (std::size_t k = 0; k < grid.axes.size(); ++k) row.push_back(grid.axes[k].values[places[k]]);
}

void add_keys(std::vector<std::string>& row, const sweep::cell_grid& grid) {
  for (const sweep::axis& a : grid.axes) row.push_back(a.key);
}

/// Keys and values are whatever a file says they are.
text_table for_terminals(text_table rows) {
  for (std::vector<std::string>& row : rows) {
    for (std::string& entry : row) entry = printable(entry);
  }
  return rows;
}

}  // namespace

text_table score_table(const sweep::results& all, const sweep::summary& s) {
  const sweep::cell_grid& grid = all.asked.grid;
  const std::vector<std::size_t> shown = sweep::measured(s);
  const bool failures =
      std::any_of(s.settings.begin(), s.settings.end(), [](const auto& each) { return each.failed > 0; });
  text_table rows(1);
  add_keys(rows[0], grid);
  rows[0].emplace_back("runs");
  if (failures) rows[0].emplace_back("failed");
  for (const std::size_t m : shown) rows[0].push_back(reading_of(s.measures[m]).head);
  for (const sweep::setting_summary& each : s.settings) {
    std::vector<std::string>& row = rows.emplace_back();
    add_values(row, grid, each.places);
    row.push_back(fmt::format("{}", each.done));
    if (failures) row.push_back(each.failed == 0 ? "" : fmt::format("{}", each.failed));
    for (const std::size_t m : shown) row.push_back(spread_text(each.scores[m], reading_of(s.measures[m]), false));
  }
  return for_terminals(std::move(rows));
}

text_table difference_table(const sweep::results& all, const sweep::summary& s) {
  const sweep::cell_grid& grid = all.asked.grid;
  const std::vector<std::size_t> shown = sweep::measured(s);
  text_table rows(1);
  add_keys(rows[0], grid);
  rows[0].emplace_back("pairs");
  for (const std::size_t m : shown) rows[0].push_back(reading_of(s.measures[m]).head);
  for (const sweep::setting_summary& each : s.settings) {
    if (!each.base) continue;
    std::vector<std::string>& row = rows.emplace_back();
    add_values(row, grid, each.places);
    std::size_t pairs = 0;
    for (const std::size_t m : shown) pairs = std::max(pairs, each.differences[m].count);
    row.push_back(fmt::format("{}", pairs));
    for (const std::size_t m : shown) row.push_back(spread_text(each.differences[m], reading_of(s.measures[m]), true));
  }
  return for_terminals(std::move(rows));
}

std::size_t measure_named(const sweep::summary& s, const std::string& name) {
  std::vector<std::string> known;
  for (const std::size_t m : sweep::measured(s)) {
    if (s.measures[m] == name || reading_of(s.measures[m]).head == name) return m;
    known.push_back(s.measures[m]);
  }
  throw usage_error(fmt::format("--score {}: no cell has it{}", name, known.empty() ? "" : suggestion(name, known)));
}

}  // namespace locus::tools
