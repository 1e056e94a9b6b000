#include "tools/reproduce/circuits/weight_symmetry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace locus::tools {
namespace {

/// What the paper's table says: "✔", "✘", "partly".
struct published_row {
  std::string_view netlist, algorithm;
  std::array<std::string_view, 6> marks;
};
constexpr published_row published[] = {
    {"digits-bp", "BP", {"✘", "✘", "✔", "✘", "✔", "✔"}},
    {"digits-feedback-alignment", "FA", {"✔", "✔", "✔", "partly", "✘", "✘"}},
    {"digits-kolen-pollack", "KP", {"✔", "✔", "✔", "✘", "✔", "✔"}},
    {"digits-weight-mirror", "WM", {"✔", "✔", "✘", "✘", "✔", "✔"}},
};
constexpr std::array<std::string_view, 6> properties = {"sign not transported",      "magnitude not transported",
                                                        "no phase for feedback",     "no symmetry after training",
                                                        "approximates BP's updates", "BP's test score"};

constexpr double symmetric_below = 30, apart_above = 85;  ///< degrees between feedback and forward weights
constexpr double accurate_below = 15;                     ///< degrees between updates
constexpr double points = 1;                              ///< of test score

std::string mark(bool holds) { return holds ? "✔" : "✘"; }

/// The mean over seeds of the smallest (largest) number of the last epoch or of all pairs.
template <class F>
double mean_over(const measured_circuit& c, F&& f) {
  double sum = 0;
  for (const trained_run& run : c.runs) sum += f(run);
  return sum / static_cast<double>(c.runs.size());
}

double least_angle_of_weights(const measured_circuit& c) {
  return mean_over(c, [&](const trained_run& run) {
    double least = std::numeric_limits<double>::infinity();
    for (const double each : run.angle) least = std::fmin(least, each);
    return least;
  });
}

double largest_angle_of_updates(const measured_circuit& c) {
  if (c.equivalent) return 0;
  return mean_over(c, [&](const trained_run& run) {
    double largest = 0;
    for (std::size_t n = run.angles.size() - c.angle_count(); n < run.angles.size(); ++n)
      largest = std::fmax(largest, run.angles[n]);
    return largest;
  });
}

std::array<std::string, 6> measured_of(const measured_circuit& c) {
  const bool transports = c.transport == "yes";
  const bool apart = std::any_of(c.pairs.begin(), c.pairs.end(), [](const feedback_pair& p) { return p.apart; });
  const double symmetry = least_angle_of_weights(c), updates = largest_angle_of_updates(c);
  const double behind = mean_over(c, [](const trained_run& run) { return run.twin_test - run.test.back(); });
  return {mark(!transports),
          mark(!transports),
          mark(!apart),
          fmt::format("{} {:.0f}°",
                      symmetry < symmetric_below ? "✘"
                      : symmetry < apart_above   ? "partly"
                                                 : "✔",
                      symmetry),
          fmt::format("{} {:.0f}°", mark(updates < accurate_below), updates),
          fmt::format("{} {:+.1f}", mark(behind <= points), 0 - behind)};
}

}  // namespace

text_table weight_symmetry_table(const std::vector<measured_circuit>& circuits) {
  text_table table{{"algorithm", "circuit"}};
  table[0].insert(table[0].end(), properties.begin(), properties.end());
  table[0].emplace_back("agree");
  for (const published_row& row : published) {
    const auto c = std::find_if(circuits.begin(), circuits.end(),
                                [&](const measured_circuit& each) { return each.name == row.netlist; });
    if (c == circuits.end() || !c->left_out.empty() || !c->has_twin) continue;
    if (std::any_of(c->runs.begin(), c->runs.end(),
                    [](const trained_run& run) { return !run.ended.empty() || run.test.empty(); }))
      continue;
    const auto ours = measured_of(*c);
    std::vector<std::string> line = {std::string(row.algorithm), c->name};
    std::size_t agree = 0;
    for (std::size_t k = 0; k < ours.size(); ++k) {
      line.push_back(fmt::format("{} (paper {})", ours[k], row.marks[k]));
      agree += ours[k].starts_with(row.marks[k]) ? 1 : 0;
    }
    line.push_back(fmt::format("{} of {}", agree, ours.size()));
    table.push_back(std::move(line));
  }
  return table;
}

std::string weight_symmetry_notes() {
  return fmt::format(
      "Li and Benna 2024, Table 1, as far as these circuits go. Symmetry: the angle between feedback and forward "
      "weights after\ntraining, of the most similar pair (✘ below {:.0f}°, ✔ above {:.0f}°). Updates: their angle to "
      "backpropagation's, in the worst\nlayer (✔ below {:.0f}°). Test score: points beside backpropagation's (✔ down "
      "to "
      "-{:.0f}).",
      symmetric_below, apart_above, accurate_below, points);
}

}  // namespace locus::tools
