#include "tools/reproduce/table3/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "tools/bench/measure.hpp"

namespace locus::tools {
namespace {

constexpr std::size_t points = std::size(quiet_ticks);

constexpr phi_reading readings[] = {
    {"right", "all", &onset_counts::right_rate},         {"right", "hidden", &onset_counts::right_rate},
    {"strict", "all", &onset_counts::strict_rate},       {"strict", "hidden", &onset_counts::strict_rate},
    {"faultless", "all", &onset_counts::faultless_rate}, {"faultless", "hidden", &onset_counts::faultless_rate},
};
constexpr const phi_reading& strict = readings[2];  ///< that of the groups' table

onset_counts counts_of(const phi_curve& c, std::size_t k, std::string_view neurons) {
  onset_counts all = c.hidden[k];
  if (neurons == "all") all += c.output[k];
  return all;
}

std::vector<double> rates_of(const phi_curve& c, const phi_reading& reading) {
  std::vector<double> rates;
  for (std::size_t k = 0; k < points; ++k) rates.push_back((counts_of(c, k, reading.neurons).*reading.rate)());
  return rates;
}

bool enough(const phi_curve& c, std::string_view neurons) {
  for (std::size_t k = 0; k < points; ++k) {
    if (counts_of(c, k, neurons).due < least_due) return false;
  }
  return true;
}

double distance_of(const std::vector<double>& rates) {
  double sum = 0;
  for (std::size_t k = 0; k < points; ++k) sum += std::abs(rates[k] - published_rates[k]);
  return sum / points;
}

std::string percent(double rate) { return std::isnan(rate) ? "-" : fmt::format("{:.1f}", rate); }

using cells = std::vector<std::string>;

const cells setting_columns = {"hidden layers", "precision", "activation", "feedback",  "start",
                               "predict",       "alpha",     "epochs",     "tolerance", "cause gate"};

std::vector<std::string> columns_of(const phi_setting& s) {
  return {fmt::format("{}", s.hidden), std::string(s.precision),    std::string(s.activation),
          std::string(s.feedback),     std::string(s.start),        fmt::format("{}", s.predict),
          fmt::format("{}", s.alpha),  fmt::format("{}", s.epochs), fmt::format("{}", s.tolerance),
          s.cause_gate ? "yes" : "no"};
}

std::string sentence_of(const phi_setting& s) {
  return fmt::format("{} hidden layer{}, {}, {}, {} errors, {} epochs at alpha {}, {}, tolerance {}, {} cause gate",
                     s.hidden, s.hidden == 1 ? "" : "s", s.activation, s.precision, s.feedback, s.epochs, s.alpha,
                     s.start == "forward" ? "imposed start" : fmt::format("settled for {} ticks", s.predict),
                     s.tolerance, s.cause_gate ? "with" : "without");
}

cells with(cells row, const cells& more) {
  row.insert(row.end(), more.begin(), more.end());
  return row;
}

// ---- files --------------------------------------------------------------------------------------------------------

text_table all_counts(const std::vector<phi_curve>& curves) {
  text_table rows = {
      with(setting_columns, {"t_d", "neurons", "zero", "below tolerance", "due", "right", "missed", "clean", "calm",
                             "spurious in prediction", "spurious in teaching", "right %", "strict %", "faultless %"})};
  for (const phi_curve& c : curves) {
    for (std::size_t k = 0; k < points; ++k) {
      for (const std::string_view neurons : {"all", "hidden"}) {
        const onset_counts n = counts_of(c, k, neurons);
        cells row = with(columns_of(c.setting), {fmt::format("{}", quiet_ticks[k]), std::string(neurons)});
        for (const std::uint64_t each : {n.zero, n.below, n.due, n.right, n.missed(), n.clean, n.calm,
                                         n.spurious_in_prediction, n.spurious_in_teaching}) {
          row.push_back(fmt::format("{}", each));
        }
        for (const double rate : {n.right_rate(), n.strict_rate(), n.faultless_rate()}) {
          row.push_back(std::isnan(rate) ? "-" : fmt::format("{:.4f}", rate));
        }
        rows.push_back(row);
      }
    }
  }
  return rows;
}

text_table closest_table(const std::vector<phi_match>& matches) {
  text_table rows = {with({"rank", "rate", "neurons", "distance"}, setting_columns)};
  for (const std::int64_t t_d : quiet_ticks) rows.front().push_back(fmt::format("t_d = {}", t_d));
  for (std::size_t n = 0; n < std::min<std::size_t>(matches.size(), 100); ++n) {
    const phi_match& m = matches[n];
    rows.push_back(with({fmt::format("{}", n + 1), std::string(m.reading->name), std::string(m.reading->neurons),
                         fmt::format("{:.4f}", m.distance)},
                        columns_of(m.curve->setting)));
    for (const double rate : m.rates) rows.back().push_back(fmt::format("{:.4f}", rate));
  }
  return rows;
}

// ---- picture ------------------------------------------------------------------------------------------------------

struct drawn_line {
  std::string title, style;
  const phi_curve* curve;  ///< null: not measured in this form
};

/// The closest match, and what becomes of it when one thing is changed.
std::vector<drawn_line> lines_of(const std::vector<phi_curve>& curves, const phi_curve& best) {
  const auto with_change = [&](auto&& change) -> const phi_curve* {
    phi_setting changed = best.setting;
    change(changed);
    const auto found =
        std::find_if(curves.begin(), curves.end(), [&](const phi_curve& c) { return c.setting == changed; });
    return found == curves.end() || &*found == &best ? nullptr : &*found;
  };
  const auto start_at = [](phi_setting& s, std::string_view start, std::int64_t predict) {
    s.start = start;
    s.predict = predict;
  };
  const bool imposed = best.setting.start == "forward", gate = best.setting.cause_gate;
  return {
      {"exact zeros, imposed start", "linewidth 7 linecolor '#a1d99b'", with_change([&](phi_setting& s) {
         s.tolerance = 0;
         start_at(s, "forward", 24);
       })},
      {gate ? "without the cause gate" : "with the cause gate", "linewidth 2 linecolor '#d94801'",
       with_change([](phi_setting& s) { s.cause_gate = !s.cause_gate; })},
      {imposed ? "settled by itself" : "imposed start", "linewidth 2 linecolor '#756bb1'",
       with_change([&](phi_setting& s) { imposed ? start_at(s, "settle", 128) : start_at(s, "forward", 24); })},
      {"untrained", "linewidth 2 linecolor '#969696'", with_change([](phi_setting& s) {
         s.alpha = 0.001;
         s.epochs = 0;
       })},
      {"closest setting", "linewidth 3 linecolor '#08519c'", &best},
  };
}

std::string plot(const std::vector<phi_curve>& curves, const phi_match& best) {
  const std::vector<drawn_line> lines = lines_of(curves, *best.curve);
  constexpr double floor = 80;  // what lies below would leave no room for the differences that matter
  std::string data = "$rates << EOD\n", tics, drawn;
  for (std::size_t k = 0; k < points; ++k) {
    data += fmt::format("{} {}", k, published_rates[k]);
    for (const drawn_line& l : lines) {
      data += l.curve == nullptr ? " NaN" : fmt::format(" {:.4f}", rates_of(*l.curve, *best.reading)[k]);
    }
    data += "\n";
    tics += fmt::format("{}'{}' {}", k == 0 ? "" : ", ", quiet_ticks[k], k);
  }
  for (std::size_t n = 0; n < lines.size(); ++n) {
    if (lines[n].curve == nullptr) continue;
    const std::vector<double> rates = rates_of(*lines[n].curve, *best.reading);
    const double least = *std::min_element(rates.begin(), rates.end());
    const std::string below = least < floor ? fmt::format(" (down to {:.0f} percent)", least) : "";
    drawn += fmt::format("$rates using 1:{} with linespoints pointtype 7 pointsize 0.5 {} title '{}{}', ", n + 3,
                         lines[n].style, lines[n].title, below);
  }
  return data +
         fmt::format(
             "EOD\nset title 'Success of phi neurons against t_d (Song et al. 2020, Table 3)'\n"
             "set xlabel 't_d, quiet ticks before an onset'\nset ylabel 'success rate, {}, {} neurons (percent)'\n"
             "set xtics ({})\nset xrange [-0.3:{}]\nset yrange [{}:100.5]\nset grid\nset key bottom right\n"
             "plot {}$rates using 1:2 with linespoints dashtype 2 pointtype 6 pointsize 1.4 linewidth 2 "
             "linecolor 'black' title 'published'",
             best.reading->name, best.reading->neurons, tics, static_cast<double>(points) - 0.7, floor, drawn);
}

// ---- terminal -----------------------------------------------------------------------------------------------------

constexpr std::string_view definition =
    "A phi neuron of layer l (the output is layer 0) should spike once in a presentation: at tick l after the\n"
    "teacher's onset, if there is an error then. It is due if |eps| > tolerance at that tick: smaller errors count as\n"
    "none. A due neuron is right if it spikes at that tick, else missed. Every other spike is spurious: in\n"
    "prediction, from the input's onset until the teacher's, or in teaching, from there to the end, {} ticks. Rates:\n"
    "right, of those due; strict: right and nothing spurious in teaching, of those due; faultless: the same, or not\n"
    "due and no spike in teaching, of all (to miss an error of 0 does no harm: there was nothing to learn).\n";

std::ptrdiff_t papers_settings(const std::vector<phi_curve>& curves) {
  return std::count_if(curves.begin(), curves.end(), [](const phi_curve& c) { return c.setting.papers(); });
}

void print_closest(const std::vector<phi_curve>& curves, const std::vector<phi_match>& matches) {
  text_table table = {{"success %, t_d ="}};
  for (const std::int64_t t_d : quiet_ticks) table.front().push_back(fmt::format("{}", t_d));
  table.push_back({"Song et al. 2020"});
  for (const double rate : published_rates) table.back().push_back(percent(rate));
  std::string which;
  for (const std::string_view name : {"strict", "faultless", "right"}) {
    const auto best =
        std::find_if(matches.begin(), matches.end(), [&](const phi_match& m) { return m.reading->name == name; });
    if (best == matches.end()) continue;
    table.push_back({fmt::format("closest, {}", name)});
    for (const double rate : best->rates) table.back().push_back(percent(rate));
    which += fmt::format("{}, {} neurons, {:.2f} points off in the mean:\n  {}\n", name, best->reading->neurons,
                         best->distance, sentence_of(best->curve->setting));
  }
  fmt::print(
      "{}\n{}The best of {} settings in {} readings, of those with {} due neurons or more: a match, not a "
      "reproduction,\n"
      "since the paper does not say how it measured.\n\n",
      aligned(table), which, papers_settings(curves), std::size(readings), least_due);
}

/// Of the numbers among them; all not-a-number if there are none.
bench::spread spread_of_numbers(std::vector<double> values) {
  std::erase_if(values, [](double v) { return std::isnan(v); });
  if (values.empty()) values = {std::nan("")};
  return bench::spread_of(values);
}

void print_groups(const std::vector<phi_curve>& curves) {
  constexpr std::size_t shown[] = {0, 1, 2, 3, 7, 8};  // of quiet_ticks
  constexpr std::size_t papers = 3;                    // the t_d that the paper chooses
  text_table table = {{"strict %, median, t_d =", "curves"}};
  for (const std::size_t k : shown) table.front().push_back(fmt::format("{}", quiet_ticks[k]));
  for (const char* name : {"lowest", "highest", "right", "missed", "prediction", "teaching"}) {
    table.front().push_back(name);
  }
  for (const phi_group& g : phi_groups()) {
    onset_counts all;
    std::vector<std::vector<double>> rates(points);  // [t_d][curve]
    for (const phi_curve& c : curves) {
      if (!g.holds(c.setting)) continue;
      all += counts_of(c, papers, "all");
      for (std::size_t k = 0; k < points; ++k) rates[k].push_back(rates_of(c, strict)[k]);
    }
    if (rates[0].empty()) continue;
    table.push_back({std::string(g.title), fmt::format("{}", rates[0].size())});
    for (const std::size_t k : shown) table.back().push_back(percent(spread_of_numbers(rates[k]).median));
    const bench::spread spread = spread_of_numbers(rates[papers]);
    table.back().push_back(percent(spread.min));
    table.back().push_back(percent(spread.max));
    for (const std::uint64_t each : {all.right, all.missed(), all.spurious_in_prediction, all.spurious_in_teaching}) {
      table.back().push_back(fmt::format("{}", each));
    }
  }
  fmt::print(
      "{}\nOver depths, precisions and stages of training, all neurons. From \"lowest\" on, at t_d = {}: of the "
      "curves,\n"
      "and summed over them how many spikes were right, missed, spurious in prediction, and in teaching. Imposed: the\n"
      "prediction is set from outside at the input's onset (condition C1); settled: the circuit finds it by itself, "
      "in\n"
      "128 ticks (24 with bursts). Gate: phi spikes only if the prediction stayed as it was.\n\n",
      aligned(table), quiet_ticks[papers]);
}

}  // namespace

std::vector<phi_match> matches_of(const std::vector<phi_curve>& curves) {
  std::vector<phi_match> all;
  for (const phi_curve& c : curves) {
    if (!c.setting.papers()) continue;
    for (const phi_reading& r : readings) {
      if (!enough(c, r.neurons)) continue;
      std::vector<double> rates = rates_of(c, r);
      const double distance = distance_of(rates);
      all.push_back({&c, &r, std::move(rates), distance});
    }
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const phi_match& a, const phi_match& b) { return a.distance < b.distance; });
  return all;
}

void report_phi(const std::vector<phi_curve>& curves, result_files& files) {
  const std::vector<phi_match> matches = matches_of(curves);
  print_closest(curves, matches);
  print_groups(curves);
  fmt::print(fmt::runtime(definition), teaching_ticks);
  files.table("", all_counts(curves));
  files.table("closest", closest_table(matches));
  files.picture("", plot(curves, matches.front()));
}

}  // namespace locus::tools
