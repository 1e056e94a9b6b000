#include "tools/reproduce/figure3/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "tools/locus/gnuplot.hpp"

namespace locus::tools::figure3 {
namespace {

/// Mean over the seeds.
struct divergence {
  double error = 0;               ///< percentage points of the test error, mean over epochs
  double weights = 0;             ///< sum over layers of Euclidean distances
  std::uint64_t diverged_at = 0;  ///< first update at which a seed's numbers became infinite; 0: none
};

/// One of the figure's two ways to say how far apart two runs are.
struct measure {
  double divergence::*value;
  std::string_view name;     ///< of rows and tables
  std::string_view axis;     ///< of curves
  std::string_view caption;  ///< of heat maps
  std::string_view block;    ///< part of gnuplot's names of data
};
constexpr measure measures[] = {
    {&divergence::error, "test error", "test error: mean difference (points)", "test error (points)", "e"},
    {&divergence::weights, "weights", "weights: distance", "weights (distance)", "w"},
};

std::string short_number(double v) {
  if (v == 0) return "0";
  if (v >= 1e4) return fmt::format("{:.0e}", v);
  if (v >= 100) return fmt::format("{:.0f}", v);
  if (v >= 0.01) return fmt::format("{:.2g}", v);
  return fmt::format("{:.0e}", v);
}

std::string shown(const divergence& d, const measure& m) {
  return d.diverged_at != 0 ? fmt::format("diverged at update {}", d.diverged_at) : short_number(d.*m.value);
}

class reporter {
 public:
  reporter(const study& of, const results& all) : study_(of), all_(all) {}

  [[nodiscard]] divergence mean(cell c) const {
    divergence out;
    for (const std::uint64_t seed : study_.seeds()) {
      c.seed = seed;
      const outcome &o = all_.cells.at(c), &reference = reference_of(c.hidden, seed);
      for (const std::uint64_t update : {o.diverged_at, reference.diverged_at}) {
        if (update != 0) out.diverged_at = out.diverged_at == 0 ? update : std::min(out.diverged_at, update);
      }
      if (out.diverged_at != 0) continue;
      double sum = 0;
      for (std::size_t e = 0; e < o.test_error.size(); ++e) sum += std::abs(o.test_error[e] - reference.test_error[e]);
      out.error += o.test_error.empty() ? 0 : sum / static_cast<double>(o.test_error.size());
      for (const double d : o.distances) out.weights += d;
    }
    const auto count = static_cast<double>(study_.seeds().size());
    out.error /= count;
    out.weights /= count;
    return out;
  }

  [[nodiscard]] const outcome& reference_of(unsigned hidden, std::uint64_t seed) const {
    return all_.cells.at({.hidden = hidden, .seed = seed, .backpropagation = true});
  }

  /// Last epoch's test error of backpropagation, mean over seeds.
  [[nodiscard]] std::string reference_error(unsigned hidden) const {
    double sum = 0;
    for (const std::uint64_t seed : study_.seeds()) {
      const outcome& o = reference_of(hidden, seed);
      if (o.diverged_at != 0) return fmt::format("none, it diverged at update {} (seed {})", o.diverged_at, seed);
      sum += o.test_error.empty() ? 100 : o.test_error.back();
    }
    return fmt::format("{:.2f} %", sum / static_cast<double>(study_.seeds().size()));
  }

  void print() const {
    for (const unsigned h : study_.hidden()) {
      fmt::print("{}, backpropagation's test error after {} epoch{}: {}\n\n", study_.network(h), study_.epochs(),
                 study_.epochs() == 1 ? "" : "s", reference_error(h));
      text_table noise{{"C1: sigma"}};
      for (const double sigma : study_.sigmas()) noise[0].push_back(fmt::format("{}", sigma));
      for (const measure& m : measures) {
        auto& row = noise.emplace_back(1, std::string(m.name));
        for (const double sigma : study_.sigmas()) row.push_back(shown(mean({.hidden = h, .sigma = sigma}), m));
      }
      fmt::print("{}\n", aligned(noise));
      for (const measure& m : measures) fmt::print("{}\n", aligned(grid(h, m)));
    }
    fmt::print(
        "Differences from backpropagation, means over {} seed{}. test error: percentage points, mean over epochs; "
        "weights: Euclidean\ndistance of the final ones, summed over layers. Exactly 0 is required at sigma = 0 and at "
        "(t = l, gamma = 1): {}.\n",
        study_.seeds().size(), study_.seeds().size() == 1 ? "" : "s", zero_where_required() ? "so it is" : "it is not");
  }

  /// The claim of the figure: no divergence where all conditions are kept.
  [[nodiscard]] bool zero_where_required() const {
    return std::all_of(study_.hidden().begin(), study_.hidden().end(), [&](unsigned h) {
      const divergence d = mean({.hidden = h});
      return d.error == 0 && d.weights == 0 && d.diverged_at == 0;
    });
  }

  [[nodiscard]] text_table grid(unsigned h, const measure& m) const {
    text_table rows{{fmt::format("{}: gamma", m.name)}};
    for (const auto& t : study_.times(h)) rows[0].push_back("t = " + figure3::text_of(t));
    for (const double gamma : study_.gammas()) {
      auto& row = rows.emplace_back(1, fmt::format("{}", gamma));
      for (const auto& t : study_.times(h))
        row.push_back(shown(mean({.hidden = h, .update_at = t, .gamma = gamma}), m));
    }
    return rows;
  }

  [[nodiscard]] text_table table() const {
    text_table rows{{"panel", "network", "sigma", "t", "gamma", "test_error", "weights", "diverged_at"}};
    const auto add = [&](const char* panel, const cell& c) {
      const divergence d = mean(c);
      const bool finite = d.diverged_at == 0;
      rows.push_back({panel, study_.network(c.hidden), fmt::format("{}", c.sigma), figure3::text_of(c.update_at),
                      fmt::format("{}", c.gamma), finite ? fmt::format("{}", d.error) : "",
                      finite ? fmt::format("{}", d.weights) : "", finite ? "" : fmt::format("{}", d.diverged_at)});
    };
    for (const unsigned h : study_.hidden()) {
      for (const double sigma : study_.sigmas()) add("C1", {.hidden = h, .sigma = sigma});
      for (const auto& t : study_.times(h)) {
        for (const double gamma : study_.gammas()) add("C2 x C3", {.hidden = h, .update_at = t, .gamma = gamma});
      }
    }
    return rows;
  }

  // ---- pictures -------------------------------------------------------------------------------------------------

  /// C1: two plots, a curve a network. Zero stands at the left end of the axis.
  void draw_noise(result_files& files) const {
    std::string data;
    std::vector<unsigned> drawn;
    for (const unsigned h : study_.hidden()) {
      std::string points;
      for (std::size_t k = 0; k < study_.sigmas().size(); ++k) {
        const divergence d = mean({.hidden = h, .sigma = study_.sigmas()[k]});
        if (d.diverged_at == 0) points += fmt::format("{} {:.6g} {:.6g}\n", k, floored(d.error), floored(d.weights));
      }
      if (points.empty()) continue;  // backpropagation diverged
      data += fmt::format("$c{} << EOD\n{}EOD\n", h, points);
      drawn.push_back(h);
    }
    if (drawn.empty()) return;
    std::string commands = fmt::format(
        "set multiplot layout 1,2 title {}\n"
        "set xlabel 'sigma'\nset logscale y\nset format y '10^{{%T}}'\nset grid ytics\nset key top left\nset xtics "
        "({})\nset xrange [-0.4:{}]\n",
        gnuplot_text(fmt::format("C1: noise on the hidden values when the teacher comes ({})", caption())),
        tics(study_.sigmas()), static_cast<double>(study_.sigmas().size()) - 0.6);
    for (std::size_t k = 0; k < std::size(measures); ++k) {
      commands += fmt::format("set ylabel '{}'\nset yrange [{}:*]\nset ytics add ('0' {})\nplot ", measures[k].axis,
                              floor, floor);
      for (const unsigned h : drawn) {
        commands += fmt::format("{}$c{} using 1:{} with linespoints linewidth 2 pointtype 7 title '{}'",
                                h == drawn.front() ? "" : ", ", h, k + 2, study_.network(h));
      }
      commands += "\n";
    }
    files.pictures("c1", data, commands, {1100, 480});
  }

  /// C2 x C3: a heat map for each network and measure.
  void draw_grids(result_files& files) const {
    std::string data,
        commands = fmt::format(
            "set multiplot layout 2,{} title {}\nset xlabel 't'\nset ylabel 'gamma'\nset logscale cb\nset format cb "
            "'10^{{%T}}'\n"
            "set palette defined (0 '#fff7ec', 0.35 '#fdbb84', 0.7 '#d7301f', 1 '#4a0000')\nunset key\n"
            "set style fill solid noborder\nset tics scale 0\n",
            study_.hidden().size(),
            gnuplot_text(fmt::format("C2 and C3: all synapses learn at t, inference rate gamma ({})", caption())));
    for (const measure& m : measures) {
      const colour_range colours = colours_of(m);
      commands += fmt::format("set cbrange [{:.3g}:{:.3g}]\n", colours.low, colours.high);
      for (const unsigned h : study_.hidden()) {
        const std::string name = fmt::format("$g{}{}", m.block, h);
        data += rectangles(name, h, m, colours);
        std::vector<std::string> times;
        for (const auto& t : study_.times(h)) times.push_back(figure3::text_of(t));
        commands += fmt::format(
            "set title '{}, {}'\nset xtics ({})\nset ytics ({})\nset xrange [-0.5:{}]\nset yrange [-0.5:{}]\n"
            "plot {}f using 1:2:(0.5):(0.5):3 with boxxyerror linecolor palette, "
            "{}z using 1:2:(0.5):(0.5) with boxxyerror linecolor rgb '#ffffff', "
            "{}d using 1:2:(0.5):(0.5) with boxxyerror linecolor rgb '#9e9e9e', "
            "{}t using 1:2:3:4 with labels font ',11' textcolor rgb variable\n",
            study_.network(h), m.caption, tics(times), tics(study_.gammas()), static_cast<double>(times.size()) - 0.5,
            static_cast<double>(study_.gammas().size()) - 0.5, name, name, name, name);
      }
    }
    files.pictures("", data, commands, {1500, 820});
  }

 private:
  static constexpr double floor = 1e-6;  ///< where the axis ends: less than that, and 0, are drawn there
  static double floored(double v) { return std::max(v, floor); }

  [[nodiscard]] std::string caption() const {
    return fmt::format("{}{}, {} epoch{}, {} seed{}; after Song et al. 2020, Fig. 3", study_.data().name,
                       study_.averaged() ? ", updates averaged over the batch" : "", study_.epochs(),
                       study_.epochs() == 1 ? "" : "s", study_.seeds().size(), study_.seeds().size() == 1 ? "" : "s");
  }

  template <class T>
  static std::string tics(const std::vector<T>& values) {
    std::string text;
    for (std::size_t k = 0; k < values.size(); ++k) text += fmt::format("{}'{}' {}", k == 0 ? "" : ", ", values[k], k);
    return text;
  }

  struct colour_range {
    double low = INFINITY, high = 0;
  };

  /// From the least divergence that is not 0 to the largest, or to what a distance of weights hardly means any more.
  [[nodiscard]] colour_range colours_of(const measure& m) const {
    colour_range range;
    for (const unsigned h : study_.hidden()) {
      for (const auto& t : study_.times(h)) {
        for (const double gamma : study_.gammas()) {
          const divergence d = mean({.hidden = h, .update_at = t, .gamma = gamma});
          const double v = d.*m.value;
          if (d.diverged_at != 0 || v == 0) continue;
          range.low = std::min(range.low, v);
          range.high = std::max(range.high, v);
        }
      }
    }
    range.high = std::min(range.high, 1000.0);
    return range.low < range.high ? range : colour_range{0.1, 1};
  }

  /// Data blocks NAMEf: finite divergences, NAMEz: zeros, NAMEd: diverged, NAMEt: what stands in the cells.
  [[nodiscard]] std::string rectangles(const std::string& name, unsigned h, const measure& m,
                                       const colour_range& colours) const {
    std::string finite, zero, diverged, texts;
    const auto times = study_.times(h);
    for (std::size_t x = 0; x < times.size(); ++x) {
      for (std::size_t y = 0; y < study_.gammas().size(); ++y) {
        const divergence d = mean({.hidden = h, .update_at = times[x], .gamma = study_.gammas()[y]});
        const double v = d.*m.value;
        std::string& block = d.diverged_at != 0 ? diverged : v == 0 ? zero : finite;
        block += fmt::format("{} {} {:.6g}\n", x, y, v);
        const bool dark = d.diverged_at == 0 && v > std::sqrt(colours.low * colours.high);
        texts += fmt::format("{} {} \"{}\" {}\n", x, y,
                             d.diverged_at != 0 ? fmt::format("div. at\\n{}", d.diverged_at) : short_number(v),
                             dark ? "0xffffff" : "0x000000");
      }
    }
    const auto block = [&](const char* part, const std::string& rows) {
      return fmt::format("{}{} << EOD\n{}EOD\n", name, part, rows.empty() ? "-9 -9 1\n" : rows);
    };
    return block("f", finite) + block("z", zero) + block("d", diverged) + block("t", texts);
  }

  const study& study_;
  const results& all_;
};

}  // namespace

void report(const study& of, const results& all, result_files& files) {
  const reporter r(of, all);
  r.print();
  files.table("", r.table());
  r.draw_grids(files);
  r.draw_noise(files);
}

}  // namespace locus::tools::figure3
