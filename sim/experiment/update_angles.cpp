#include "sim/experiment/update_angles.hpp"

#include <cmath>
#include <limits>
#include <numbers>

#include "sim/experiment/comparison.hpp"

namespace locus {
namespace {

void subtract(std::vector<double>& from, const std::vector<double>& what) {
  for (std::size_t n = 0; n < from.size(); ++n) from[n] -= what[n];
}

}  // namespace

double length(const std::vector<double>& v) {
  double sum = 0;
  for (const double x : v) sum += x * x;
  return std::sqrt(sum);
}

double angle_between(const std::vector<double>& a, const std::vector<double>& b) {
  const double la = length(a), lb = length(b);
  if (!(la > 0) || !(lb > 0)) return std::numeric_limits<double>::quiet_NaN();
  double apart = 0, together = 0;
  for (std::size_t n = 0; n < a.size(); ++n) {
    const double x = a[n] / la, y = b[n] / lb;
    apart += (x - y) * (x - y);
    together += (x + y) * (x + y);
  }
  return 2 * std::atan2(std::sqrt(apart), std::sqrt(together)) * 180 / std::numbers::pi;
}

update_angles::update_angles(const simulator& ours, simulator& theirs)
    : ours_(ours), theirs_(theirs), pairs_(common_learning(ours.net(), theirs.net()).pairs) {
  for (const auto& [i, j] : pairs_) names_.push_back(ours.net().projections[i].name);
  before_.resize(pairs_.size());
}

void update_angles::before_update() {
  for (std::size_t n = 0; n < pairs_.size(); ++n) {
    before_[n] = ours_.weights(pairs_[n].first);
    theirs_.set_weights(pairs_[n].second, before_[n]);
  }
}

angle_sample update_angles::after_update() const {
  angle_sample sample;
  std::vector<double> all_ours, all_theirs;
  for (std::size_t n = 0; n < pairs_.size(); ++n) {
    std::vector<double> a = ours_.weights(pairs_[n].first);
    std::vector<double> b = theirs_.weights(pairs_[n].second);
    subtract(a, before_[n]);
    subtract(b, before_[n]);
    sample.layers.push_back(angle_between(a, b));
    const double theirs = length(b);
    sample.ratios.push_back(theirs > 0 ? length(a) / theirs : std::numeric_limits<double>::quiet_NaN());
    all_ours.insert(all_ours.end(), a.begin(), a.end());
    all_theirs.insert(all_theirs.end(), b.begin(), b.end());
  }
  sample.all = angle_between(all_ours, all_theirs);
  return sample;
}

void angle_mean::add(const angle_sample& sample) {
  sum_.layers.resize(sample.layers.size());
  count_.layers.resize(sample.layers.size());
  sum_.ratios.resize(sample.ratios.size());
  count_.ratios.resize(sample.ratios.size());
  const auto take = [](double value, double& sum, double& count) {
    if (std::isnan(value)) return;
    sum += value;
    count += 1;
  };
  for (std::size_t n = 0; n < sample.layers.size(); ++n) take(sample.layers[n], sum_.layers[n], count_.layers[n]);
  for (std::size_t n = 0; n < sample.ratios.size(); ++n) take(sample.ratios[n], sum_.ratios[n], count_.ratios[n]);
  take(sample.all, sum_.all, count_.all);
}

angle_sample angle_mean::mean() const {
  angle_sample result = sum_;
  for (std::size_t n = 0; n < result.layers.size(); ++n) result.layers[n] /= count_.layers[n];
  for (std::size_t n = 0; n < result.ratios.size(); ++n) result.ratios[n] /= count_.ratios[n];
  result.all /= count_.all;
  return result;
}

}  // namespace locus
