/// `locus reproduce bmvr`: Golkar et al. 2020, Fig. 3 (the loss of linear BMVR and of backpropagation over training,
/// with the least that any network of that width can come to) and Tab. 1 (mean-subtracted ReLUs on MNIST). Hidden sizes
/// and rates are ours: the paper's are not legible in the texts that we have. One seed: the first that is given.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>

#include "models/templates/catalogue.hpp"
#include "models/templates/variants.hpp"
#include "sim/core/errors.hpp"
#include "sim/experiment/experiment.hpp"
#include "sim/sweep/jobs.hpp"
#include "tools/locus/progress.hpp"
#include "tools/reproduce/data.hpp"
#include "tools/reproduce/linear_regression.hpp"
#include "tools/reproduce/results.hpp"
#include "tools/reproduce/target.hpp"

namespace locus::tools {
namespace {

using overrides = std::vector<std::string>;

/// A data set of Fig. 3, as overrides of the netlist digits-bmvr.
struct regression_task {
  std::string_view name;
  std::string_view title;
  overrides changes;
};
const regression_task regression_tasks[] = {
    {"gaussian",
     "Gaussian inputs, 8-2-4",
     {"circuit.layers=[8, 2, 4]", "learning.alpha=0.002", "learning.alpha_apical=0.0003",
      "learning.alpha_inhibition=0.0005", "stimuli.epochs=20",
      "stimuli.data={ teacher = [8, 4], samples = 5000, seed = 1 }"}},
    {"digits", "UCI digits, 64-5-10", {"stimuli.epochs=100"}},
    {"mnist",
     "MNIST, 784-5-10",
     {"circuit.layers=[784, 5, 10]", "stimuli.data=mnist", "stimuli.train_limit=10000", "learning.alpha=0.003",
      "stimuli.epochs=40"}},
    {"fashion-mnist",
     "Fashion-MNIST, 784-5-10",
     {"circuit.layers=[784, 5, 10]", "stimuli.data=fashion-mnist", "stimuli.train_limit=10000", "learning.alpha=0.002",
      "stimuli.epochs=40"}},
};

/// A row of Tab. 1, as overrides of the netlist digits-bmvr-relu on the paper's task.
struct classification_task {
  std::string_view name;
  overrides changes;
  std::string_view rule = "bmvr";
};
const overrides table_task = {
    "stimuli.data=mnist",  "stimuli.train_on=test",        "stimuli.test_limit=50000",        "circuit.precision=f32",
    "learning.alpha=0.02", "learning.alpha_apical=0.0001", "learning.alpha_inhibition=0.002", "stimuli.epochs=30"};
const classification_task classification_tasks[] = {
    {"BMVR, relu(u) - mean", {}},
    {"BMVR, relu(u - mean)", {"circuit.mean=inside", "learning.alpha=0.005"}},
    {"backpropagation, relu", {"learning.alpha=0.01"}, "bp"},
};
constexpr int hidden_sizes[] = {100, 200};

/// Loss over samples; the curves of one plot.
struct loss_curve {
  std::vector<std::uint64_t> samples;
  std::vector<double> losses;
};

/// On the training and on the test set; empty: it diverged.
struct accuracies {
  std::vector<double> percent;
};

/// What one circuit comes to: one of the two.
struct trained_circuit {
  loss_curve curve;
  accuracies scores;
};

void serialize(archive& a, trained_circuit& o) {
  a.list("samples", o.curve.samples);
  a.list("losses", o.curve.losses);
  a.list("percent", o.scores.percent);
}

class bmvr_target {
 public:
  explicit bmvr_target(const reproduce_settings& settings) : settings_(settings) {}

  void run() {
    for (const regression_task& t : regression_tasks) add_regression(t);
    for (const int hidden : hidden_sizes) {
      for (const classification_task& t : classification_tasks) add_classification(t, hidden);
    }
    compute();
    for (const regression& r : regressions_) report_regression(r);
    for (const classification& c : classifications_) report_classification(c);
    report();
  }

 private:
  [[nodiscard]] description read(std::string_view task, std::string_view netlist, overrides changes,
                                 std::string_view rule) {
    changes.push_back(fmt::format("weights.seed={}", settings_.seeds.front()));
    if (settings_.quick()) {
      changes.insert(changes.end(), {"stimuli.epochs=2", "stimuli.train_limit=200", "stimuli.test_limit=100"});
    }
    const netlist_reader reader = [&](overrides more) {
      more.insert(more.begin(), changes.begin(), changes.end());
      return document::from_file(settings_.netlist_file(netlist), more);
    };
    files_.netlist(fmt::format("{}, {}", task, rule), reader({}).canonical_text());
    return rule == "bp" ? with_rule(reader, "bp").value() : read_netlist(reader({}), all_templates());
  }

  // ---- Fig. 3 ---------------------------------------------------------------------------------------------------

  /// A task with its data, and the circuits that learn it: BMVR first.
  struct regression {
    const regression_task* task;
    std::shared_ptr<const data_set> data;
    std::shared_ptr<const linear_regression> best;
    double least;  ///< the loss that no network of that width goes below
    std::vector<description> circuits;
    std::vector<loss_curve> curves = {};  ///< [circuit]
  };

  void add_regression(const regression_task& t) {
    const description ours = read(t.name, "digits-bmvr", t.changes, "bmvr");
    if (!has_data(ours.data.source)) return say_missing(ours.data.source);
    const auto data = std::make_shared<const data_set>(load_data(ours.data));
    auto best = std::make_shared<const linear_regression>(data->train);
    const auto hidden = std::find_if(ours.populations.begin(), ours.populations.end(),
                                     [](const population_description& p) { return p.name == "hidden1.value"; });
    const double least = best->least_loss(hidden->size);
    regressions_.push_back({&t, data, std::move(best), least, {ours, read(t.name, "digits-bmvr", t.changes, "bp")}});
  }

  /// The loss over all training samples, at moments that each are a twentieth of the way later.
  static loss_curve followed(const regression& r, const description& netlist) {
    loss_curve curve;
    experiment_options options;
    options.evaluate = false;
    std::uint64_t next = 1;
    options.on_batch = [&](experiment& x, std::uint32_t) {
      const std::uint64_t update = x.presentations(), all = x.batches() * netlist.epochs;
      if (update < next && update != all) return;
      next = update + std::max<std::uint64_t>(1, update / 20);
      const auto weights = [&](const char* projection) {
        return x.sim().weights(x.net().find_projection(projection).value());
      };
      curve.samples.push_back(update);
      curve.losses.push_back(r.best->loss(weights("hidden1.forward"), weights("output.forward")));
    };
    experiment(netlist, *r.data, options).run();
    return curve;
  }

  void report_regression(const regression& r) {
    const loss_curve &bmvr = r.curves.at(0), &bp = r.curves.at(1);
    const auto last = [&](const loss_curve& c) { return fmt::format("{:.4f}", c.losses.back() / r.least); };
    // While BMVR still learns: after that, both fluctuate with their rates.
    double above = 0, learning = 0;
    for (std::size_t n = 0; n < bmvr.losses.size() && bmvr.losses[n] > 1.02 * r.least; ++n) {
      learning += 1;
      above += bmvr.losses[n] > bp.losses[n] ? 1 : 0;
    }
    losses_.push_back({std::string(r.task->title), fmt::format("{}", bmvr.samples.back()),
                       fmt::format("{:.6f}", r.least), last(bmvr), last(bp),
                       fmt::format("{:.0f} %", 100 * above / learning)});
    for (std::size_t n = 0; n < bmvr.losses.size(); ++n) {
      curves_.push_back({std::string(r.task->name), fmt::format("{}", bmvr.samples[n]),
                         fmt::format("{:.8g}", bmvr.losses[n]), fmt::format("{:.8g}", bp.losses[n]),
                         fmt::format("{:.8g}", r.least)});
    }
    files_.picture(std::string(r.task->name), plot(*r.task, bmvr, bp, r.least));
  }

  static std::string plot(const regression_task& t, const loss_curve& bmvr, const loss_curve& bp, double least) {
    std::string data = "$loss << EOD\n";
    for (std::size_t n = 0; n < bmvr.losses.size(); ++n) {
      data += fmt::format("{} {:.8g} {:.8g}\n", bmvr.samples[n], bmvr.losses[n] / least - 1, bp.losses[n] / least - 1);
    }
    return data + fmt::format(
                      "EOD\nset title 'Linear BMVR and backpropagation: {} (after Golkar et al. 2020, Fig. 3)'\n"
                      "set xlabel 'samples'\nset ylabel 'loss above the best of that rank (percent)'\nset logscale xy\n"
                      "set format x '10^{{%T}}'\nset grid\nset key top right\n"
                      "plot $loss using 1:(100 * $2) with lines linewidth 3 linecolor '#08519c' title 'BMVR', "
                      "$loss using 1:(100 * $3) with lines linewidth 3 linecolor '#d94801' title 'backpropagation', "
                      "1 with lines linewidth 2 dashtype 2 linecolor 'black' title '1 percent'",
                      t.title);
  }

  // ---- Tab. 1 ---------------------------------------------------------------------------------------------------

  /// A row of the table, and what it comes to.
  struct classification {
    const classification_task* task;
    int hidden;
    description netlist;
    std::shared_ptr<const data_set> data;
    accuracies scores = {};
  };

  void add_classification(const classification_task& t, int hidden) {
    overrides changes = table_task;
    changes.push_back(fmt::format("circuit.layers=[784, {}, 10]", hidden));
    changes.insert(changes.end(), t.changes.begin(), t.changes.end());
    description netlist = read(fmt::format("{}, {} hidden", t.name, hidden), "digits-bmvr-relu", changes, t.rule);
    if (!has_data(netlist.data.source)) return;
    // All rows have the same task.
    auto data = classifications_.empty() ? std::make_shared<const data_set>(load_data(netlist.data))
                                         : classifications_.front().data;
    classifications_.push_back({&t, hidden, std::move(netlist), std::move(data)});
  }

  static accuracies classified(const classification& c) {
    experiment_options options;
    options.evaluate = false;
    accuracies out;
    try {
      experiment x(c.netlist, *c.data, options);
      x.run();
      evaluator scores(x.net(), c.netlist, *c.data, {});
      for (const samples* part : {&c.data->train, &c.data->test})
        out.percent.push_back(100 * scores.evaluate(x.sim(), *part).accuracy().value_or(std::nan("")));
    } catch (const run_error&) {
      out.percent.clear();
    }
    return out;
  }

  void report_classification(const classification& c) {
    std::vector<std::string> row = {std::string(c.task->name), fmt::format("{}", c.hidden),
                                    fmt::format("{}", c.netlist.epochs)};
    for (std::size_t part = 0; part < 2; ++part) {
      row.push_back(c.scores.percent.empty() ? "diverged" : fmt::format("{:.2f}", c.scores.percent[part]));
    }
    accuracies_.push_back(row);
  }

  // ---- all of them ----------------------------------------------------------------------------------------------

  /// All circuits of Fig. 3, then the rows of Tab. 1, each in a process of its own.
  void compute() {
    const std::size_t curves = 2 * regressions_.size();
    const auto train = [&](std::size_t n) {
      trained_circuit out;
      if (n < curves) out.curve = followed(regressions_[n / 2], regressions_[n / 2].circuits[n % 2]);
      else out.scores = classified(classifications_[n - curves]);
      return out;
    };
    for (regression& r : regressions_) r.curves.resize(r.circuits.size());
    const std::size_t all = curves + classifications_.size();
    progress_line progress;
    std::size_t ended = 0;
    sweep::compute_each<trained_circuit>(all, settings_.jobs, train, [&](std::size_t n, trained_circuit out) {
      if (n < curves) regressions_[n / 2].curves[n % 2] = std::move(out.curve);
      else classifications_[n - curves].scores = std::move(out.scores);
      progress.show("training", ++ended, all);
    });
  }

  // ---- what it comes to -----------------------------------------------------------------------------------------

  void report() {
    fmt::print("{}\n", aligned(losses_));
    files_.table("loss", curves_);
    if (accuracies_.size() > 1) {
      fmt::print(
          "{}\nTrained on MNIST's test images, tested on its training images (10 000 and 50 000, fewer with --quick). "
          "Golkar et al. 2020, "
          "Tab. 1,\n"
          "train / test %: BMVR 99.3 / 93.6 and 100 / 95.2, backpropagation 99.8 / 94.0 and 100 / 95.5, for two "
          "hidden\n"
          "sizes; theirs and their rates and epochs are not known to us.\n",
          aligned(accuracies_));
      files_.table("accuracy", accuracies_);
    }
    files_.finish();
  }

  const reproduce_settings& settings_;
  std::vector<regression> regressions_;
  std::vector<classification> classifications_;
  text_table losses_{
      {"data", "samples", "least loss", "BMVR / least", "backpropagation / least", "BMVR above until within 2 %"}};
  text_table curves_{{"data", "sample", "bmvr", "backpropagation", "least"}};
  text_table accuracies_{{"circuit", "hidden", "epochs", "train %", "test %"}};
  result_files files_{settings_, "bmvr"};
};

}  // namespace

void reproduce_bmvr(const reproduce_settings& settings) { bmvr_target(settings).run(); }

}  // namespace locus::tools
