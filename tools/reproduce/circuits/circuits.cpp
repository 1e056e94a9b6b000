/// `locus reproduce circuits [NETLIST ...]`: circuits are audited and trained, and tables say of each what it learns,
/// how local it is, what control it needs, and whether its updates are backpropagation's or at which angle to them.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "sim/core/errors.hpp"
#include "sim/core/text_table.hpp"
#include "sim/sweep/jobs.hpp"
#include "tools/locus/progress.hpp"
#include "tools/reproduce/circuits/measured_circuit.hpp"
#include "tools/reproduce/circuits/weight_symmetry.hpp"
#include "tools/reproduce/results.hpp"
#include "tools/reproduce/target.hpp"

namespace locus::tools {
namespace {

/// The netlists that were named, as files or as those of the folder; or else all that stand in the folder.
std::vector<std::string> files_of(const reproduce_settings& settings) {
  std::vector<std::string> files;
  for (const std::string& name : settings.chosen) {
    files.push_back(std::filesystem::is_regular_file(name) ? name : settings.netlist_file(name));
  }
  if (!files.empty()) return files;
  std::error_code error;
  for (const auto& each : std::filesystem::directory_iterator(settings.netlists, error)) {
    if (each.path().extension() == ".toml") files.push_back(each.path().string());
  }
  if (files.empty()) {
    throw usage_error(
        fmt::format("no netlist \"{}\": run in the project's folder, or say where they are with --netlists",
                    (std::filesystem::path(settings.netlists) / "*.toml").string()));
  }
  const auto stem = [](const std::string& file) { return std::filesystem::path(file).stem(); };
  std::sort(files.begin(), files.end(), [&](const auto& a, const auto& b) { return stem(a) < stem(b); });
  return files;
}

/// The mean of what is a number; not a number: nothing is.
double mean_of(const std::vector<double>& values) {
  double sum = 0, count = 0;
  for (const double value : values) {
    if (std::isnan(value)) continue;
    sum += value;
    count += 1;
  }
  return sum / count;
}

/// Mean over seeds.
template <class F>
double over_seeds(const measured_circuit& c, F&& f) {
  std::vector<double> values;
  for (const trained_run& run : c.runs) values.push_back(f(run));
  return mean_of(values);
}

double last_of(const std::vector<double>& series) { return series.empty() ? std::nan("") : series.back(); }

/// Of layer k in the last epoch, mean over seeds.
double last_in_layer(const measured_circuit& c, std::size_t k, std::vector<double> trained_run::*what) {
  return over_seeds(c, [&](const trained_run& run) {
    const std::vector<double>& all = run.*what;
    return all.empty() ? std::nan("") : all[all.size() - c.angle_count() + k];
  });
}

/// "0.31", or "0.31 to 0.9"; "": there is none.
std::string range_text(std::vector<double> values, int digits) {
  std::erase_if(values, [](double v) { return std::isnan(v); });
  if (values.empty()) return "";
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const std::string least = fmt::format("{:.{}g}", *low, digits), most = fmt::format("{:.{}g}", *high, digits);
  return least == most ? least : fmt::format("{} to {}", least, most);
}

/// A score with its unit, or why there is none.
std::string score_text(double value, const std::string& unit) {
  if (std::isnan(value)) return unit;
  return unit == "%" ? fmt::format("{:.2f} %", value) : fmt::format("{} {:.3g}", unit, value);
}

class circuits_target {
 public:
  explicit circuits_target(const reproduce_settings& settings) : settings_(settings) {}

  void run() {
    const std::vector<std::string> files = files_of(settings_);
    results_.resize(files.size());
    progress_line progress;
    std::size_t done = 0;
    const auto measure = [&](std::size_t n) { return measure_circuit(settings_, files[n]); };
    sweep::compute_each<measured_circuit>(files.size(), settings_.jobs, measure,
                                          [&](std::size_t n, measured_circuit c) {
                                            results_[n] = std::move(c);
                                            progress.show(results_[n].name, ++done, files.size());
                                          });
    progress.clear();
    report();
  }

 private:
  void report() {
    text_table learnt{
        {"circuit", "epochs", "loss", "test", "twin's test", "updates against the twin's", "norms", "time"}};
    text_table organised{{"circuit", "local", "plasticity", "transport", "magnitude", "sign %", "control", "messages",
                          "phases", "weights change", "after teacher"}};
    for (const measured_circuit& c : results_) {
      learnt.push_back(c.left_out.empty() ? learnt_row(c) : left_out_row(c, learnt.front().size()));
      organised.push_back(c.left_out.empty() ? organised_row(c) : left_out_row(c, organised.front().size()));
    }
    fmt::print("{}\n", aligned(learnt));
    fmt::print(
        "loss: of the last epoch, online. twin: backpropagation of the same network, trained as long. updates, norms: "
        "the angle\nbetween a circuit's weight updates and its twin's from the same weights on the same samples, in "
        "the "
        "layer where it is\nlargest, and the ratio of their lengths, over the last epoch. time: processor time of a "
        "presentation, by the twin's.\n\n");
    fmt::print("{}\n", aligned(organised));
    fmt::print(
        "magnitude, sign: of feedback weights against forward weights after training: length, share of equal signs. "
        "messages: of\ncontrol, in a presentation. phases: into which control divides a presentation. weights change: "
        "in how many ticks of a\npresentation, and how many after its beginning the first; after teacher: first and "
        "last "
        "tick, after the teacher's onset.\n");
    const text_table symmetry = weight_symmetry_table(results_);
    if (symmetry.size() > 1) fmt::print("\n{}\n{}\n", aligned(symmetry), weight_symmetry_notes());
    write(learnt, organised, symmetry);
  }

  void write(const text_table& learnt, const text_table& organised, const text_table& symmetry) const {
    result_files files(settings_, "circuits");
    for (const measured_circuit& c : results_) files.netlist(c.name, c.netlist);
    text_table all = learnt;
    for (std::size_t n = 0; n < all.size(); ++n) {
      all[n].insert(all[n].end(), organised[n].begin() + 1, organised[n].end());
      all[n].push_back(n == 0 ? "messages / twin's" : ratio_text(results_[n - 1]));
    }
    files.table("", all);
    if (symmetry.size() > 1) files.table("symmetry", symmetry);
    files.table("angles", angle_table());
    if (const std::string plot = angle_plot(); !plot.empty()) files.picture("angles", plot);
    const text_table followed = followed_table();
    if (followed.size() > 1) {
      files.table("presentations", followed);
      files.picture("presentations", followed_plot());
    }
    files.finish();
  }

  // ---- rows -------------------------------------------------------------------------------------------------------

  static std::vector<std::string> left_out_row(const measured_circuit& c, std::size_t columns) {
    std::vector<std::string> row(columns, "-");
    row[0] = c.name;
    row[1] = c.left_out;
    return row;
  }

  static std::vector<std::string> learnt_row(const measured_circuit& c) {
    const double loss = over_seeds(c, [](const trained_run& r) { return last_of(r.loss); });
    const std::string ended = c.runs.front().ended;
    const double test = over_seeds(c, [](const trained_run& r) { return last_of(r.test); });
    const double twin = over_seeds(c, [](const trained_run& r) { return r.twin_test; });
    const std::string passes =
        c.passes == c.epochs ? fmt::format("{}", c.epochs) : fmt::format("{:.2g} of {}", c.passes, c.epochs);
    std::string updates = "no twin", norms = "no twin";
    if (c.equivalent) {
      updates = c.equivalence;
      norms = "1";
    } else if (c.has_twin) {
      std::vector<double> angles, ratios;
      for (std::size_t k = 0; k < c.angle_count(); ++k) {
        angles.push_back(last_in_layer(c, k, &trained_run::angles));
        ratios.push_back(last_in_layer(c, k, &trained_run::ratios));
      }
      std::erase_if(angles, [](double v) { return std::isnan(v); });
      updates = angles.empty() ? "no updates" : fmt::format("{:.1f}°", *std::max_element(angles.begin(), angles.end()));
      norms = range_text(ratios, 2);
      if (norms.empty()) norms = "no updates";
    }
    return {c.name,
            passes,
            !ended.empty()                ? ended
            : c.runs.front().loss.empty() ? "not trained"
            : std::isnan(loss)            ? "no teacher"
                                          : fmt::format("{:.5f}", loss),
            ended.empty() ? score_text(test, c.unit) : ended,
            !c.has_twin        ? "no twin"
            : !c.scored        ? c.unit
            : std::isnan(twin) ? "diverged"
                               : score_text(twin, c.unit),
            updates,
            norms,
            !c.has_twin          ? "no twin"
            : std::isnan(c.time) ? "diverged"
                                 : fmt::format("{:.3g} x", c.time)};
  }

  static std::vector<std::string> organised_row(const measured_circuit& c) {
    std::vector<double> magnitudes, signs;
    for (std::size_t k = 0; k < c.pairs.size(); ++k) {
      magnitudes.push_back(over_seeds(c, [&](const trained_run& r) { return r.magnitude[k]; }));
      signs.push_back(100 * over_seeds(c, [&](const trained_run& r) { return r.same_sign[k]; }));
    }
    const auto or_none = [](const std::string& text) { return text.empty() ? "-" : text; };
    const bool learns = c.changes > 0;
    return {c.name,
            c.local_computation,
            c.plasticity,
            c.transport,
            or_none(range_text(magnitudes, 3)),
            or_none(range_text(signs, 3)),
            c.control,
            c.control_messages,
            fmt::format("{}", c.phases),
            learns ? fmt::format("{:.3g} of {}, from {}", c.changes, c.ticks, c.first) : "never",
            learns ? fmt::format("{:+} to {:+}", c.after, c.until) : "never"};
  }

  static std::string ratio_text(const measured_circuit& c) {
    return c.twin_messages > 0 ? fmt::format("{:.3g}", c.messages / c.twin_messages) : "";
  }

  /// The names that angles are of.
  static std::vector<std::string> layers_of(const measured_circuit& c) {
    std::vector<std::string> all(1);
    for (const char letter : c.layers) {
      if (letter == '\n') all.emplace_back();
      else all.back() += letter;
    }
    return all;
  }

  /// Nothing if it is no number.
  static std::string text_of(double value) { return std::isnan(value) ? "" : fmt::format("{:.6g}", value); }

  text_table angle_table() const {
    text_table rows{{"circuit", "seed", "epoch", "layer", "degrees", "ratio", "loss", "test"}};
    for (const measured_circuit& c : results_) {
      const std::size_t count = c.angle_count();
      const std::vector<std::string> layers = layers_of(c);
      for (std::size_t s = 0; s < c.runs.size(); ++s) {
        const trained_run& run = c.runs[s];
        for (std::size_t n = 0; n < run.angles.size(); ++n) {
          const std::size_t epoch = n / count;
          rows.push_back({c.name, fmt::format("{}", settings_.seeds[s]), fmt::format("{}", epoch + 1),
                          layers[n % count], text_of(run.angles[n]), text_of(run.ratios[n]), text_of(run.loss[epoch]),
                          text_of(run.test[epoch])});
        }
      }
    }
    return rows;
  }

  /// The first layer's angle over epochs, mean over seeds, of circuits that are not backpropagation; the data stand in
  /// the script.
  std::string angle_plot() const {
    std::string data, curves;
    for (const measured_circuit& c : results_) {
      if (c.angle_count() == 0 || c.equivalent) continue;
      const std::string block = fmt::format("$c{}", std::count(curves.begin(), curves.end(), '$'));
      data += block + " << EOD\n";
      for (std::size_t e = 0; e < c.runs.front().loss.size(); ++e) {
        const double degrees = over_seeds(c, [&](const trained_run& run) {
          return e < run.loss.size() ? run.angles[e * c.angle_count()] : std::nan("");
        });
        if (!std::isnan(degrees)) data += fmt::format("{} {:.6g}\n", e + 1, degrees);
      }
      data += "EOD\n";
      curves += fmt::format("{}{} with linespoints linewidth 2 pointtype 7 pointsize 0.3 title '{}'",
                            curves.empty() ? "" : ", ", block, c.name);
    }
    if (curves.empty()) return "";
    return data +
           "set title 'Weight updates of the first layer against those of backpropagation'\n"
           "set xlabel 'epoch'\nset xrange [0:*]\nset ylabel 'angle (degrees)'\nset yrange [-1:*]\nset ytics 15\n"
           "set grid ytics\nset colorsequence podo\nset linetype 5 linecolor '#a65628'\n"
           "set key outside right top noenhanced\nplot " +
           curves;
  }

  text_table followed_table() const {
    text_table rows{{"circuit", "presentation", "degrees", "loss"}};
    for (const measured_circuit& c : results_) {
      for (std::size_t n = 0; n < c.followed.size(); ++n) {
        rows.push_back({c.name, fmt::format("{}", n + 1), text_of(c.followed[n]), text_of(c.followed_loss[n])});
      }
    }
    return rows;
  }

  /// Of the first circuit that there is.
  std::string followed_plot() const {
    const auto c = std::find_if(results_.begin(), results_.end(),
                                [](const measured_circuit& each) { return !each.followed.empty(); });
    std::string data = "$c << EOD\n";
    for (std::size_t n = 0; n < c->followed.size(); ++n)
      data += fmt::format("{} {:.4f} {:.6g}\n", n + 1, c->followed[n], c->followed_loss[n]);
    return data +
           fmt::format(
               "EOD\nset title '{}, presentation by presentation' noenhanced\n"
               "set xlabel 'presentation'\nset ylabel 'angle of the first layer (degrees)'\nset yrange [0:90]\n"
               "set ytics 15 nomirror\nset y2label 'loss'\nset logscale y2\nset format y2 '10^{{%T}}'\nset y2tics\n"
               "set grid ytics\nset key top right\n",
               c->name) +
           "plot $c using 1:2 with points pointtype 7 pointsize 0.25 linecolor '#9ecae1' notitle, "
           "$c using 1:2 smooth bezier linewidth 3 linecolor '#08519c' title 'angle', "
           "$c using 1:3 axes x1y2 smooth bezier linewidth 2 linecolor '#d94801' title 'loss (right)'";
  }

  const reproduce_settings& settings_;
  std::vector<measured_circuit> results_;
};

}  // namespace

void reproduce_circuits(const reproduce_settings& settings) { circuits_target(settings).run(); }

}  // namespace locus::tools
