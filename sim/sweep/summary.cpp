#include "sim/sweep/summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/core/errors.hpp"

namespace locus::sweep {

namespace {

/// The places that "KEY=VALUE" fix, one an axis; nothing: as the setting's own.
std::vector<std::optional<std::size_t>> fixed_places(const cell_grid& grid, const std::vector<std::string>& against) {
  std::vector<std::optional<std::size_t>> fixed(grid.axes.size());
  std::vector<std::string> keys;
  for (const axis& a : grid.axes) keys.push_back(a.key);
  for (const std::string& text : against) {
    const setting wanted = parse_setting(text, "against");
    const auto key = std::find(keys.begin(), keys.end(), wanted.key);
    if (key == keys.end()) {
      throw usage_error(fmt::format("--against {}: the sweep does not vary \"{}\"{}", text, wanted.key,
                                    keys.empty() ? "" : suggestion(wanted.key, keys)));
    }
    const auto k = static_cast<std::size_t>(key - keys.begin());
    const std::vector<std::string>& values = grid.axes[k].values;
    const auto value = std::find_if(values.begin(), values.end(), [&](const std::string& v) {
      const std::vector<double> both = numbers_in({v, wanted.value});  // 1e-2 is 0.01
      return v == wanted.value || (!both.empty() && both[0] == both[1]);
    });
    if (value == values.end()) {
      throw usage_error(fmt::format("--against {}: {} is no value of {}{}", text, wanted.value, wanted.key,
                                    suggestion(wanted.value, values)));
    }
    if (fixed[k]) throw usage_error(fmt::format("--against {}: {} has one value already", text, wanted.key));
    fixed[k] = static_cast<std::size_t>(value - values.begin());
  }
  return fixed;
}

/// Differences of the cells that are done with both, seed by seed.
std::vector<double> paired(const results& all, std::size_t cell, std::size_t base, std::size_t measure) {
  std::vector<double> differences;
  for (std::size_t n = 0; n < all.asked.grid.replicates(); ++n) {
    const cell_result &a = all.cells[cell + n], &b = all.cells[base + n];
    if (a.state == cell_state::done && b.state == cell_state::done) {
      differences.push_back(a.last(measure) - b.last(measure));
    }
  }
  return differences;
}

}  // namespace

spread spread_of(const std::vector<double>& numbers) {
  spread s;
  double sum = 0, squares = 0;
  for (const double x : numbers) {
    if (!std::isfinite(x)) continue;
    sum += x;
    ++s.count;
  }
  const auto count = static_cast<double>(s.count);
  s.mean = s.count == 0 ? std::nan("") : sum / count;
  for (const double x : numbers) {
    if (std::isfinite(x)) squares += (x - s.mean) * (x - s.mean);
  }
  s.sd = s.count < 2 ? std::nan("") : std::sqrt(squares / (count - 1));
  return s;
}

summary summarise(const results& all, const std::vector<std::string>& against) {
  const cell_grid& grid = all.asked.grid;
  const std::vector<std::optional<std::size_t>> fixed = fixed_places(grid, against);
  summary out;
  out.measures = measures_with(all.asked.reports);
  for (std::size_t k = 0; k < fixed.size(); ++k) {
    if (fixed[k]) out.against.push_back({grid.axes[k].key, {grid.axes[k].values[*fixed[k]]}});
  }
  for (std::size_t n = 0; n < grid.settings(); ++n) {
    const std::size_t first = n * grid.replicates();
    setting_summary& s = out.settings.emplace_back();
    s.places = grid.places(first);
    std::vector<std::size_t> of_base = s.places;
    for (std::size_t k = 0; k < fixed.size(); ++k) of_base[k] = fixed[k].value_or(of_base[k]);
    const std::size_t base = grid.cell_at(of_base);
    if (!against.empty() && base != first) s.base = base / grid.replicates();
    for (std::size_t cell = first; cell < first + grid.replicates(); ++cell) {
      const cell_state state = all.cells[cell].state;
      if (state == cell_state::done) ++s.done;
      else if (state != cell_state::missing) ++s.failed;
    }
    for (std::size_t m = 0; m < out.measures.size(); ++m) {
      std::vector<double> scores;
      for (std::size_t cell = first; cell < first + grid.replicates(); ++cell) {
        if (all.cells[cell].state == cell_state::done) scores.push_back(all.cells[cell].last(m));
      }
      s.scores.push_back(spread_of(scores));
      if (s.base) s.differences.push_back(spread_of(paired(all, first, base, m)));
    }
  }
  return out;
}

std::vector<std::size_t> measured(const summary& s) {
  std::vector<std::size_t> some;
  for (std::size_t m = 0; m < s.measures.size(); ++m) {
    if (std::any_of(s.settings.begin(), s.settings.end(),
                    [m](const setting_summary& each) { return each.scores[m].count > 0; })) {
      some.push_back(m);
    }
  }
  return some;
}

std::optional<std::size_t> main_measure(const summary& s) {
  const std::vector<std::size_t> some = measured(s);
  const auto rank = [&](std::size_t m) {
    const std::string& name = s.measures[m];
    const bool test = name.starts_with("test");
    const bool loss = name.ends_with("loss"), accuracy = name.ends_with("accuracy"), r2 = name.ends_with("r2");
    return (test ? 0 : 10) + (accuracy ? 0 : r2 ? 1 : loss ? 3 : 2);
  };
  const auto best = std::min_element(some.begin(), some.end(), [&](auto a, auto b) { return rank(a) < rank(b); });
  return best == some.end() ? std::nullopt : std::optional(*best);
}

}  // namespace locus::sweep
