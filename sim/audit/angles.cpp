#include "sim/audit/angles.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "sim/audit/sentences.hpp"
#include "sim/core/errors.hpp"
#include "sim/core/text_table.hpp"
#include "sim/data/order.hpp"
#include "sim/experiment/comparison.hpp"
#include "sim/experiment/running_circuit.hpp"
#include "sim/experiment/update_angles.hpp"

namespace locus {
namespace {

void take(layer_angle& layer, const std::vector<double>& ours, const std::vector<double>& theirs) {
  const double a = length(ours), b = length(theirs);
  if (!(a > 0) || !(b > 0)) return;
  const double angle = angle_between(ours, theirs), n = static_cast<double>(++layer.updates);
  if (layer.updates == 1) layer.mean = layer.largest = layer.ratio = 0;
  layer.mean += (angle - layer.mean) / n;
  layer.largest = std::max(layer.largest, angle);
  layer.ratio += (a / b - layer.ratio) / n;
}

/// Two circuits that start each update from the weights of the first.
class angle_comparison {
 public:
  angle_comparison(const simulator& ours, simulator& theirs) : ours_(ours), theirs_(theirs) {
    learning_in_common common = common_learning(ours.net(), theirs.net());
    pairs_ = std::move(common.pairs);
    result_.alone = std::move(common.alone);
    for (const auto& [i, j] : pairs_) {
      result_.layers.push_back({});
      result_.layers.back().projection = ours.net().projections[i].name;
    }
    for (std::size_t j = 0; j < theirs.net().projections.size(); ++j) match(j);
    ours_before_.resize(pairs_.size());
    theirs_before_.resize(pairs_.size());
  }

  void before_update() {
    for (const auto& [i, j] : given_) theirs_.set_weights(j, ours_.weights(i));
    for (std::size_t n = 0; n < pairs_.size(); ++n) {
      ours_before_[n] = ours_.weights(pairs_[n].first);
      theirs_before_[n] = theirs_.weights(pairs_[n].second);
    }
  }

  void after_update() {
    std::vector<double> all_ours, all_theirs;
    for (std::size_t n = 0; n < pairs_.size(); ++n) {
      const std::vector<double> a = change(ours_, pairs_[n].first, ours_before_[n]),
                                b = change(theirs_, pairs_[n].second, theirs_before_[n]);
      take(result_.layers[n], a, b);
      all_ours.insert(all_ours.end(), a.begin(), a.end());
      all_theirs.insert(all_theirs.end(), b.begin(), b.end());
    }
    take(result_.all, all_ours, all_theirs);
    ++result_.updates;
  }

  [[nodiscard]] angle_result& result() { return result_; }

 private:
  /// What of ours projection j of theirs is given.
  void match(std::size_t j) {
    const projection& q = theirs_.net().projections[j];
    if (q.synapse == nullptr || q.shared_with) return;
    const auto i = ours_.net().find_projection(q.name);
    if (!i || ours_.net().projections[*i].synapse == nullptr) {
      result_.kept_own.push_back(fmt::format("{} (not here)", q.name));
    } else if (!same_connections(ours_.net(), ours_.net().projections[*i], theirs_.net(), q)) {
      result_.kept_own.push_back(fmt::format("{} (other connections here)", q.name));
    } else {
      given_.emplace_back(*i, j);
    }
  }

  static std::vector<double> change(const simulator& s, std::size_t projection, const std::vector<double>& before) {
    std::vector<double> weights = s.weights(projection);
    for (std::size_t k = 0; k < weights.size(); ++k) weights[k] -= before[k];
    return weights;
  }

  const simulator& ours_;
  simulator& theirs_;
  std::vector<std::pair<std::size_t, std::size_t>> pairs_, given_;
  std::vector<std::vector<double>> ours_before_, theirs_before_;  ///< [pair]
  angle_result result_;
};

std::string angle_cell(double value, const char* unit) {
  return std::isnan(value) ? "-" : fmt::format("{:.4g}{}", value, unit);
}

}  // namespace

angle_result measure_angles(const description& netlist, const description& other, const data_set& data,
                            const angle_options& options) {
  check_run_length(netlist.timeline, options.updates);
  check_run_length(other.timeline, options.updates);
  if (data.train.count() == 0) throw usage_error("the data have no training samples: nothing can be presented");
  description here = netlist, there = other;
  if (data.train.count() < here.lanes) here.lanes = 1;
  there.lanes = here.lanes;
  running_circuit ours(here, data), theirs(there, data);
  angle_comparison compared(*ours.sim, *theirs.sim);
  batch_order order(data.train.count(), here.shuffle, here.lanes);
  for (std::uint64_t n = 0; n < options.updates; ++n) {
    const std::span<const std::uint32_t> samples = order.batch(n);
    compared.before_update();
    ours.world.teach(samples, draw_times(here.timeline, n));
    theirs.world.teach(samples, draw_times(there.timeline, n));
    compared.after_update();
    if (options.on_update) options.on_update();
  }
  angle_result result = std::move(compared.result());
  result.other = other.source;
  result.lanes = here.lanes;
  return result;
}

std::string table_of(const angle_result& result) {
  text_table rows{{"    projection", "mean angle", "largest", "ratio of norms"}};
  const auto add = [&](const layer_angle& l, const std::string& name) {
    rows.push_back({"    " + name, angle_cell(l.mean, "°"), angle_cell(l.largest, "°"), angle_cell(l.ratio, "")});
  };
  for (const layer_angle& l : result.layers) add(l, l.projection);
  add(result.all, "all");
  return aligned(rows);
}

std::vector<std::string> angles_measured(const angle_result& result) {
  std::vector<std::string> all = {fmt::format("angles: {} beside {}, lanes = {}, each from this circuit's weights.",
                                              counted(result.updates, "update"), result.other, result.lanes)};
  for (const layer_angle& l : result.layers) {
    if (l.updates == result.updates) continue;
    all.push_back(fmt::format("angles: {} changed in both circuits in {} of them only.", l.projection, l.updates));
  }
  if (!result.alone.empty()) all.push_back(fmt::format("angles: not compared: {}.", fmt::join(result.alone, ", ")));
  if (!result.kept_own.empty()) {
    all.push_back(fmt::format("angles: these synapses of {} kept weights of their own: {}.", result.other,
                              fmt::join(result.kept_own, ", ")));
  }
  return all;
}

}  // namespace locus
