/// Why bursts: with feedback that always flows, inference settles only where gamma lambda_max(A^T A) < 2. Computed from
/// weights and values, and seen in running circuits.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/experiment/experiment.hpp"
#include "tools/reproduce/autonomy/autonomy.hpp"
#include "tools/reproduce/autonomy/stability.hpp"

namespace locus::tools {
namespace {

/// gamma in units of the threshold that the median sample has, 2 / lambda.
constexpr double around_threshold[] = {0.9, 0.95, 1.05, 1.1};
constexpr unsigned samples = 20;  ///< one a lane
constexpr double tolerance = 1e-12;

/// Of some inferences, one number each.
template <class T, class F>
std::vector<double> each(const std::vector<T>& all, F&& f) {
  std::vector<double> numbers;
  numbers.reserve(all.size());
  for (const T& x : all) numbers.push_back(f(x));
  return numbers;
}

class stability_table {
 public:
  explicit stability_table(autonomy_study& study)
      : study_(study),
        ticks_(study.settings.by_size<std::size_t>(200, 1000, 1000)),
        settling_limit_(study.settings.by_size<std::size_t>(500, 4000, 4000)) {
    const std::size_t deepest = study.settings.quick() ? 2 : 3;
    const auto trained = study.settings.by_size<std::uint64_t>(60, 3000, 30000);
    for (const char* activation : studied_activations) {
      for (std::size_t hidden = 1; hidden <= deepest; ++hidden) {
        for (const std::uint64_t updates : {std::uint64_t{0}, trained})
          circuits_.push_back({activation, hidden, updates});
      }
    }
  }

  void run() {
    circuits_ = study_.compute<studied_circuit>("stability", circuits_.size(),
                                                [&](std::size_t n) { return measured_inference(circuits_[n]); });
    report();
  }

 private:
  [[nodiscard]] std::vector<std::string> overrides_of(const studied_circuit& c) const {
    return {"circuit.layers=" + study_.layers(c.hidden), "circuit.activation=" + c.activation,
            fmt::format("circuit.lanes={}", samples), "learning.alpha=0.001", "stimuli.epochs=100"};
  }

  /// The same network, its inference free to run, and nothing learns.
  [[nodiscard]] std::vector<std::string> inferring(const studied_circuit& c, double gamma, const char* start) const {
    std::vector<std::string> changes = overrides_of(c);
    changes.insert(changes.end(),
                   {"learning.rule=none", "learning.feedback=continuous", fmt::format("learning.gamma={}", gamma),
                    fmt::format("stimuli.start={}", start), "circuit.on_nonfinite=record"});
    return changes;
  }

  [[nodiscard]] studied_circuit measured_inference(studied_circuit c) {
    const description learning = study_.read(overrides_of(c));
    const data_set& data = study_.data_of(learning);
    experiment_options options;
    options.evaluate = false;
    options.max_updates = c.updates;
    experiment trained(learning, data, options);
    if (c.updates > 0) (void)trained.run();
    const auto disturb = [&](double gamma) {
      c.runs.push_back(
          {gamma, disturb_inference(study_.read(inferring(c, gamma, "forward")), data, trained.sim(), ticks_)});
    };
    disturb(1);
    const std::vector<double> fastest = c.fastest();
    for (const double times : around_threshold) disturb(times * 2 / median(fastest));
    const auto settle = [&](double gamma) {
      return settle_inference(study_.read(inferring(c, gamma, "settle")), data, trained.sim(), tolerance,
                              settling_limit_);
    };
    c.settled = settle(1);
    while (c.slow_gamma * *std::max_element(fastest.begin(), fastest.end()) >= 2) c.slow_gamma /= 2;
    c.settled_slowly = settle(c.slow_gamma);
    return c;
  }

  // ---- what it comes to -----------------------------------------------------------------------------------------

  /// "112 (20)": median over the lanes that settle, and how many of them there are.
  static std::string ticks_of(const std::vector<settling>& all) {
    std::vector<double> ticks;
    for (const settling& s : all) {
      if (s.ticks) ticks.push_back(static_cast<double>(*s.ticks));
    }
    return ticks.empty() ? "never" : fmt::format("{:.0f} ({})", median(ticks), ticks.size());
  }

  [[nodiscard]] std::vector<std::string> row_of(const studied_circuit& c) {
    const std::vector<double> fastest = c.fastest();
    const auto [low, high] = std::minmax_element(fastest.begin(), fastest.end());
    std::size_t right = 0, all = 0;
    double error = 0;
    for (const auto& run : c.runs) {
      for (const disturbed_inference& x : run.samples) {
        ++all;
        right += x.settled() == x.modes.stable(run.gamma) ? 1 : 0;
        error = std::fmax(error, std::abs(x.fastest_growth - (1 - run.gamma * x.modes.fastest)));
      }
    }
    right_ += right;
    all_ += all;
    const std::vector<disturbed_inference>& one = c.runs.front().samples;
    const auto stable = std::count_if(one.begin(), one.end(), [](auto& x) { return x.modes.stable(1); });
    const auto settled = std::count_if(one.begin(), one.end(), [](auto& x) { return x.settled(); });
    return {c.activation,
            fmt::format("{}", c.hidden),
            fmt::format("{}", c.updates),
            fmt::format("{:.3f} [{:.3f}, {:.3f}]", median(fastest), *low, *high),
            fmt::format("{:+.4f}", median(each(one, [](auto& x) { return 1 - x.modes.fastest; }))),
            fmt::format("{:+.4f}", median(each(one, [](auto& x) { return x.fastest_growth; }))),
            fmt::format("{} / {}", stable, settled),
            fmt::format("{:.3f}", 2 / median(fastest)),
            fmt::format("{} / {}", right, all),
            fmt::format("{:.0e}", error),
            ticks_of(c.settled),
            fmt::format("{:g}", c.slow_gamma),
            ticks_of(c.settled_slowly)};
  }

  void report() {
    text_table shown{{"f", "hidden", "updates", "lambda_max", "1 - lambda", "measured", "settle", "2 / lambda", "right",
                      "error", "ticks", "gamma", "ticks"}};
    for (const studied_circuit& c : circuits_) shown.push_back(row_of(c));
    fmt::print("Stability of inference with feedback that always flows ({}, layers of 32, {} samples)\n\n{}\n",
               study_.images(), samples, aligned(shown));
    fmt::print(
        "lambda_max: of A^T A at the forward values, median [least, largest] over samples; 1 - lambda: growth a tick "
        "of "
        "the fastest mode\nat gamma = 1, and as measured after one value was moved by {:g}; settle: samples that "
        "should, "
        "and do. right: {} of {} samples in all\nsettle as gamma lambda_max < 2 says, at gamma = 1 and 0.9, 0.95, "
        "1.05, "
        "1.1 times the threshold 2 / lambda; error: the largest in growth.\nticks: until no error is above {:g}, from "
        "the "
        "values of another sample, at gamma = 1 and at a stable power of 2 (samples that do).\n\n",
        disturbance, right_, all_, tolerance);
    study_.files.table("stability", measured());
    study_.files.table("settling", settling_times());
    study_.files.table("deviations", deviations());
    study_.files.picture("stability", growth_plot(circuits_));
    study_.files.picture("deviations",
                         deviation_plot(shown_circuit(), shown_sample(),
                                        "One value moved by 10^{-8}, untrained tanh network with two hidden layers"));
    study_.keep_netlist("stability-learning", overrides_of(shown_circuit()));
    study_.keep_netlist("stability-inference", inferring(shown_circuit(), 1, "forward"));
  }

  [[nodiscard]] text_table measured() const {
    text_table rows{{"activation", "hidden layers", "updates", "gamma", "sample", "lambda max", "lambda min",
                     "growth expected", "growth measured", "stable expected", "settled", "distance at first",
                     "distance at last", "ticks"}};
    for (const studied_circuit& c : circuits_) {
      for (const auto& run : c.runs) {
        for (std::size_t n = 0; n < run.samples.size(); ++n) {
          const disturbed_inference& x = run.samples[n];
          rows.push_back({c.activation, fmt::format("{}", c.hidden), fmt::format("{}", c.updates),
                          fmt::format("{:.6g}", run.gamma), fmt::format("{}", n),
                          fmt::format("{:.8g}", x.modes.fastest), fmt::format("{:.8g}", x.modes.slowest),
                          fmt::format("{:.8g}", 1 - run.gamma * x.modes.fastest),
                          fmt::format("{:.8g}", x.fastest_growth), x.modes.stable(run.gamma) ? "1" : "0",
                          x.settled() ? "1" : "0", fmt::format("{:.4g}", x.distances.front()),
                          fmt::format("{:.4g}", x.distances.back()), fmt::format("{}", ticks_)});
        }
      }
    }
    return rows;
  }

  [[nodiscard]] text_table settling_times() const {
    text_table rows{{"activation", "hidden layers", "updates", "gamma", "sample", "ticks", "last error"}};
    for (const studied_circuit& c : circuits_) {
      for (const auto& [gamma, all] : {std::pair{1.0, &c.settled}, {c.slow_gamma, &c.settled_slowly}}) {
        for (std::size_t n = 0; n < all->size(); ++n) {
          const settling& s = (*all)[n];
          rows.push_back({c.activation, fmt::format("{}", c.hidden), fmt::format("{}", c.updates),
                          fmt::format("{:g}", gamma), fmt::format("{}", n), s.ticks ? fmt::format("{}", *s.ticks) : "-",
                          fmt::format("{:.4g}", s.last_error)});
        }
      }
    }
    return rows;
  }

  /// The circuit whose deviations are shown: tanh, two hidden layers, untrained; the sample with the median lambda.
  [[nodiscard]] const studied_circuit& shown_circuit() const {
    return *std::find_if(circuits_.begin(), circuits_.end(), [](const studied_circuit& c) {
      return c.activation == "tanh" && c.hidden == 2 && c.updates == 0;
    });
  }
  [[nodiscard]] std::size_t shown_sample() const {
    const std::vector<double> fastest = shown_circuit().fastest();
    return static_cast<std::size_t>(std::find(fastest.begin(), fastest.end(), median(fastest)) - fastest.begin());
  }

  [[nodiscard]] text_table deviations() const {
    const studied_circuit& c = shown_circuit();
    text_table rows{{"ticks"}};
    for (const auto& run : c.runs) rows.front().push_back(fmt::format("gamma = {:.4g}", run.gamma));
    for (std::size_t t = 0; t <= ticks_; ++t) {
      std::vector<std::string>& row = rows.emplace_back(std::vector<std::string>{fmt::format("{}", t)});
      for (const auto& run : c.runs) row.push_back(fmt::format("{:.4g}", run.samples[shown_sample()].distances[t]));
    }
    return rows;
  }

  autonomy_study& study_;
  std::size_t ticks_;           ///< after a disturbance
  std::size_t settling_limit_;  ///< ticks from another sample's values
  std::vector<studied_circuit> circuits_;
  std::size_t right_ = 0, all_ = 0;
};

}  // namespace

double median(std::vector<double> v) {
  std::sort(v.begin(), v.end());
  return v[v.size() / 2];
}

void serialize(archive& a, studied_circuit::disturbed& run) {
  a.value("gamma", run.gamma);
  sweep::serialize(a, run.samples);
}

void serialize(archive& a, studied_circuit& c) {
  a.value("activation", c.activation);
  std::uint64_t hidden = c.hidden;
  a.value("hidden", hidden);
  c.hidden = hidden;
  a.value("updates", c.updates);
  a.value("slow_gamma", c.slow_gamma);
  const auto list = [&a](const char* name, auto& all) {
    const auto part = a.enter(name);
    sweep::serialize(a, all);
  };
  list("runs", c.runs);
  list("settled", c.settled);
  list("settled_slowly", c.settled_slowly);
}

std::vector<double> studied_circuit::fastest() const {
  return each(runs.front().samples, [](const disturbed_inference& x) { return x.modes.fastest; });
}

void measure_stability(autonomy_study& study) { stability_table(study).run(); }

}  // namespace locus::tools
