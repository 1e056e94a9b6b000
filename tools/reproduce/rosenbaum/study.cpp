#include "tools/reproduce/rosenbaum/study.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <optional>
#include <span>
#include <utility>

#include "models/templates/catalogue.hpp"
#include "models/templates/variants.hpp"
#include "sim/core/errors.hpp"
#include "sim/data/order.hpp"
#include "sim/engine/field_values.hpp"
#include "sim/experiment/running_circuit.hpp"
#include "sim/experiment/update_angles.hpp"
#include "sim/sweep/jobs.hpp"

namespace locus::tools::rosenbaum {
namespace {

batch_order batches_of(const description& netlist, const data_set& data) {
  return {data.train.count(), netlist.shuffle, netlist.lanes};
}

std::vector<double> field_of(const running_circuit& c, const std::string& population, const char* name) {
  const std::size_t p = c.net.find_population(population).value();
  return field_values(*c.sim, {p, c.net.populations[p].model->find_field(name).value()});
}

double root_mean_square(const std::vector<double>& all) {
  double sum = 0;
  for (const double x : all) sum += x * x;
  return all.empty() ? 0 : std::sqrt(sum / static_cast<double>(all.size()));
}

/// From |x| to the next number of the precision.
double ulp(double x, bool f32) {
  if (f32) {
    const float y = std::abs(static_cast<float>(x));
    return static_cast<double>(std::nextafter(y, std::numeric_limits<float>::infinity())) - static_cast<double>(y);
  }
  const double y = std::abs(x);
  return std::nextafter(y, std::numeric_limits<double>::infinity()) - y;
}

}  // namespace

std::string setting::text() const {
  if (rule == "bp")
    return fmt::format("backpropagation, {}, {}", cross_entropy ? "cross-entropy" : "squares", precision);
  return fmt::format("{}, eta = {}, n = {}, {}", rule, gamma, ticks, precision);
}

std::vector<double> exact_errors(std::size_t layers, double gamma, int ticks) {
  std::vector<double> errors;
  for (std::size_t d = layers; d-- > 0;) {
    // Binomial(n - 1, eta) at 0, 1, ...; eta = 1: all at n - 1.
    double below = 0, ways = 1;
    for (std::size_t k = 0; k < d && k < static_cast<std::size_t>(ticks); ++k) {
      const double others = static_cast<double>(ticks) - 1 - static_cast<double>(k);
      below += ways * std::pow(gamma, static_cast<double>(k)) * std::pow(1 - gamma, others);
      ways *= others / static_cast<double>(k + 1);
    }
    errors.push_back(below);
  }
  return errors;
}

void serialize(archive& a, layer_differences& d) {
  a.list("errors", d.errors);
  a.list("degrees", d.degrees);
}

void serialize(archive& a, update_outcome& o) {
  serialize(a, o.differences);
  a.value("largest", o.left.largest);
  a.value("mean", o.left.mean);
  a.value("error_scale", o.left.error_scale);
  a.value("value_scale", o.left.value_scale);
}

void serialize(archive& a, training_outcome& o) {
  a.list("losses", o.losses);
  a.list("correct", o.correct);
  a.list("accuracy", o.accuracy);
  a.list("measured", o.measured);
  {
    const auto part = a.enter("differences");
    sweep::serialize(a, o.differences);
  }
  const auto part = a.enter("weights");
  serialize(a, o.weights);
}

// ---- the circuits ------------------------------------------------------------------------------------------------

study::study(const reproduce_settings& asked)
    : asked_(asked),
      gammas_{0.1, 0.2, 0.5, 1},
      ticks_(asked.by_size(std::vector{1, 5, 10, 20, 200}, std::vector{1, 2, 5, 10, 20, 50, 100, 200},
                           std::vector{1, 2, 3, 4, 5, 6, 8, 10, 20, 50, 100, 200, 400})),
      epochs_(asked.epochs.value_or(2)) {
  const description netlist = read_netlist(this->netlist({}, asked.seeds.front()), all_templates());
  data_ = load_data(netlist.data);
  lanes_ = netlist.lanes;
  if (data_.train.count() < lanes_)
    throw usage_error(fmt::format("{} training samples are less than a batch of {}", data_.train.count(), lanes_));
  outputs_ = data_.train.targets();
  for (const projection_description& p : netlist.projections) {
    if (p.name.ends_with(".forward")) layers_.push_back(p.name.substr(0, p.name.rfind('.')));
  }
}

std::uint64_t study::batches() const { return std::uint64_t{epochs_} * (data_.train.count() / lanes_); }

document study::netlist(const setting& s, std::uint64_t seed, const std::vector<std::string>& more) const {
  const std::string name = asked_.quick() ? "digits-pool" : "mnist/mnist-conv";
  std::vector<std::string> changes = {fmt::format("circuit.precision={}", s.precision),
                                      fmt::format("circuit.output={}", s.cross_entropy ? "softmax" : "linear"),
                                      "circuit.on_nonfinite=record",
                                      fmt::format("weights.seed={}", seed),
                                      fmt::format("stimuli.shuffle={}", seed),
                                      fmt::format("stimuli.epochs={}", epochs_),
                                      fmt::format("learning.rule={}", s.rule == "bp" ? "exact" : s.rule)};
  if (asked_.train_size) changes.push_back(fmt::format("stimuli.train_limit={}", *asked_.train_size));
  if (s.rule != "bp") {
    changes.push_back(fmt::format("learning.gamma={}", s.gamma));
    changes.push_back(fmt::format("learning.update_at={}", s.ticks - 1));
    changes.push_back(fmt::format("stimuli.teach={}", s.ticks));
  }
  // Locus sums (x - y)^2 / 2 over outputs and batch, and the paper takes the mean of (x - y)^2; or the same sum and
  // mean of cross-entropies over the batch alone.
  if (lanes_ > 0 && !s.summed) {
    const double scale = s.cross_entropy ? 1.0 / lanes_ : 2.0 / static_cast<double>(lanes_ * outputs_);
    changes.push_back(fmt::format("learning.loss_scale={}", scale));
  } else {
    changes.emplace_back("learning.loss_scale=1");
  }
  changes.insert(changes.end(), more.begin(), more.end());
  return asked_.netlist(name, changes);
}

document study::netlist(const setting& s, std::uint64_t seed) const { return netlist(s, seed, {}); }

description study::read(const setting& s, std::uint64_t seed, const std::vector<std::string>& more) const {
  const netlist_reader reader = [&](std::vector<std::string> further) {
    further.insert(further.begin(), more.begin(), more.end());
    return netlist(s, seed, further);
  };
  return s.rule == "bp" ? with_rule(reader, "bp").value() : read_netlist(reader({}), all_templates());
}

double study::shown_loss(const setting& s, const answer_score& score) const {
  const double mean = score.mean_loss().value_or(std::nan(""));
  return s.cross_entropy ? mean : 2 * mean / static_cast<double>(outputs_);
}

// ---- updates -----------------------------------------------------------------------------------------------------

namespace {

/// Weights change by this times the gradient: so much that they lose what they were, and their change is the gradient
/// to the last digits, in single precision too. A power of two rounds nothing.
const std::vector<std::string> plain_steps = {"learning.synapse=gated-hebbian", "learning.params={ alpha = 1048576 }"};

/// |a - b| / |b| from |a| / |b| and the angle between them, in a form that does not cancel: near 0, both are known to
/// rounding.
double relative_error(double ratio, double degrees) {
  if (ratio == 0) return 1;
  const double chord = 2 * std::sin(degrees * std::numbers::pi / 360);
  return std::hypot(ratio - 1, std::sqrt(ratio) * chord);
}

setting twin_of(setting s) {
  s.rule = "bp";
  return s;
}

/// A circuit and backpropagation's, which are given the same weights and the same batch.
class comparison {
 public:
  comparison(description ours, description twin, const data_set& data)
      : our_netlist_(std::move(ours)),
        twin_netlist_(std::move(twin)),
        ours_(our_netlist_, data),
        twin_(twin_netlist_, data),
        angles_(*ours_.sim, *twin_.sim) {}

  layer_differences measure(std::span<const std::uint32_t> samples, const learnt_weights& weights) {
    put_weights(*ours_.sim, weights);
    angles_.before_update();
    ours_.world.teach(samples, draw_times(our_netlist_.timeline, measured_));
    twin_.world.teach(samples, draw_times(twin_netlist_.timeline, measured_));
    ++measured_;
    const angle_sample all = angles_.after_update();
    layer_differences forward;
    for (std::size_t n = 0; n < all.layers.size(); ++n) {
      if (!angles_.names()[n].ends_with(".forward")) continue;
      forward.errors.push_back(relative_error(all.ratios[n], all.layers[n]));
      forward.degrees.push_back(all.layers[n]);
    }
    return forward;
  }

  /// Of the last update, in this hidden layer. The errors of the output are the same in both circuits, so that what
  /// drives its values is the difference of the deltas.
  [[nodiscard]] stagnation left_in(const std::string& layer, double gamma) const {
    const std::vector<double> values = field_of(ours_, layer + ".value", "x"),
                              ours = field_of(ours_, layer + ".unit", "delta"),
                              theirs = field_of(twin_, layer + ".value", "delta"),
                              sums = field_of(ours_, layer + ".unit", "u");
    stagnation out;
    std::size_t count = 0;
    for (std::size_t n = 0; n < values.size(); ++n) {
      if (sums[n] <= 0) continue;
      const double bound = ulp(values[n], ours_.net.precision == precision::f32) / (2 * gamma);
      const double share = std::abs(ours[n] - theirs[n]) / bound;
      out.largest = std::fmax(out.largest, share);
      out.mean += share;
      ++count;
    }
    out.mean /= static_cast<double>(std::max<std::size_t>(count, 1));
    out.error_scale = root_mean_square(theirs);
    out.value_scale = root_mean_square(values);
    return out;
  }

 private:
  description our_netlist_, twin_netlist_;
  running_circuit ours_, twin_;
  update_angles angles_;
  std::uint64_t measured_ = 0;
};

}  // namespace

update_outcome study::update(const setting& s, std::uint64_t seed, const learnt_weights& weights) const {
  comparison circuits(read(s, seed, plain_steps), read(twin_of(s), seed, plain_steps), data_);
  const description netlist = read(s, seed, {});
  batch_order order = batches_of(netlist, data_);
  update_outcome out;
  out.differences = circuits.measure(order.batch(batches()), weights);
  if (s.rule == "fixed-prediction") out.left = circuits.left_in(layers_.at(layers_.size() - 2), s.gamma);
  return out;
}

// ---- trainings ---------------------------------------------------------------------------------------------------

/// Every so often, and more often in the last twenty, over which the paper's numbers are means.
bool study::measured_at(std::uint64_t batch) const {
  const std::uint64_t every = asked_.by_size(10U, 20U, 10U);
  return batch % every == 0 || (batch + 20 >= batches() && batch % 2 == 0);
}

training_outcome study::training(const setting& s, std::uint64_t seed) const {
  const description netlist = read(s, seed, {});
  running_circuit circuit(netlist, data_);
  std::optional<comparison> compared;
  if (s.rule != "bp") compared.emplace(read(s, seed, plain_steps), read(twin_of(s), seed, plain_steps), data_);
  evaluator test(circuit.net, netlist, data_, {});
  batch_order order = batches_of(netlist, data_);
  training_outcome out;
  for (std::uint64_t n = 0; n < batches(); ++n) {
    const auto samples = order.batch(n);
    if (compared && measured_at(n)) {
      out.measured.push_back(n);
      out.differences.push_back(compared->measure(samples, weights_of(*circuit.sim)));
    }
    const answer_score score = circuit.world.teach(samples, draw_times(netlist.timeline, n));
    out.losses.push_back(shown_loss(s, score));
    out.correct.push_back(score.accuracy().value_or(std::nan("")));
    if ((n + 1) % (batches() / epochs_) == 0) {
      out.accuracy.push_back(test.evaluate(*circuit.sim, data_.test).accuracy().value_or(std::nan("")));
    }
  }
  if (s.rule == "bp") out.weights.weights.push_back(weights_of(*circuit.sim));
  return out;
}

}  // namespace locus::tools::rosenbaum
