#include "tools/locus/sweep_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "sim/core/errors.hpp"
#include "sim/core/printable.hpp"
#include "tools/locus/text.hpp"

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

std::string csv_number(double value) { return std::isnan(value) ? "" : fmt::format("{}", value); }

std::string csv_line(const std::vector<std::string>& fields) {
  std::string line;
  for (std::size_t k = 0; k < fields.size(); ++k) line += (k == 0 ? "" : ",") + csv_field(fields[k]);
  return line + "\n";
}

/// Keys and values are whatever a file says they are.
text_table for_terminals(text_table rows) {
  for (std::vector<std::string>& row : rows) {
    for (std::string& entry : row) entry = printable(entry);
  }
  return rows;
}

constexpr const char* state_names[] = {"missing", "done", "failed", "died"};

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

std::string cells_csv(const sweep::results& all) {
  const sweep::cell_grid& grid = all.asked.grid;
  const std::vector<std::string> measures = sweep::measures_with(all.asked.reports);
  std::vector<std::string> head = {"cell"};
  add_keys(head, grid);
  if (!grid.seeds.empty()) head.emplace_back("seed");
  head.insert(head.end(), {"state", "message", "weights_sha256", "seconds", "epochs"});
  for (const sweep::named_count& c : sweep::all_counts) head.emplace_back(c.name);
  head.insert(head.end(), measures.begin(), measures.end());
  std::string text = csv_line(head);
  for (std::size_t n = 0; n < all.cells.size(); ++n) {
    const sweep::cell_result& cell = all.cells[n];
    std::vector<std::string> row = {fmt::format("{}", n)};
    add_values(row, grid, grid.places(n));
    if (const auto seed = grid.seed(n)) row.push_back(fmt::format("{}", *seed));
    const bool done = cell.state == sweep::cell_state::done;
    row.insert(row.end(),
               {state_names[static_cast<std::size_t>(cell.state)], cell.message, cell.weights_sha256,
                done ? fmt::format("{:.3f}", cell.seconds) : "", done ? fmt::format("{}", cell.epochs) : ""});
    for (const sweep::named_count& c : sweep::all_counts) {
      row.push_back(done ? fmt::format("{}", cell.counts.*c.value) : "");
    }
    for (std::size_t m = 0; m < measures.size(); ++m) row.push_back(done ? csv_number(cell.last(m)) : "");
    text += csv_line(row);
  }
  return text;
}

std::string summary_csv(const sweep::results& all, const sweep::summary& s) {
  const sweep::cell_grid& grid = all.asked.grid;
  const std::vector<std::size_t> shown = sweep::measured(s);
  const bool compared = !s.against.empty();
  std::vector<std::string> head;
  add_keys(head, grid);
  head.insert(head.end(), {"done", "failed"});
  const auto add_heads = [&](const std::string& what) {
    for (const std::size_t m : shown) {
      const std::string name = s.measures[m] + what;
      head.insert(head.end(), {name + " mean", name + " sd", name + " n"});
    }
  };
  add_heads("");
  if (compared) add_heads(" difference");
  std::string text = csv_line(head);
  for (const sweep::setting_summary& each : s.settings) {
    std::vector<std::string> row;
    add_values(row, grid, each.places);
    row.insert(row.end(), {fmt::format("{}", each.done), fmt::format("{}", each.failed)});
    const auto add = [&](const std::vector<spread>& of) {
      for (const std::size_t m : shown) {
        const spread one = of.empty() ? sweep::spread_of({}) : of[m];
        row.insert(row.end(), {csv_number(one.mean), csv_number(one.sd), fmt::format("{}", one.count)});
      }
    };
    add(each.scores);
    if (compared) add(each.differences);
    text += csv_line(row);
  }
  return text;
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
