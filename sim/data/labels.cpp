#include "sim/data/labels.hpp"

#include <optional>

namespace locus {

std::vector<std::int32_t> labels_of(const samples& s) {
  std::vector<std::int32_t> labels;
  std::optional<double> low;  // what is not 1
  for (std::uint32_t i = 0; i < s.count(); ++i) {
    std::int32_t ones = 0, at = 0;
    for (std::uint32_t k = 0; k < s.targets(); ++k) {
      const double t = s.target.at(i, k);
      if (t == 1) {
        ++ones;
        at = static_cast<std::int32_t>(k);
      } else if ((t != 0 && t != -1) || low.value_or(t) != t) {
        return {};
      } else {
        low = t;
      }
    }
    if (s.targets() > 1 && ones != 1) return {};
    labels.push_back(s.targets() > 1 ? at : ones);
  }
  return labels;
}

}  // namespace locus
