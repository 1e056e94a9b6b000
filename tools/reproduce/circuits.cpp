/// `locus reproduce circuits`: every shipped circuit is audited and trained, and one table says of each whether it is
/// local, what control it needs, and whether its updates are backpropagation's or at which angle to them.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "sim/audit/audit.hpp"
#include "sim/core/text_table.hpp"
#include "sim/experiment/experiment.hpp"
#include "tools/locus/progress.hpp"
#include "tools/locus/subject.hpp"
#include "tools/reproduce/results.hpp"
#include "tools/reproduce/target.hpp"

namespace locus::tools {
namespace {

/// The circuits of the table, how a plot calls those whose angle it shows (the others are backpropagation), and where a
/// netlist has the seeds of its initial weights.
struct listed_circuit {
  std::string_view netlist;
  std::string_view curve = {};
  std::array<std::string_view, 2> seeds = {"weights.seed", {}};
};
constexpr listed_circuit listed[] = {
    {"xor"},
    {"digits-bp"},
    {"digits-bp-adam"},
    {"digits-bp-learned-feedback"},
    {"digits-il", "inference learning"},
    {"digits-zil"},
    {"digits-continuous"},
    {"digits"},
    {"digits-online"},
    {"digits-softmax"},
    {"digits-conv"},
    {"digits-patches"},
    {"graph-skip"},
    {"rnn-unrolled"},
    {"digits-strict", "strict predictive coding"},
    {"digits-fixed-prediction", "fixed prediction"},
    {"digits-exact"},
    {"digits-pool", "max pooling, fixed prediction"},
    {"digits-relaxed", "relaxed predictive coding"},
    {"digits-target-propagation", "difference target propagation"},
    {"digits-feedback-alignment", "feedback alignment"},
    {"linear-feedback-alignment"},
    {"digits-kolen-pollack", "Kolen-Pollack"},
    {"digits-weight-mirror", "weight mirror"},
    {"digits-bmvr", "BMVR, linear"},
    {"digits-bmvr-decoupled"},
    {"digits-bmvr-relu"},
    {"equilibrium-propagation",
     {},
     {"projection.hidden.forward.weights.seed", "projection.output.forward.weights.seed"}},
    {"equilibrium-propagation-symmetric",
     {},
     {"projection.hidden.forward.weights.seed", "projection.output.forward.weights.seed"}},
    {"recurrent-backpropagation",
     {},
     {"projection.hidden.forward.weights.seed", "projection.output.forward.weights.seed"}},
    {"digits-variances", {}, {"projection.hidden1.forward.weights.seed", "projection.output.forward.weights.seed"}},
    {"dendritic-microcircuit", {}, {"projection.hidden.up.weights.seed", "projection.output.up.weights.seed"}},
    {"dendritic-microcircuit-lag", {}, {"projection.hidden.up.weights.seed", "projection.output.up.weights.seed"}},
    {"dendritic-teacher", {}, {"projection.hidden.up.weights.seed", "projection.output.up.weights.seed"}},
};
constexpr std::string_view followed = "linear-feedback-alignment";  ///< its angle is written for each presentation

/// A circuit with one seed.
struct training {
  std::vector<std::string> layers;
  std::vector<epoch_result> epochs;
};

struct outcome_of_circuit {
  listed_circuit circuit;
  audit_report report;
  std::vector<training> runs;  ///< one a seed
};

/// Nothing if it was not measured.
std::string text_of(const std::optional<double>& value) { return value ? fmt::format("{:.6g}", *value) : ""; }

/// Overrides that set the seed, and make the small form.
std::vector<std::string> overrides_of(const reproduce_settings& settings, const listed_circuit& c, std::uint64_t seed) {
  std::vector<std::string> all;
  for (const std::string_view key : c.seeds) {
    if (!key.empty()) all.push_back(fmt::format("{}={}", key, seed));
  }
  if (settings.quick()) all.insert(all.end(), {"stimuli.epochs=1", "stimuli.train_limit=100", "stimuli.test_limit=50"});
  return all;
}

class circuits_target {
 public:
  explicit circuits_target(const reproduce_settings& settings) : settings_(settings) {}

  void run() {
    for (const listed_circuit& c : listed) {
      outcome_of_circuit& result = results_.emplace_back(outcome_of_circuit{c, {}, {}});
      for (const std::uint64_t seed : settings_.seeds) {
        const audit_subject subject = read_subject(settings_.netlist_file(c.netlist), overrides_of(settings_, c, seed));
        const data_set data = load_data(subject.netlist.data);
        if (result.runs.empty()) result.report = audited(subject, data, c);
        result.runs.push_back(trained(subject, data, c));
      }
      ++done_;
    }
    progress_.clear();
    report();
  }

 private:
  audit_report audited(const audit_subject& subject, const data_set& data, const listed_circuit& c) {
    progress_.show(fmt::format("{}: audit", c.netlist), done_, std::size(listed));
    return audit(subject, data, audit_effort(settings_));
  }

  training trained(const audit_subject& subject, const data_set& data, const listed_circuit& c) {
    training result;
    experiment_options options;
    if (subject.twin) {
      options.against = &*subject.twin;
      options.measure_angles = true;
    }
    options.on_epoch = [&](experiment&, const epoch_result& e) {
      progress_.show(fmt::format("{}: epoch {}", c.netlist, e.epoch), done_, std::size(listed));
    };
    if (c.netlist == followed && curve_.size() == 1) {
      options.on_angle = [&](experiment& x, const angle_sample& angle, const answer_score& answer) {
        curve_.push_back({fmt::format("{}", x.presentations()), fmt::format("{:.4f}", angle.layers.front()),
                          text_of(answer.mean_loss())});
      };
    }
    experiment x(subject.netlist, data, options);
    result.epochs = x.run().epochs;
    if (subject.twin) result.layers = x.angle_names();
    return result;
  }

  // ---- what it comes to -----------------------------------------------------------------------------------------

  void report() {
    text_table table{{"circuit", "loss", "test %", "local computation", "local plasticity", "weight transport",
                      "control needed", "updates against backpropagation's"}};
    for (const outcome_of_circuit& r : results_) table.push_back(row_of(r));
    fmt::print("{}\n", aligned(table));
    fmt::print(
        "loss: of the last epoch, online. Angles: between a circuit's weight updates and backpropagation's from the "
        "same "
        "weights\non the same samples, in the layer where it is largest, mean over the last epoch. 0.0° means the same "
        "direction, but not the same "
        "length.\n");
    result_files files(settings_, "circuits");
    for (const listed_circuit& c : listed) {
      const auto given = overrides_of(settings_, c, settings_.seeds.front());
      files.netlist(std::string(c.netlist), settings_.netlist(c.netlist, given).canonical_text());
    }
    files.table("", table);
    files.table("angles", angle_table());
    files.table("feedback-alignment", curve_);
    files.picture("angles", angle_plot());
    files.picture("feedback-alignment", curve_plot());
    files.finish();
  }

  static std::string mark(const verdict& v) {
    return v.result == outcome::holds ? "✔" : v.result == outcome::fails ? "✘" : "-";
  }

  static std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
  }

  /// Mean over seeds of what f says of a run's last epoch; what is not a number is left out.
  template <class F>
  static double mean_of_last(const outcome_of_circuit& r, F&& f) {
    double sum = 0, count = 0;
    for (const training& run : r.runs) {
      const double value = f(run.epochs.back());
      if (std::isnan(value)) continue;
      sum += value;
      count += 1;
    }
    return sum / count;
  }

  static double largest_angle(const epoch_result& e) {
    double largest = std::nan("");
    if (!e.angle) return largest;
    for (const double each : e.angle->layers) largest = std::fmax(largest, each);
    return largest;
  }

  static std::vector<std::string> row_of(const outcome_of_circuit& r) {
    const audit_report& a = r.report;
    const auto shown = [&](int digits, double factor, auto&& f) {
      const double mean = mean_of_last(r, [&](const epoch_result& e) { return f(e).value_or(std::nan("")); });
      return std::isnan(mean) ? "-" : fmt::format("{:.{}f}", factor * mean, digits);
    };
    const verdict& transport = a.of(criterion::no_weight_transport);
    std::string control = a.control.empty() ? "none" : joined(a.control);
    if (!a.noise.empty()) control += fmt::format("; noise: {}", joined(a.noise));
    const verdict& equivalence = a.of(criterion::equivalence);
    const double angle = mean_of_last(r, largest_angle);
    std::string updates = equivalence.detail;
    if (equivalence.result == outcome::fails) updates = fmt::format("{:.1f}°", angle);
    return {std::string(r.circuit.netlist),
            shown(5, 1, [](const epoch_result& e) { return e.train.mean_loss(); }),
            shown(2, 100, [](const epoch_result& e) { return e.test.value_or(answer_score{}).accuracy(); }),
            mark(a.of(criterion::local_computation)),
            mark(a.of(criterion::local_plasticity)),
            transport.result == outcome::fails ? "yes"
            : transport.detail.empty()         ? "none"
                                               : transport.detail,
            control,
            updates};
  }

  text_table angle_table() const {
    text_table rows{{"circuit", "seed", "epoch", "layer", "degrees", "loss", "test accuracy"}};
    for (const outcome_of_circuit& r : results_) {
      for (std::size_t s = 0; s < r.runs.size(); ++s) {
        const training& run = r.runs[s];
        for (const epoch_result& e : run.epochs) {
          for (std::size_t k = 0; k < run.layers.size(); ++k) {
            rows.push_back({std::string(r.circuit.netlist), fmt::format("{}", settings_.seeds[s]),
                            fmt::format("{}", e.epoch), run.layers[k], fmt::format("{:.6g}", e.angle->layers[k]),
                            text_of(e.train.mean_loss()), e.test ? text_of(e.test->accuracy()) : ""});
          }
        }
      }
    }
    return rows;
  }

  /// The hidden layer's angle over epochs, mean over seeds; the data stand in the script.
  std::string angle_plot() const {
    std::string data, curves;
    for (const outcome_of_circuit& r : results_) {
      if (r.circuit.curve.empty() || r.runs.front().layers.empty()) continue;
      const std::string block = fmt::format("$c{}", std::count(curves.begin(), curves.end(), '$'));
      data += block + " << EOD\n";
      for (std::size_t e = 0; e < r.runs.front().epochs.size(); ++e) {
        double sum = 0;
        for (const training& run : r.runs) sum += run.epochs[e].angle->layers.front();
        data += fmt::format("{} {:.6g}\n", e + 1, sum / static_cast<double>(r.runs.size()));
      }
      data += "EOD\n";
      curves += fmt::format("{}{} with linespoints linewidth 2 pointtype 7 pointsize 0.3 title '{}'",
                            curves.empty() ? "" : ", ", block, r.circuit.curve);
    }
    return data +
           "set title 'Weight updates of the hidden layer against those of backpropagation (digits)'\n"
           "set xlabel 'epoch'\nset xrange [0:*]\nset ylabel 'angle (degrees)'\nset yrange [-1:91]\nset ytics 15\n"
           "set grid ytics\nset colorsequence podo\nset linetype 5 linecolor '#a65628'\n"
           "set key outside right top\nplot " +
           curves;
  }

  std::string curve_plot() const {
    std::string data = "$c << EOD\n";
    for (std::size_t n = 1; n < curve_.size(); ++n) {
      data += fmt::format("{} {} {}\n", curve_[n][0], curve_[n][1], curve_[n][2]);
    }
    return data +
           "EOD\nset title 'Feedback alignment, linear 30-20-10 (after Lillicrap et al. 2016)'\n"
           "set xlabel 'example'\nset ylabel 'angle of the hidden update (degrees)'\nset yrange [0:90]\nset ytics 15 "
           "nomirror\nset y2label 'loss'\nset logscale y2\nset format y2 '10^{%T}'\nset y2tics\nset grid ytics\n"
           "set key top right\n"
           "plot $c using 1:2 with points pointtype 7 pointsize 0.25 linecolor '#9ecae1' notitle, "
           "$c using 1:2 smooth bezier linewidth 3 linecolor '#08519c' title 'angle', "
           "$c using 1:3 axes x1y2 smooth bezier linewidth 2 linecolor '#d94801' title 'loss (right)'";
  }

  const reproduce_settings& settings_;
  progress_line progress_;
  std::size_t done_ = 0;
  std::vector<outcome_of_circuit> results_;
  text_table curve_{{"example", "degrees", "loss"}};
};

}  // namespace

void reproduce_circuits(const reproduce_settings& settings) { circuits_target(settings).run(); }

}  // namespace locus::tools
