#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "sim/core/errors.hpp"
#include "tools/locus/gnuplot.hpp"
#include "tools/locus/sweep_report.hpp"
#include "tools/locus/trace/figure.hpp"

namespace locus::tools {

namespace {

constexpr std::size_t most_curves = 16;  ///< more cannot be told apart

/// How the horizontal axis is laid out.
struct abscissa {
  std::size_t axis = 0;         ///< its place in the grid
  std::vector<double> numbers;  ///< [value]; empty: names, at 0, 1, ...
  bool logarithmic = false;

  [[nodiscard]] double at(std::size_t place) const {
    return numbers.empty() ? static_cast<double>(place) : numbers[place];
  }
};

/// The axis with most numbers; without numbers, the one with most values.
abscissa choose(const sweep::cell_grid& grid) {
  abscissa best;
  std::size_t most = 0;
  for (const bool numeric : {true, false}) {
    for (std::size_t k = 0; k < grid.axes.size() && (numeric || best.numbers.empty()); ++k) {
      const std::vector<double> numbers = sweep::numbers_in(grid.axes[k].values);
      const std::size_t count = grid.axes[k].values.size();
      if (numbers.empty() == numeric || count <= most) continue;
      most = count;
      best = {k, numeric ? numbers : std::vector<double>(), false};
    }
    if (most > 1) break;
  }
  if (best.numbers.size() < 2) return best;
  const auto [low, high] = std::minmax_element(best.numbers.begin(), best.numbers.end());
  constexpr double wide = 20;
  best.logarithmic = *low > 0 && *high / *low >= wide;
  return best;
}

/// A curve: its name, and the settings on it in the order of the axis.
struct curve {
  std::string name;
  std::vector<std::pair<double, sweep::spread>> points;
};

std::vector<curve> curves_of(const sweep::results& all, const sweep::summary& s, std::size_t measure,
                             const abscissa& along) {
  const sweep::cell_grid& grid = all.asked.grid;
  std::vector<curve> curves;
  std::map<std::string, std::size_t> known;
  for (const sweep::setting_summary& each : s.settings) {
    std::vector<std::string> others;
    for (std::size_t k = 0; k < grid.axes.size(); ++k) {
      if (k == along.axis) continue;
      const std::string& key = grid.axes[k].key;
      const std::size_t others_varied = grid.axes.size() - 1;
      const std::string& value = grid.axes[k].values[each.places[k]];
      others.push_back(others_varied == 1 ? value : fmt::format("{} {}", key.substr(key.rfind('.') + 1), value));
    }
    const std::string name = fmt::format("{}", fmt::join(others, ", "));
    const auto [at, is_new] = known.emplace(name, curves.size());
    if (is_new) curves.push_back({name, {}});
    if (each.scores[measure].count == 0) continue;
    curves[at->second].points.emplace_back(along.at(each.places[along.axis]), each.scores[measure]);
  }
  for (curve& c : curves) {
    std::stable_sort(c.points.begin(), c.points.end(), [](auto& a, auto& b) { return a.first < b.first; });
  }
  return curves;
}

std::string label_of(const std::string& measure) {
  if (measure == "test_accuracy") return "test accuracy (%)";
  if (measure == "train_accuracy") return "training accuracy (%)";
  if (measure == "test_r2") return "test R²";
  if (measure == "train_r2") return "training R²";
  if (measure == "test_loss") return "test loss";
  return measure;
}

/// The range of the drawn numbers, with some room.
struct drawn_range {
  double low = std::numeric_limits<double>::infinity(), high = -low;

  void see(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  [[nodiscard]] std::string commands(const char* axis, bool logarithmic, double highest = INFINITY) const {
    constexpr double room = 0.05;
    double from = low, to = high;
    if (logarithmic) {
      const double factor = std::pow(high / low, room);
      from /= factor;
      to *= factor;
    } else {
      const double more = high > low ? room * (high - low) : std::max(std::abs(high), 1.0) * room;
      from -= more;
      to += more;
    }
    return fmt::format("set {}range [{:.8g}:{:.8g}] noextend\n", axis, from, std::min(to, std::max(high, highest)));
  }
};

/// The horizontal axis: its range, and its values where they are few.
std::string across(const abscissa& along, const sweep::axis& varied) {
  constexpr std::size_t few = 8;
  std::string commands = fmt::format("set xlabel {}\n", gnuplot_text(varied.key)), tics;
  if (along.logarithmic) commands += "set logscale x\nunset mxtics\n";
  drawn_range range;
  for (std::size_t k = 0; k < varied.values.size(); ++k) {
    range.see(along.at(k));
    const std::string label = along.numbers.empty() ? varied.values[k] : fmt::format("{:.3g}", along.numbers[k]);
    tics += fmt::format("{}{} {:.12g}", k == 0 ? "" : ", ", gnuplot_text(label), along.at(k));
  }
  if (along.numbers.empty() || varied.values.size() <= few) commands += fmt::format("set xtics ({})\n", tics);
  if (!along.numbers.empty()) return commands + range.commands("x", along.logarithmic);
  return commands + fmt::format("set xrange [-0.5:{}]\n", static_cast<double>(varied.values.size()) - 0.5);
}

/// "/a/b.toml" -> "b.toml"
std::string names_of(const std::vector<std::string>& files) {
  std::vector<std::string> names;
  names.reserve(files.size());
  for (const std::string& file : files) names.push_back(file.substr(file.rfind('/') + 1));
  return fmt::format("{}", fmt::join(names, ", "));
}

/// How a curve is drawn: eight colours, with other points from the fourth and the eighth on.
std::string style_of(std::size_t curve) {
  constexpr int points[] = {7, 5, 6, 4};
  return fmt::format("lt {} pt {} ps 1.1", curve % 8 + 1, points[curve / 4 % 4]);
}

}  // namespace

std::string sweep_picture(const sweep::results& all, const sweep::summary& s, std::size_t measure,
                          bool vector_graphics) {
  const sweep::cell_grid& grid = all.asked.grid;
  if (grid.axes.empty()) throw usage_error("--plot: nothing is varied, so that there is nothing to draw it over");
  const abscissa along = choose(grid);
  std::vector<curve> curves = curves_of(all, s, measure, along);
  const std::size_t dropped = curves.size() - std::min(curves.size(), most_curves);
  curves.resize(curves.size() - dropped);
  const bool percent = s.measures[measure].ends_with("accuracy");
  const double factor = percent ? 100 : 1;
  bool bars = false;
  for (const curve& c : curves) {
    bars = bars || std::any_of(c.points.begin(), c.points.end(), [](auto& p) { return p.second.count > 1; });
  }
  std::string data, plots;
  drawn_range up;
  // Neighbours stand a little apart, so that their bars can be told from each other.
  const double apart = along.numbers.empty() ? 0.5 / static_cast<double>(std::max<std::size_t>(2, curves.size())) : 0;
  const char* const how = along.numbers.empty() ? (bars ? "yerrorbars" : "points")
                          : bars                ? "yerrorlines"
                                                : "linespoints";
  for (std::size_t n = 0; n < curves.size(); ++n) {
    if (curves[n].points.empty()) continue;
    data += fmt::format("$c{} << EOD\n", n);
    const double shift = apart * (static_cast<double>(n) - static_cast<double>(curves.size() - 1) / 2);
    for (const auto& [x, spread] : curves[n].points) {
      const double mean = factor * spread.mean, sd = spread.count > 1 ? factor * spread.sd : 0;
      data += fmt::format("{:.12g} {:.8g} {:.8g}\n", x + shift, mean, sd);
      up.see(mean - sd);
      up.see(mean + sd);
    }
    data += "EOD\n";
    plots += fmt::format("{}$c{} using 1:2{} with {} {} {}", plots.empty() ? "" : ", ", n, bars ? ":3" : "", how,
                         style_of(n), curves[n].name.empty() ? "notitle" : "title " + gnuplot_text(curves[n].name));
  }
  if (plots.empty()) throw run_error("--plot: no run has come to an end, so that there is nothing to draw");
  const std::string label = label_of(s.measures[measure]);
  std::string small_print = bars ? fmt::format("mean ± s.d. over {} seeds", grid.seeds.size()) : "";
  if (dropped > 0) small_print += fmt::format("{}{} more curves are not drawn", bars ? "; " : "", dropped);
  constexpr int height = 560;
  std::string script = "# Drawn by `locus sweep`\n" + picture_beginning(vector_graphics, height) + data;
  script += fmt::format("set label 1 {} at screen 0.02,0.96 left font ',14'\n",
                        gnuplot_text(fmt::format("{}: {}", names_of(all.asked.names), label)));
  script += fmt::format("set label 2 {} at screen 0.02,0.025 left font ',9' textcolor rgb '#666666'\n",
                        gnuplot_text(small_print));
  script += "set tmargin 4\nset bmargin 5\nset grid ytics lt 1 lc rgb '#e0e0e0' lw 1\n";
  script += across(along, grid.axes[along.axis]);
  script += fmt::format("set ylabel {}\n{}", gnuplot_text(label), up.commands("y", false, percent ? 101 : INFINITY));
  if (curves.size() == 1) {
    script += "unset key\n";
  } else {
    script += "set key outside right top Left reverse\n";
    if (grid.axes.size() == 2) {
      script += fmt::format("set key title {} left font ',10'\n", gnuplot_text(grid.axes[1 - along.axis].key + " "));
    }
  }
  return script + "plot " + plots + "\n";
}

}  // namespace locus::tools
