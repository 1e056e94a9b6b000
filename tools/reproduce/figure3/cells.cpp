#include "tools/reproduce/figure3/cells.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "models/templates/catalogue.hpp"
#include "models/templates/variants.hpp"
#include "sim/core/errors.hpp"
#include "sim/experiment/experiment.hpp"

namespace locus::tools::figure3 {
namespace {

using clock = std::chrono::steady_clock;

double seconds_since(clock::time_point start) { return std::chrono::duration<double>(clock::now() - start).count(); }

/// The forward weights, input side first.
weights forward_weights(const experiment& x, const simulator& s) {
  weights all;
  for (std::size_t i = 0; i < x.net().projections.size(); ++i) {
    if (x.net().projections[i].name.ends_with(".forward")) all.push_back(s.weights(i));
  }
  return all;
}

double distance(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t k = 0; k < a.size(); ++k) sum += (a[k] - b[k]) * (a[k] - b[k]);
  return std::sqrt(sum);
}

}  // namespace

std::string text_of(const std::optional<std::int64_t>& update_at) {
  return update_at ? fmt::format("{}", *update_at) : "l";
}

std::string cell::text() const {
  std::string text = fmt::format("{} hidden layer{}, seed {}, ", hidden, hidden == 1 ? "" : "s", seed);
  if (backpropagation) return text + "backpropagation";
  text += fmt::format("t = {}, gamma = {}", text_of(update_at), gamma);
  return sigma > 0 ? text + fmt::format(", sigma = {}", sigma) : text;
}

study::study(const reproduce_settings& asked, bool averaged)
    : asked_(asked),
      averaged_(averaged),
      hidden_(asked.quick() ? std::vector<unsigned>{1, 2} : std::vector<unsigned>{1, 2, 3}),
      sigmas_(asked.quick() ? std::vector<double>{0, 0.01, 10}
                            : std::vector<double>{0, 0.0001, 0.001, 0.01, 0.1, 1, 10, 100}),
      gammas_(asked.quick() ? std::vector<double>{0.1, 1, 10} : std::vector<double>{0.01, 0.1, 0.5, 1, 5, 10}),
      fixed_times_(asked.quick() ? std::vector<std::int64_t>{0, 1, 16}
                                 : std::vector<std::int64_t>{0, 1, 2, 3, 4, 16, 64}),
      epochs_(asked.epochs.value_or(asked.by_size(1U, 2U, 64U))) {
  data_ = load_data(description_of({}).data);
  for (const std::uint64_t seed : asked.seeds) {
    for (const unsigned h : hidden_) {
      references_.push_back({.hidden = h, .seed = seed, .backpropagation = true});
      for (const double sigma : sigmas_) cells_.push_back({.hidden = h, .seed = seed, .sigma = sigma});
      for (const auto& t : times(h)) {
        for (const double gamma : gammas_) {
          if (t || gamma != 1) cells_.push_back({.hidden = h, .seed = seed, .update_at = t, .gamma = gamma});
        }
      }
    }
  }
  settings_ = {{"epochs", fmt::format("{}", epochs_)},
               {"training samples", fmt::format("{}", data_.train.count())},
               {"test samples", fmt::format("{}", data_.test.count())},
               {"data", data_.name},
               {"netlist", netlist({.hidden = hidden_.back(), .seed = asked_.seeds.front()}).canonical_text()}};
}

std::vector<std::optional<std::int64_t>> study::times(unsigned hidden) const {
  std::vector<std::optional<std::int64_t>> all(fixed_times_.begin(), fixed_times_.end());
  all.insert(std::find_if(all.begin(), all.end(), [&](const auto& t) { return *t >= hidden; }), std::nullopt);
  return all;
}

std::string study::network(unsigned hidden) const {
  return fmt::format("{}-{}{}", data_.train.inputs(), fmt::join(std::vector<unsigned>(hidden, 32), "-"),
                     fmt::format("-{}", data_.train.targets()));
}

document study::netlist(const cell& c, const std::vector<std::string>& more) const {
  const std::vector<unsigned> sizes(c.hidden, 32);
  // What users may change comes first, what is varied last.
  std::vector<std::string> changes = {fmt::format("stimuli.data={}", asked_.quick() ? "digits" : "mnist"),
                                      "circuit.precision=f32",
                                      averaged_ ? "learning.alpha=0.00005" : "learning.alpha=0.001",  // 0.001 / 20
                                      "circuit.bias=false", "stimuli.encode=value"};
  changes.insert(changes.end(), asked_.overrides.begin(), asked_.overrides.end());
  const std::int64_t depth = c.hidden + 1;
  const std::vector<std::string> varied = {
      fmt::format("circuit.layers=[{}, {}, 10]", asked_.quick() ? 64 : 784, fmt::join(sizes, ", ")),
      "circuit.neuron=two-compartment",
      "circuit.on_nonfinite=record",
      fmt::format("circuit.noise_seed={}", c.seed),
      fmt::format("weights.seed={}", c.seed),
      fmt::format("stimuli.shuffle={}", c.seed),
      fmt::format("stimuli.epochs={}", epochs_),
      fmt::format("learning.rule={}", c.update_at ? "il" : "z-il"),
      fmt::format("learning.update_at={}", c.update_at ? text_of(c.update_at) : "\"l\""),
      fmt::format("learning.gamma={}", c.gamma),
      "stimuli.start=forward",
      fmt::format("stimuli.sigma={}", c.sigma),
      "stimuli.predict=1",
      fmt::format("stimuli.teach={}", c.update_at.value_or(depth - 1) + 1),
      "stimuli.rest=0"};
  changes.insert(changes.end(), varied.begin(), varied.end());
  if (asked_.quick()) changes.insert(changes.end(), {"stimuli.train_limit=400", "stimuli.test_limit=100"});
  if (asked_.train_size) changes.push_back(fmt::format("stimuli.train_limit={}", *asked_.train_size));
  changes.insert(changes.end(), more.begin(), more.end());
  return document::from_file(asked_.netlist_file("digits-zil"), changes);
}

description study::description_of(const cell& c) const {
  if (!c.backpropagation) return read_netlist(netlist(c), all_templates());
  return with_rule([&](const std::vector<std::string>& more) { return netlist(c, more); }, "bp").value();
}

void serialize(archive& a, outcome& o) {
  a.list("test_error", o.test_error);
  a.list("distances", o.distances);
  a.value("diverged_at", o.diverged_at);
  a.value("seconds", o.seconds);
  a.value("weights_sha256", o.weights_sha256);
  std::uint64_t layers = o.final_weights.size();
  a.value("layers", layers);
  o.final_weights.resize(layers);
  for (std::size_t k = 0; k < o.final_weights.size(); ++k) a.list(fmt::format("layer{}", k), o.final_weights[k]);
}

outcome study::run(const cell& c, const weights* reference) const {
  const clock::time_point start = clock::now();
  const description netlist = description_of(c);
  experiment_options options;
  options.stop = [](experiment& x) { return x.sim().nonfinite().has_value(); };
  experiment x(netlist, data_, options);
  const run_result r = x.run();
  outcome out;
  for (const epoch_result& e : r.epochs) {
    if (e.test) out.test_error.push_back(100 * (1 - e.test->accuracy().value_or(std::nan(""))));
  }
  out.weights_sha256 = r.weights_sha256;
  if (r.nonfinite) out.diverged_at = r.presentations;
  weights last = forward_weights(x, x.sim());
  for (std::size_t k = 0; reference != nullptr && !r.nonfinite && k < last.size(); ++k) {
    out.distances.push_back(distance(last[k], reference->at(k)));
  }
  if (c.backpropagation) out.final_weights = std::move(last);
  out.seconds = seconds_since(start);
  return out;
}

double study::seconds_of(const cell& c, std::uint64_t updates, bool evaluate) const {
  const description netlist = description_of(c);
  experiment_options options;
  options.max_updates = updates;
  options.evaluate = evaluate;
  experiment x(netlist, data_, options);
  const clock::time_point start = clock::now();
  x.run();
  return seconds_since(start);
}

double study::estimated_seconds(const std::vector<cell>& runs) const {
  constexpr std::uint64_t few = 20;
  std::map<std::pair<unsigned, std::int64_t>, double> updating;  // by what decides how long an update takes
  std::map<unsigned, double> evaluating;
  double all = 0;
  const std::uint32_t batches = data_.train.count() / description_of({}).lanes;
  const double updates = batches;
  for (const cell& c : runs) {
    const std::pair kind{c.hidden, c.update_at.value_or(c.hidden)};
    const cell plain{.hidden = c.hidden, .seed = c.seed, .update_at = kind.second};
    if (!updating.contains(kind)) updating[kind] = seconds_of(plain, few, false) / static_cast<double>(few);
    if (!evaluating.contains(c.hidden)) {
      evaluating[c.hidden] = std::max(0.0, seconds_of(plain, 1, true) - updating[kind]);
    }
    all += epochs_ * (updates * updating[kind] + evaluating[c.hidden]);
  }
  return all;
}

}  // namespace locus::tools::figure3
