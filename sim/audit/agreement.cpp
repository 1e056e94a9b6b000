#include "sim/audit/agreement.hpp"

#include <algorithm>
#include <cmath>

#include "sim/audit/script.hpp"
#include "sim/core/errors.hpp"
#include "sim/experiment/comparison.hpp"

namespace locus {

double rounding_bound(const std::string& precision) { return precision == "f32" ? 1e-3 : 1e-9; }

weight_watch::weight_watch(const simulator& ours, const simulator& theirs) : ours_(ours), theirs_(theirs) {
  for (std::size_t i = 0; i < ours.net().projections.size(); ++i) {
    const projection& p = ours.net().projections[i];
    const auto other = theirs.net().find_projection(p.name);
    if (!p.learns() || !other || !theirs.net().projections[*other].learns()) continue;
    if (ours.net().connections(p) != theirs.net().connections(theirs.net().projections[*other])) continue;
    pairs_.emplace_back(i, *other);
    start_.push_back(ours.weights(i));
    layers_.push_back({});
    layers_.back().projection = p.name;
  }
  if (pairs_.empty()) throw usage_error("the two circuits have no learning projection in common: nothing to compare");
}

void weight_watch::after_update() {
  ++updates_;
  const double bound = rounding_bound(ours_.net().precision);
  for (std::size_t n = 0; n < pairs_.size(); ++n) {
    const std::vector<double> a = ours_.weights(pairs_[n].first);
    const std::vector<double> b = theirs_.weights(pairs_[n].second);
    layer_agreement& layer = layers_[n];
    double scale = 0, largest = 0, product = 0, square = 0;
    std::size_t where = 0;
    bool same = true;
    for (std::size_t k = 0; k < a.size(); ++k) {
      const double change = b[k] - start_[n][k];
      scale = std::max(scale, std::abs(change));
      product += (a[k] - start_[n][k]) * change;
      square += change * change;
      if (same_number(a[k], b[k])) continue;
      same = false;
      if (std::abs(a[k] - b[k]) > largest) where = k;
      largest = std::max(largest, std::abs(a[k] - b[k]));
    }
    if (updates_ == 1) layer.ratio = square > 0 ? product / square : 1;
    if (same) continue;
    const double relative = scale > 0 ? largest / scale : INFINITY;
    layer.level = std::max(layer.level, relative <= bound ? agreement::to_rounding : agreement::no);
    if (relative <= layer.relative) continue;
    layer.relative = relative;
    layer.largest = largest;
    layer.connection = where;
    layer.update = updates_;
    layer.ulp = ours_.net().precision == "f32"
                    ? ulp_distance(static_cast<float>(a[where]), static_cast<float>(b[where]))
                    : ulp_distance(a[where], b[where]);
  }
}

void take_worse(std::vector<layer_agreement>& all, const std::vector<layer_agreement>& more) {
  if (all.empty()) all = more;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const agreement level = std::max(all[i].level, more[i].level);
    if (more[i].relative > all[i].relative) all[i] = more[i];
    all[i].level = level;
  }
}

agreement worst(const std::vector<layer_agreement>& layers) {
  agreement level = agreement::bit_identical;
  for (const layer_agreement& layer : layers) level = std::max(level, layer.level);
  return level;
}

}  // namespace locus
