#include "tools/locus/trace/figure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tools/locus/gnuplot.hpp"

namespace locus::tools {

namespace {

constexpr int page_width = 1000, top = 44, gap = 34, axis = 46, note_height = 15;  // pixels
constexpr double left = 0.13, right = 0.85;                                        // of the width

constexpr const char* style = R"(set encoding utf8
set border 3 lc rgb '#666666'
set tics nomirror out scale 0.5 font ',10' textcolor rgb '#333333'
set key left top Left reverse samplen 1.5 spacing 1.1 font ',10'
set style fill solid 1.0 noborder
# Colours that differ for all kinds of eyes (M. Okabe and K. Ito, Color Universal Design)
set linetype 1 lc rgb '#0072b2' lw 1.5
set linetype 2 lc rgb '#d55e00' lw 1.5
set linetype 3 lc rgb '#009e73' lw 1.5
set linetype 4 lc rgb '#cc79a7' lw 1.5
set linetype 5 lc rgb '#e69f00' lw 1.5
set linetype 6 lc rgb '#56b4e9' lw 1.5
set linetype 7 lc rgb '#000000' lw 1.5
set linetype 8 lc rgb '#999999' lw 1.5
set linetype cycle 8
)";

}  // namespace

std::string picture_beginning(bool vector_graphics, int height, const std::string& output) {
  return fmt::format("set terminal {} size {},{} font 'Helvetica,{}' noenhanced background rgb 'white'\n{}{}",
                     vector_graphics ? "svg" : "pngcairo", page_width, height, vector_graphics ? 13 : 11, output,
                     style);
}

double round_step(double low, double high, double count) {
  const double rough = (high - low) / count;
  if (!(rough > 0) || !std::isfinite(rough)) return 1;
  const double unit = std::pow(10.0, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * unit >= rough) return factor * unit;
  }
  return 10 * unit;
}

std::string figure::script(bool vector_graphics, const std::string& output) const {
  int height = top + axis + static_cast<int>(notes_.size()) * note_height;
  for (const panel& p : panels_) height += p.height + p.below + gap;
  const auto place = [&](int from_top) { return 1.0 - static_cast<double>(from_top) / height; };
  std::string s =
      fmt::format("# Drawn by `locus trace plot`; change what you like and draw it again: gnuplot THIS_FILE\n{}",
                  picture_beginning(vector_graphics, height, output));
  for (const panel& p : panels_) s += p.data;
  s += fmt::format("set label 1 {} at screen 0.02,{:.4f} left front font ',14'\n", gnuplot_text(title_), place(20));
  for (std::size_t i = 0; i < notes_.size(); ++i) {
    s += fmt::format("set label {} {} at screen 0.02,{:.4f} left font ',9' textcolor rgb '#666666'\n", i + 2,
                     gnuplot_text(notes_[i]), static_cast<double>((notes_.size() - i) * note_height - 6) / height);
  }
  for (const tick_t t : marks_) {
    s += fmt::format("set arrow from {0},graph 0 to {0},graph 1 nohead front lc rgb '#888888' lw 0.8 dt (6,4)\n",
                     static_cast<double>(t) - 0.5);
  }
  if (!tick_ms_ && until_ - from_ <= 16) s += "set xtics 1\n";
  s += fmt::format("set xrange [{}:{}]\nset multiplot\nset lmargin at screen {}\n", static_cast<double>(from_) - 0.5,
                   static_cast<double>(until_) - 0.5, left);
  int at = top;
  for (std::size_t i = 0; i < panels_.size(); ++i) {
    const panel& p = panels_[i];
    at += gap;
    const double upper = place(at), lower = place(at + p.height);
    at += p.height + p.below;
    const double end = left + (right - left) * p.width;
    s += fmt::format("\nset rmargin at screen {:.4g}\nset tmargin at screen {:.4f}\nset bmargin at screen {:.4f}\n",
                     end, upper, lower);
    s += fmt::format("set key at screen {:.3f},{:.4f}\n", end + 0.01, upper);
    s += fmt::format("set colorbox user origin screen {:.3f},{:.4f} size screen 0.012,{:.4f}\n", end + 0.015, lower,
                     upper - lower);
    s += fmt::format("set label 100 {} at graph 0,1 left offset 0,0.7 font ',11'\n", gnuplot_text(p.title));
    const bool last = i + 1 == panels_.size();
    s += time_axis(last);
    s += p.commands;
    if (i == 0) s += "unset label 1\n";
    if (i == 0) {
      for (std::size_t k = 0; k < notes_.size(); ++k) s += fmt::format("unset label {}\n", k + 2);
    }
  }
  return s + "unset multiplot\n";
}

std::string figure::time_axis(bool labels) const {
  const std::string below =
      labels ? fmt::format("set xlabel '{}' offset 0,0.3\n", tick_ms_ ? "ms" : "tick") : std::string("unset xlabel\n");
  if (!tick_ms_) return fmt::format("set xtics format '{}'\n{}", labels ? "%.0f" : "", below);
  // Round milliseconds, at the ticks where they are.
  constexpr double most_tics = 10;
  const double low = static_cast<double>(from_) * *tick_ms_, high = static_cast<double>(until_) * *tick_ms_;
  const double step = round_step(low, high, most_tics);
  std::string tics;
  for (double at = std::ceil(low / step); at * step <= high; ++at)
    tics += fmt::format("{}'{}' {:.10g}", tics.empty() ? "" : ", ", labels ? fmt::format("{:.6g}", at * step) : "",
                        at * step / *tick_ms_);
  return fmt::format("set xtics ({})\n{}", tics, below);
}

void draw(const figure& f, const std::string& file) { draw_with_gnuplot(f.script(is_vector_graphics(file)), file); }

}  // namespace locus::tools
