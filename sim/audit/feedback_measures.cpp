#include "sim/audit/feedback_measures.hpp"

#include <algorithm>
#include <cmath>

#include "sim/experiment/update_angles.hpp"

namespace locus {

pair_measures measure_pair(const std::vector<double>& forward, const std::vector<double>& feedback, bool single) {
  pair_measures m;
  m.common = forward.size();
  double ff = 0, bb = 0, fb = 0;
  std::uint64_t signs = 0, same = 0;
  for (std::size_t n = 0; n < forward.size(); ++n) {
    const double f = forward[n], b = feedback[n];
    ff += f * f;
    bb += b * b;
    fb += f * b;
    if (f == 0 || b == 0) continue;
    ++signs;
    if ((f > 0) == (b > 0)) ++same;
  }
  if (signs != 0) m.same_sign = static_cast<double>(same) / static_cast<double>(signs);
  if (!(ff > 0)) return m;
  m.magnitude = std::sqrt(bb) / std::sqrt(ff);
  m.angle = angle_between(forward, feedback);
  const double factor = fb / ff;
  double rest = 0;
  for (std::size_t n = 0; n < forward.size(); ++n) {
    const double r = feedback[n] - factor * forward[n];
    rest += r * r;
  }
  const double bound = single ? 1e-5 : 1e-12;
  const bool telling = std::any_of(forward.begin(), forward.end(), [&](double f) { return f != forward.front(); });
  if (telling && bb > 0 && std::sqrt(rest) <= bound * std::sqrt(bb)) m.factor = factor;
  return m;
}

}  // namespace locus
