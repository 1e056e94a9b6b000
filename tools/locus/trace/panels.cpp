#include "tools/locus/trace/panels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "tools/locus/gnuplot.hpp"
#include "tools/locus/trace/panel_parts.hpp"

namespace locus::tools {

namespace {

/// "[3]", "[2][1]": what the name of a column has beyond that of its variable.
std::string index_of(const trace_variable& v, std::size_t column) {
  return v.column_name(column).substr(v.full_name().size());
}

sampling sampled(const view& v, std::size_t most_samples, std::size_t most_rows) {
  return {.from = v.from, .until = v.until, .lane = v.lane, .most_samples = most_samples, .most_rows = most_rows};
}

extremes extremes_of(const sampled_values& s) {
  extremes all;
  for (const double x : s.low) all.take(x);
  for (const double x : s.high) all.take(x);
  return all;
}

void note_width(figure& f, const sampled_values& s, tick_t every, std::string_view shown) {
  if (s.width <= every && s.columns_of_row == 1) return;
  f.note(fmt::format("drawn: {} of {} ticks{}", shown, s.width,
                     s.columns_of_row > 1 ? fmt::format(" and {} columns", s.columns_of_row) : ""));
}

}  // namespace

void add_lines(figure& f, const view& v, const chosen_columns& c) {
  chosen_columns shown = c;
  if (shown.columns.size() > most_lines) {
    shown.columns.resize(most_lines);
    f.note(fmt::format("{}: the first {} of {}", c.variable->full_name(), most_lines, c.columns.size()));
  }
  const sampled_values s = sample_values(v.trace, shown, sampled(v, 1500, most_lines));
  note_width(f, s, v.trace.facts().every, "the lowest and the highest value");
  panel p{title_of(*c.variable), "", "", 110};
  const extremes shown_limits = extremes_of(s);
  const bool points = s.samples <= 60;
  std::string plots;
  for (std::size_t row = 0; row < s.rows; ++row) {
    const std::string name = f.fresh_name();
    p.data += name + " << EOD\n";
    for (std::size_t k = 0; k < s.samples; ++k) {
      const double low = s.low[row * s.samples + k], high = s.high[row * s.samples + k];
      p.data += fmt::format("{:.10g} {}\n", s.tick(k), number(low));
      if (low != high && !std::isnan(low)) p.data += fmt::format("{:.10g} {}\n", s.tick(k), number(high));
    }
    p.data += "EOD\n";
    plots += fmt::format("{}{} using 1:2 with {} lt {} title {}", plots.empty() ? "" : ", \\\n  ", name,
                         points ? "linespoints pt 7 ps 0.5" : "lines", row + 1,
                         gnuplot_text(index_of(*c.variable, shown.columns[row])));
  }
  p.commands = fmt::format(
      "set autoscale y\nset offsets 0,0,graph 0.08,graph 0.08\nset ytics {:.6g}\nset xzeroaxis lc rgb '#cccccc'\n"
      "plot {}\nunset offsets\n",
      round_step(shown_limits.low, shown_limits.high, 4), plots);
  f.add(std::move(p));
}

void add_heat_map(figure& f, const view& v, const chosen_columns& c) {
  const std::size_t most = v.vector_graphics ? 200 : 800;
  const sampled_values s = sample_values(v.trace, c, sampled(v, most, most));
  note_width(
      f, s, v.trace.facts().every,
      s.all_lanes ? "the strongest value over all lanes, blocks of 16 frames and 16 columns," : "the strongest value");
  constexpr int tallest = 260, row_height = 4;
  panel p{title_of(*c.variable), "", "", std::clamp(static_cast<int>(s.rows) * row_height, 70, tallest)};
  const std::string name = f.fresh_name();
  p.data = name + " << EOD\n";
  for (std::size_t row = 0; row < s.rows; ++row) {
    for (std::size_t k = 0; k < s.samples; ++k) {
      p.data += (k > 0 ? " " : "") + number(s.strongest(row, k));
    }
    p.data += "\n";
  }
  p.data += "EOD\n";
  // In SVG an image would be a file of its own; in PNG rectangles would have seams.
  const bool cells = v.vector_graphics;
  const auto group = static_cast<double>(s.columns_of_row);
  p.commands = fmt::format(
      "{}set yrange [-0.5:{:.6g}]\nset ytics {}\nset ylabel '{}' offset 1,0\nplot {} matrix using "
      "({:.10g}+$1*{}):({:.6g}+$2*{}):3 with image{} notitle\nset autoscale y\nunset ylabel\n",
      palette_for(extremes_of(s)), static_cast<double>(c.columns.size()) - 0.5,
      std::max(1.0, round_step(0, static_cast<double>(c.columns.size()), 4)),
      c.variable->weights ? "synapse" : "neuron", name, s.tick(0), s.width, 0.5 * (group - 1), group,
      cells ? " pixels" : "");
  f.add(std::move(p));
}

void add_distribution(figure& f, const view& v, const chosen_columns& c) {
  constexpr std::size_t most_columns = 4096;
  chosen_columns shown = c;
  if (shown.columns.size() > most_columns) {
    for (std::size_t i = 0; i < most_columns; ++i) shown.columns[i] = c.columns[i * c.columns.size() / most_columns];
    shown.columns.resize(most_columns);
    f.note(fmt::format("{}: {} of {} synapses, evenly taken", c.variable->full_name(), most_columns, c.columns.size()));
  }
  const sampled_values s = sample_values(v.trace, shown, sampled(v, 300, most_columns));
  panel p{fmt::format("{} of {}", title_of(*c.variable), c.columns.size()), "", "", 130};
  const std::string name = f.fresh_name();
  p.data = name + " << EOD\n";
  std::vector<double> values;
  for (std::size_t k = 0; k < s.samples; ++k) {
    values.clear();
    for (std::size_t row = 0; row < s.rows; ++row) {
      if (const double x = s.high[row * s.samples + k]; !std::isnan(x)) values.push_back(x);
    }
    if (values.empty()) continue;
    std::sort(values.begin(), values.end());
    p.data += fmt::format("{:.10g}", s.tick(k));
    for (const double part : {0.0, 0.25, 0.5, 0.75, 1.0}) {
      p.data +=
          " " + number(values[static_cast<std::size_t>(std::lround(part * static_cast<double>(values.size() - 1)))]);
    }
    p.data += "\n";
  }
  p.data += "EOD\n";
  p.commands = fmt::format(
      "set autoscale y\nset ytics auto\nset xzeroaxis lc rgb '#cccccc'\n"
      "plot {0} using 1:2:6 with filledcurves fc rgb '#d6e6f2' title 'range', \\\n"
      "  {0} using 1:3:5 with filledcurves fc rgb '#8bbbdc' title 'quartiles', \\\n"
      "  {0} using 1:4 with lines lt 1 title 'median'\n",
      name);
  f.add(std::move(p));
}

void add_raster(figure& f, const view& v, const std::vector<spike_list_info>& lists) {
  constexpr std::size_t most_events = 50'000;
  if (lists.empty()) return;
  panel p{"events", "", "", 0};
  std::string plots, tics, lines;
  std::uint64_t base = 0;
  std::size_t colour = 0;
  for (const spike_list_info& list : lists) {
    std::uint64_t size = 1;
    for (const traced_population& population : v.trace.populations()) {
      if (list.group == population.name || list.group.starts_with(population.name + ".")) {
        size = static_cast<std::uint64_t>(std::clamp<std::int64_t>(population.size, 1, 1'000'000'000));
      }
    }
    const std::vector<spike_event> events = read_spikes(v.trace, list.group, v.from, v.until, most_events);
    if (events.size() == most_events) {
      f.note(fmt::format("{}: the first {} events", list.group, most_events));
    }
    const std::string name = f.fresh_name();
    p.data += name + " << EOD\n";
    std::size_t drawn = 0;
    for (const spike_event& e : events) {
      if (e.lane != v.lane || e.neuron >= size) continue;
      p.data += fmt::format("{} {}\n", e.tick, base + e.neuron);
      ++drawn;
    }
    if (drawn == 0) p.data += "NaN NaN\n";
    p.data += "EOD\n";
    plots += fmt::format("{}{} using 1:2 with points pt 5 ps {} lt {} notitle", plots.empty() ? "" : ", \\\n  ", name,
                         v.until - v.from > 200 ? 0.3 : 0.6, ++colour);
    tics += fmt::format("{}{} {:.6g}", tics.empty() ? "" : ", ", gnuplot_text(list.group),
                        static_cast<double>(base) + 0.5 * static_cast<double>(size - 1));
    base += size;
    lines += fmt::format("set arrow {0} from graph 0,first {1} to graph 1,first {1} nohead lc rgb '#dddddd'\n",
                         900 + colour, static_cast<double>(base) - 0.5);
  }
  p.height = std::clamp(static_cast<int>(std::min<std::uint64_t>(base, 1000)) * 5, 70, 260);
  p.commands = fmt::format("{}set yrange [-0.5:{}]\nset ytics ({})\nplot {}\nset autoscale y\n", lines,
                           static_cast<double>(base) - 0.5, tics, plots);
  for (std::size_t i = 1; i <= colour; ++i) p.commands += fmt::format("unset arrow {}\n", 900 + i);
  f.add(std::move(p));
}

void add_stimuli(figure& f, const view& v, const std::vector<stimulus_window>& windows) {
  std::vector<std::string> populations;
  for (const traced_population& population : v.trace.populations()) {
    const bool clamped = std::any_of(windows.begin(), windows.end(), [&](const stimulus_window& w) {
      return w.population == population.name && w.on < v.until && v.from < w.off;
    });
    if (clamped) populations.push_back(population.name);
  }
  if (populations.empty()) return;
  panel p{"stimuli: ticks in which a population is clamped", "", "", 24 * static_cast<int>(populations.size())};
  std::string plots, tics;
  for (std::size_t i = 0; i < populations.size(); ++i) {
    const std::string name = f.fresh_name();
    const double y = static_cast<double>(populations.size() - 1 - i);
    p.data += name + " << EOD\n";
    for (const stimulus_window& w : windows) {
      const tick_t on = std::max(w.on, v.from), off = std::min(w.off, v.until);
      if (w.population != populations[i] || on >= off) continue;
      const double begin = static_cast<double>(on) - 0.5, end = static_cast<double>(off) - 0.5;
      p.data += fmt::format("{} {} {} {} {} {}\n", 0.5 * (begin + end), y, begin, end, y - 0.35, y + 0.35);
    }
    p.data += "EOD\n";
    plots += fmt::format("{}{} using 1:2:3:4:5:6 with boxxyerror lt {} notitle", plots.empty() ? "" : ", \\\n  ", name,
                         i + 1);
    tics += fmt::format("{}{} {}", tics.empty() ? "" : ", ", gnuplot_text(populations[i]), y);
  }
  p.commands = fmt::format("set yrange [-0.6:{}]\nset ytics ({})\nplot {}\nset autoscale y\n",
                           static_cast<double>(populations.size()) - 0.4, tics, plots);
  f.add(std::move(p));
}

void add_values(figure& f, const view& v, const chosen_columns& c) {
  if (c.columns.size() <= most_lines) add_lines(f, v, c);
  else add_heat_map(f, v, c);
}

}  // namespace locus::tools
