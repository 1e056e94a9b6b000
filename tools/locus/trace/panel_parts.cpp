#include "tools/locus/trace/panel_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace locus::tools {

std::string title_of(const trace_variable& v) {
  std::string text = v.full_name();
  if (!v.long_name.empty()) text += ": " + v.long_name;
  if (!v.units.empty() && v.units != "1") text += fmt::format(" ({})", v.units);
  return text;
}

std::string number(double x) { return std::isfinite(x) ? fmt::format("{:.6g}", x) : "NaN"; }

void extremes::take(double x) {
  if (!std::isfinite(x)) return;
  low = std::min(low, x);
  high = std::max(high, x);
}

std::string palette_for(const extremes& l) {
  if (!(l.low <= l.high)) return "set palette defined (0 '#ffffff', 1 '#ffffff')\nset cbrange [0:1]\n";
  if (l.low < 0 && l.high > 0) {
    const double most = std::max(-l.low, l.high);
    return fmt::format(
        "set palette defined (0 '#2166ac', 1 '#67a9cf', 2 '#d1e5f0', 3 '#ffffff', 4 '#fddbc7', 5 '#ef8a62', 6 "
        "'#b2182b')\nset cbrange [{:.6g}:{:.6g}]\nset cbtics {:.6g}\n",
        -most, most, round_step(-most, most, 5));  // a number on either side of 0
  }
  const double high = l.low < l.high ? l.high : l.low + 1;
  return fmt::format(
      "set palette defined (0 '#440154', 1 '#472c7a', 2 '#3b518b', 3 '#2c718e', 4 '#21908d', 5 '#27ad81', 6 '#5cc863', "
      "7 '#aadc32', 8 '#fde725')\nset cbrange [{:.6g}:{:.6g}]\nset cbtics {:.6g}\n",
      l.low, high, round_step(l.low, high, 2.5));
}

}  // namespace locus::tools
