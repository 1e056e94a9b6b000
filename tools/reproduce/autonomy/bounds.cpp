/// The bounds of the burst circuit: at each of them, one step below it, and without one of its parts.

#include <fmt/format.h>

#include "tools/locus/gnuplot.hpp"
#include "tools/reproduce/autonomy/autonomy.hpp"
#include "tools/reproduce/autonomy/pair.hpp"

namespace locus::tools {
namespace {

constexpr std::size_t hidden_layers = 3;
constexpr int network_depth = hidden_layers + 1;  // L
constexpr std::size_t activations = std::size(studied_activations);
constexpr double shown_spurious = 0.5;  ///< per cent; fewer are not drawn

/// What is expected of a case, to be held against what is measured, by activation.
struct expectation {
  std::string_view text;
  bool (*holds)(const std::vector<pair_result>& by_activation);
};

template <class F>
bool all_of(const std::vector<pair_result>& results, F&& f) {
  return std::all_of(results.begin(), results.end(), f);
}

const expectation all_exact = {"exact", [](const auto& all) { return all_of(all, [](auto& r) { return r.exact(); }); }};
const expectation rounding = {
    "spikes exact, weights to rounding", [](const auto& all) {
      return all_of(all, [](auto& r) { return r.spikes.exact() && !r.diverged && r.weights.max_abs <= 1e-14; });
    }};
const expectation none = {"no right spike",
                          [](const auto& all) { return all_of(all, [](auto& r) { return r.spikes.right == 0; }); }};
const expectation missing = {"some are missing",
                             [](const auto& all) { return all_of(all, [](auto& r) { return r.spikes.missed > 0; }); }};
const expectation spurious = {"spurious spikes", [](const auto& all) {
                                return all_of(all, [](auto& r) { return r.spikes.spurious > r.spikes.deltas / 10; });
                              }};
const expectation first_only = {"right in the first presentation only", [](const auto& all) {
                                  return all_of(all, [](auto& r) {
                                    const double one = 100.0 / static_cast<double>(r.weights.updates);
                                    const double right = r.spikes.share(&spike_count::right);
                                    return right > 0 && right < 1.5 * one;
                                  });
                                }};
/// The `lost` layers next to the input have no spikes, the others all that they should have, with the right errors.
template <std::size_t lost>
bool lower_layers_lost(const std::vector<pair_result>& all) {
  return all_of(all, [](auto& r) {
    spike_count below, above;
    for (std::size_t k = 0; k < r.by_layer.size(); ++k) (k < lost ? below : above) += r.by_layer[k];
    return below.right + below.spurious == 0 && above.exact() && above.faithful == above.right;
  });
}
const expectation first_layer_lost = {"all but hidden1's", lower_layers_lost<1>};
const expectation two_layers_lost = {"all but hidden1's and hidden2's", lower_layers_lost<2>};
const expectation old_answers = {
    "none with the right error", [](const auto& all) {
      return all_of(all, [](auto& r) { return r.spikes.right > 0 && r.spikes.share(&spike_count::faithful) < 0.1; });
    }};
const expectation sigmoid_only = {"sigmoid alone: all, weights to 5e-14", [](const auto& all) {
                                    return all[0].spikes.missed == 0 && all[0].weights.max_abs <= 5e-14 &&
                                           all[1].spikes.missed > 0 && all[2].spikes.missed > 0;
                                  }};
const expectation sigmoid_spurious = {
    "sigmoid: spurious spikes", [](const auto& all) { return all[0].spikes.spurious > all[0].spikes.deltas / 10; }};

/// A circuit as overrides of the flagship's netlist.
using overrides = std::vector<std::string>;
struct bound_case {
  std::string title;
  presentation_times times;
  overrides changes;
  expectation expected;
};

overrides operator+(overrides a, const overrides& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

constexpr int long_predict = 12;  ///< enough for phi to have been quiet before the teacher, whatever was before

std::vector<bound_case> all_cases() {
  constexpr int l = network_depth;
  const overrides point = {"circuit.neuron=point"}, segregated = {"circuit.neuron=segregated"},
                  held = {"stimuli.teacher_off=false"}, continuous = {"learning.feedback=continuous"},
                  quiet3 = {"learning.phi.quiet_ticks=3"}, ungated = {"learning.phi.cause_gate=false"},
                  tolerant = {"learning.phi.quiet_ticks=4", "learning.phi.tolerance=1e-12"};
  return {
      {"shortest cycle 2L + t_d: P = L + t_d, T = L, Q = 0", {l + 1, l, 0}, {}, all_exact},
      {"the same, segregated neurons", {l + 1, l, 0}, segregated, all_exact},
      {"P = L + t_d, t_d = 3", {l + 3, l, 0}, quiet3, all_exact},
      {"teacher for one tick: T = 1, Q = L - 1", {l + 1, 1, l - 1}, {}, all_exact},
      {"teacher for long: T = 24, Q = 0", {l + 1, 24, 0}, {}, all_exact},
      {"point neurons, P = L + t_d + 1", {l + 2, l, 0}, point, rounding},
      {"P one tick short", {l, l, 0}, {}, none},
      {"P one tick short, segregated neurons", {l, l, 0}, segregated, none},
      {"P one tick short, t_d = 3", {l + 2, l, 0}, quiet3, none},
      {"P one tick short, point neurons", {l + 1, l, 0}, point, missing},
      {"T + Q = L - 1, P = 12", {long_predict, 1, l - 2}, {}, first_layer_lost},
      {"T + Q = L - 2, P = 12", {long_predict, 1, l - 3}, {}, first_layer_lost},
      {"T + Q = L - 3, P = 12", {long_predict, 1, l - 4}, {}, two_layers_lost},
      {"T + Q = L - 2, P = L + t_d", {l + 1, 1, l - 3}, {}, missing},
      {"teacher held until the next", {l + 1, l, 0}, held, first_only},
      {"teacher and input in the same tick", {0, l, long_predict}, {}, old_answers},
      {"no cause gate", {long_predict, l, 6}, ungated, spurious},
      {"no burst, P = L + t_d, T = L", {l + 1, l, 0}, continuous, missing},
      {"no burst, P = 128, T = L", {128, l, 0}, continuous, missing},
      {"no burst, P = 128, T = 24", {128, 24, 0}, continuous, missing},
      {"no burst, P = 64, t_d = 4, tolerance 1e-12", {64, l, 0}, continuous + tolerant, missing},
      {"no burst, P = 128, t_d = 4, tolerance 1e-12", {128, l, 0}, continuous + tolerant, sigmoid_only},
      {"the same, T = 24", {128, 24, 0}, continuous + tolerant, sigmoid_only},
      {"the same, Q = 128, no cause gate", {128, l, 128}, continuous + tolerant + ungated, sigmoid_spurious},
  };
}

class bounds_table {
 public:
  explicit bounds_table(autonomy_study& study)
      : study_(study), updates_(study.settings.by_size<std::uint64_t>(30, 300, 300)), cases_(all_cases()) {}

  void run() {
    const auto all = study_.compute<pair_result>("bounds", cases_.size() * activations, [&](std::size_t n) {
      const autonomy_study::netlist_pair pair =
          study_.read_pair(overrides_of(cases_[n / activations], n % activations));
      return run_beside_backpropagation(pair.ours, pair.twin, study_.data_of(pair.ours), updates_,
                                        [&](std::uint64_t update) { return draw_times(pair.ours.timeline, update); });
    });
    for (auto from = all.begin(); from != all.end(); from += activations) {
      results_.emplace_back(from, from + activations);
    }
    report();
  }

 private:
  [[nodiscard]] overrides overrides_of(const bound_case& c, std::size_t f) const {
    return overrides{"circuit.layers=" + study_.layers(hidden_layers),
                     "learning.alpha=0.001",
                     fmt::format("circuit.activation={}", studied_activations[f]),
                     fmt::format("stimuli.predict={}", c.times.predict),
                     fmt::format("stimuli.teach={}", c.times.teach),
                     fmt::format("stimuli.rest={}", c.times.rest)} +
           c.changes;
  }

  /// "100 / 100 / 98.2": one a activation.
  template <class F>
  static std::string three(const std::vector<pair_result>& all, F&& f) {
    std::string text;
    for (const pair_result& r : all) text += (text.empty() ? "" : " / ") + f(r);
    return text;
  }

  template <std::uint64_t spike_count::*what>
  static std::string share(const pair_result& r) {
    return fmt::format("{:.3g}", r.spikes.share(what));
  }

  static std::string off(const pair_result& r) {
    return r.diverged ? "diverged" : r.weights.bit_identical ? "0" : fmt::format("{:.1e}", r.weights.max_abs);
  }

  void report() {
    text_table shown{
        {"presentation", "right %", "with its error %", "spurious %", "max |theta - theta_BP|", "expected", "holds"}};
    for (std::size_t n = 0; n < cases_.size(); ++n) {
      const std::vector<pair_result>& r = results_[n];
      shown.push_back({cases_[n].title, three(r, share<&spike_count::right>), three(r, share<&spike_count::faithful>),
                       three(r, share<&spike_count::spurious>), three(r, off), std::string(cases_[n].expected.text),
                       cases_[n].expected.holds(r) ? "✔" : "✘"});
    }
    fmt::print(
        "Bounds: the burst circuit, driven by clamps alone, beside backpropagation ({} {}, {} updates of 20, "
        "t_d = 1; sigmoid / tanh / relu)\n\n{}\n",
        study_.images(), study_.layers(hidden_layers), updates_, aligned(shown));
    fmt::print(
        "Per cent of backpropagation's deltas that are not 0. A spike is right in the tick in which the wave "
        "passes its layer; its "
        "error is backpropagation's\ndelta, from the same weights, to a millionth. Weights: against "
        "backpropagation that has its own from the start.\n\n");
    study_.files.table("bounds", measured());
    study_.files.picture("bounds", plot(), {900, 760});
    study_.keep_netlist("bounds", overrides_of(cases_.front(), 1));
  }

  [[nodiscard]] text_table measured() const {
    text_table rows{{"presentation", "activation", "P", "T", "Q", "updates", "deltas", "right", "with its error",
                     "missed", "spurious", "max |d theta|", "max |d theta| relative", "bit-identical", "diverged",
                     "expected", "agrees"}};
    for (std::size_t k = 1; k <= network_depth; ++k) {
      const std::string layer = k == network_depth ? "output" : fmt::format("hidden{}", k);
      rows.front().push_back("right " + layer);
      rows.front().push_back("spurious " + layer);
      rows.front().push_back("wrong share of change " + layer);
    }
    for (std::size_t n = 0; n < cases_.size(); ++n) {
      for (std::size_t f = 0; f < activations; ++f) {
        const pair_result& r = results_[n][f];
        std::vector<std::string>& row = rows.emplace_back();
        row = {cases_[n].title,
               studied_activations[f],
               fmt::format("{}", cases_[n].times.predict),
               fmt::format("{}", cases_[n].times.teach),
               fmt::format("{}", cases_[n].times.rest),
               fmt::format("{}", r.weights.updates),
               fmt::format("{}", r.spikes.deltas),
               fmt::format("{}", r.spikes.right),
               fmt::format("{}", r.spikes.faithful),
               fmt::format("{}", r.spikes.missed),
               fmt::format("{}", r.spikes.spurious),
               fmt::format("{:.4g}", r.weights.max_abs),
               fmt::format("{:.4g}", r.weights.max_rel),
               r.weights.bit_identical ? "1" : "0",
               r.diverged ? "1" : "0",
               std::string(cases_[n].expected.text),
               cases_[n].expected.holds(results_[n]) ? "1" : "0"};
        for (std::size_t k = 0; k < r.layers.size(); ++k) {
          row.push_back(fmt::format("{}", r.by_layer[k].right));
          row.push_back(fmt::format("{}", r.by_layer[k].spurious));
          row.push_back(fmt::format("{:.4g}", r.layers[k].of_change));
        }
      }
    }
    return rows;
  }

  /// A line a presentation: rightly learnt deltas, and spurious spikes, of the three activations.
  [[nodiscard]] std::string plot() const {
    const char* colors[] = {"#d94801", "#08519c", "#238b45"};
    std::string data, curves;
    for (std::size_t f = 0; f < activations; ++f) {
      std::string learnt, wrong;
      for (std::size_t n = 0; n < cases_.size(); ++n) {
        const double y = static_cast<double>(n) + 0.22 * (static_cast<double>(f) - 1);  // side by side within a line
        const spike_count& spikes = results_[n][f].spikes;
        learnt += fmt::format("\"{}\" {:.4g} {}\n", cases_[n].title, spikes.share(&spike_count::faithful), y);
        const double share = spikes.share(&spike_count::spurious);
        if (share > shown_spurious) wrong += fmt::format("{:.4g} {}\n", share, y);
      }
      data += fmt::format("$learnt{0} << EOD\n{1}EOD\n$spurious{0} << EOD\n{2}EOD\n", f, learnt, wrong);
      curves +=
          fmt::format("$learnt{0} using 2:3{1} with points pointtype 7 pointsize 0.8 linecolor '{2}' title '{3}', ", f,
                      f == 1 ? ":ytic(1)" : "", colors[f], studied_activations[f]);
      if (wrong.empty()) continue;
      curves += fmt::format("$spurious{} with points pointtype 2 pointsize 0.8 linecolor '{}' notitle, ", f, colors[f]);
    }
    return data + fmt::format(
                      "set title {}\n"
                      "set xlabel \"dots: spikes with the right error in the right tick; crosses: spurious spikes"
                      "\\n(per cent of the deltas of backpropagation that are not 0)\" font ',13'\n"
                      "set xrange [-5:*]\nset yrange [{}:-0.5]\nset ytics nomirror font ',12'\n"
                      "set lmargin 37\nset grid\nset key bottom right\nplot {}",
                      gnuplot_text(fmt::format("When does phi spike? ({}, 3 hidden layers, {} updates)",
                                               study_.images(), updates_)),
                      static_cast<double>(cases_.size()) - 0.5, curves);
  }

  autonomy_study& study_;
  std::uint64_t updates_;
  std::vector<bound_case> cases_;
  std::vector<std::vector<pair_result>> results_;  ///< [case][activation]
};

}  // namespace

void measure_bounds(autonomy_study& study) { bounds_table(study).run(); }

}  // namespace locus::tools
