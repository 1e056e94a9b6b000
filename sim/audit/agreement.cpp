#include "sim/audit/agreement.hpp"

#include <algorithm>
#include <cmath>

#include "sim/core/bits.hpp"
#include "sim/experiment/comparison.hpp"

namespace locus {

double rounding_bound(precision numbers) { return numbers == precision::f32 ? 1e-3 : 1e-9; }

weight_watch::weight_watch(const simulator& ours, const simulator& theirs) : ours_(ours), theirs_(theirs) {
  learning_in_common common = common_learning(ours.net(), theirs.net());
  pairs_ = std::move(common.pairs);
  alone_ = std::move(common.alone);
  for (const auto& [i, j] : pairs_) {
    start_.push_back(ours.weights(i));
    layers_.push_back({});
    layers_.back().projection = ours.net().projections[i].name;
  }
}

void weight_watch::after_update() {
  ++updates_;
  const double bound = rounding_bound(ours_.net().precision);
  for (std::size_t n = 0; n < pairs_.size(); ++n) {
    const std::vector<double> a = ours_.weights(pairs_[n].first);
    const std::vector<double> b = theirs_.weights(pairs_[n].second);
    layer_agreement& layer = layers_[n];
    double scale = 0, largest = 0, product = 0, square = 0, own = 0;
    std::size_t where = 0;
    bool same = true;
    for (std::size_t k = 0; k < a.size(); ++k) {
      const double change = b[k] - start_[n][k];
      scale = std::max(scale, std::abs(change));
      product += (a[k] - start_[n][k]) * change;
      square += change * change;
      own += (a[k] - start_[n][k]) * (a[k] - start_[n][k]);
      if (same_bits(a[k], b[k])) continue;
      same = false;
      if (std::abs(a[k] - b[k]) > largest) where = k;
      largest = std::max(largest, std::abs(a[k] - b[k]));
    }
    if (updates_ == 1) layer.ratio = square > 0 ? product / square : 1;
    if (layer.began == 0 && (own > 0 || square > 0)) {
      layer.began = updates_;
      layer.size = square > 0 ? std::sqrt(own / square) : INFINITY;
    }
    if (same) continue;
    const double relative = scale > 0 ? largest / scale : INFINITY;
    layer.level = std::max(layer.level, relative <= bound ? agreement::to_rounding : agreement::no);
    if (layer.level == agreement::no && layer.first == 0) layer.first = updates_;
    if (relative <= layer.relative) continue;
    layer.relative = relative;
    layer.largest = largest;
    layer.connection = where;
    layer.update = updates_;
    layer.ulp = ulp_distance(a[where], b[where], ours_.net().precision == precision::f32);
  }
}

void take_worse(std::vector<layer_agreement>& all, const std::vector<layer_agreement>& more) {
  if (all.empty()) all = more;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const agreement level = std::max(all[i].level, more[i].level);
    const std::uint64_t first = all[i].first == 0 || more[i].first == 0 ? std::max(all[i].first, more[i].first)
                                                                        : std::min(all[i].first, more[i].first);
    if (more[i].relative > all[i].relative) all[i] = more[i];
    all[i].level = level;
    all[i].first = first;
  }
}

agreement worst(const std::vector<layer_agreement>& layers) {
  agreement level = agreement::bit_identical;
  for (const layer_agreement& layer : layers) level = std::max(level, layer.level);
  return level;
}

}  // namespace locus
