#include "sim/sweep/tables.hpp"

#include <fmt/format.h>

#include <cmath>

namespace locus::sweep {

namespace {

constexpr const char* state_names[] = {"missing", "done", "failed", "died"};

std::string number_text(double value) { return std::isnan(value) ? "" : fmt::format("{}", value); }

void add_keys(std::vector<std::string>& row, const cell_grid& grid) {
  for (const axis& a : grid.axes) row.push_back(a.key);
}

void add_values(std::vector<std::string>& row, const cell_grid& grid, const std::vector<std::size_t>& places) {
  for (std::size_t k = 0; k < grid.axes.size(); ++k) row.push_back(grid.axes[k].values[places[k]]);
}

}  // namespace

text_table cell_table(const results& all) {
  const cell_grid& grid = all.asked.grid;
  const std::vector<std::string> measures = measures_with(all.asked.reports);
  text_table rows = {{"cell"}};
  std::vector<std::string>& head = rows.front();
  add_keys(head, grid);
  if (!grid.seeds.empty()) head.emplace_back("seed");
  head.insert(head.end(), {"state", "message", "weights_sha256", "seconds", "epochs"});
  for (const named_count& c : all_counts) head.emplace_back(c.name);
  head.insert(head.end(), measures.begin(), measures.end());
  for (std::size_t n = 0; n < all.cells.size(); ++n) {
    const cell_result& cell = all.cells[n];
    std::vector<std::string>& row = rows.emplace_back();
    row.push_back(fmt::format("{}", n));
    add_values(row, grid, grid.places(n));
    if (const auto seed = grid.seed(n)) row.push_back(fmt::format("{}", *seed));
    const bool done = cell.state == cell_state::done;
    row.insert(row.end(),
               {state_names[static_cast<std::size_t>(cell.state)], cell.message, cell.weights_sha256,
                done ? fmt::format("{:.3f}", cell.seconds) : "", done ? fmt::format("{}", cell.epochs) : ""});
    for (const named_count& c : all_counts) row.push_back(done ? fmt::format("{}", cell.counts.*c.value) : "");
    for (std::size_t m = 0; m < measures.size(); ++m) row.push_back(done ? number_text(cell.last(m)) : "");
  }
  return rows;
}

text_table summary_table(const results& all, const summary& s) {
  const cell_grid& grid = all.asked.grid;
  const std::vector<std::size_t> shown = measured(s);
  const bool compared = !s.against.empty();
  text_table rows(1);
  std::vector<std::string>& head = rows.front();
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
  for (const setting_summary& each : s.settings) {
    std::vector<std::string>& row = rows.emplace_back();
    add_values(row, grid, each.places);
    row.insert(row.end(), {fmt::format("{}", each.done), fmt::format("{}", each.failed)});
    const auto add = [&](const std::vector<spread>& of) {
      for (const std::size_t m : shown) {
        const spread one = of.empty() ? spread_of({}) : of[m];
        row.insert(row.end(), {number_text(one.mean), number_text(one.sd), fmt::format("{}", one.count)});
      }
    };
    add(each.scores);
    if (compared) add(each.differences);
  }
  return rows;
}

}  // namespace locus::sweep
