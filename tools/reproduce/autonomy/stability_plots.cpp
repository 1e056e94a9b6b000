#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tools/reproduce/autonomy/stability.hpp"

namespace locus::tools {
namespace {

struct curve_style {
  const char *activation, *color;
  int point;  ///< gnuplot's pointtype
};
constexpr curve_style styles[] = {{"sigmoid", "#d94801", 6}, {"tanh", "#08519c", 4}, {"relu", "#238b45", 8}};

}  // namespace

std::string growth_plot(const std::vector<studied_circuit>& circuits) {
  std::string data, curves;
  for (const curve_style& style : styles) {
    data += fmt::format("${} << EOD\n", style.activation);
    for (const studied_circuit& c : circuits) {
      if (c.activation != style.activation) continue;
      for (const auto& run : c.runs) {
        for (const disturbed_inference& x : run.samples) {
          data += fmt::format("{:.6g} {:.6g}\n", run.gamma * x.modes.fastest, std::abs(x.fastest_growth));
        }
      }
    }
    data += "EOD\n";
    curves += fmt::format("${0} with points pointtype {2} pointsize 0.9 linecolor '{1}' title '{0}', ",
                          style.activation, style.color, style.point);
  }
  return data +
         "set title 'Inference with feedback that always flows: does a small disturbance die out?'\n"
         "set xlabel '{/Symbol g} {/Symbol l}_{max}(A^{T}A), from weights and values'\n"
         "set ylabel 'growth a tick of the fastest mode, measured'\nset logscale xy\nset xrange [1.3:*] noextend\n"
         "set yrange [0.3:*] noextend\nset xtics (1.5, 2, 3, 4, 5, 6, 8, 10)\nset ytics (0.3, 0.5, 1, 2, 3, 5, 10)\n"
         "set grid\nset key bottom right\nset samples 1000\n"
         "set arrow 1 from 2, graph 0 to 2, graph 1 nohead dashtype 2 linecolor '#555555'\n"
         "set label 1 'settles' at 1.97, graph 0.95 right textcolor '#555555'\n"
         "set label 2 'does not settle' at 2.03, graph 0.95 left textcolor '#555555'\n"
         "plot " +
         curves + "abs(1 - x) with lines linewidth 1.5 linecolor 'black' title '|1 - {/Symbol g} {/Symbol l}_{max}|'";
}

std::string deviation_plot(const studied_circuit& circuit, std::size_t sample, const std::string& title) {
  constexpr std::size_t shown_ticks = 200;
  const char* colors[] = {"#4292c6", "#08519c", "#fb6a4a", "#cb181d", "#67000d"};
  std::vector<const studied_circuit::disturbed*> runs;
  for (const auto& run : circuit.runs) runs.push_back(&run);
  std::sort(runs.begin(), runs.end(), [](auto* a, auto* b) { return a->gamma < b->gamma; });
  std::string data, curves;
  for (std::size_t g = 0; g < runs.size(); ++g) {
    const disturbed_inference& x = runs[g]->samples[sample];
    data += fmt::format("$g{} << EOD\n", g);
    for (std::size_t t = 0; t < x.distances.size() && t <= shown_ticks; ++t) {
      data += fmt::format("{} {:.4g}\n", t, x.distances[t]);
    }
    data += "EOD\n";
    curves += fmt::format("{}$g{} with lines linewidth 3 linecolor '{}' title '{:.2f}'", g == 0 ? "" : ", ", g,
                          colors[g % std::size(colors)], runs[g]->gamma * x.modes.fastest);
  }
  return data + fmt::format(
                    "set title '{}'\nset xlabel 'ticks'\nset ylabel 'distance of all values from rest'\n"
                    "set logscale y\nset format y '10^{{%T}}'\nset ytics nomirror\nset grid\n"
                    "set key outside right center title '{{/Symbol g}} {{/Symbol l}}_{{max}}'\nplot {}",
                    title, curves);
}

}  // namespace locus::tools
