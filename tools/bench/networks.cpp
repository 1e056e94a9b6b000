#include "tools/bench/networks.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "models/templates/catalogue.hpp"
#include "sim/core/random.hpp"

namespace locus::bench {

std::string name_of(const sizes& layers) { return fmt::format("{}", fmt::join(layers, "-")); }

description description_of(const document& text) { return read_netlist(text, all_templates()); }
description description_of(const std::string& text) { return description_of(document::from_text(text, "bench")); }

simulator_options on_threads(std::size_t threads) {
  simulator_options options;
  options.threads = threads;
  return options;
}

// ---- networks that learn images --------------------------------------------------------------------------------

data_set random_images(std::uint32_t pixels, std::uint32_t classes, std::uint32_t count) {
  const random_stream random(1, "bench", "images");
  std::vector<std::uint8_t> input;
  std::vector<double> target(std::size_t{count} * classes);
  for (std::uint32_t i = 0; i < count; ++i) {
    for (std::uint64_t j = 0; j < pixels; ++j) {
      const bool on = random.uniform(i, 2 * j) < pixels_on;
      input.push_back(on ? static_cast<std::uint8_t>(1 + random.below(255, i, 2 * j + 1)) : std::uint8_t{0});
    }
    target[std::size_t{i} * classes + random.below(classes, i, std::uint64_t{2} * pixels)] = 1;
  }
  data_set set;
  set.train.input = number_table(pixels, std::move(input), 255);
  set.train.target = number_table(classes, std::move(target));
  set.name = "random images";
  return set;
}

data_set images_for(const sizes& layers, const document& network) {
  const data_description data = description_of(network).data;
  if (data.source != data_description().source) return load_data(data);
  return random_images(layers.front(), layers.back(), data.train_limit);
}

std::string image_network(const sizes& layers, const std::string& precision) {
  const std::size_t depth = layers.size() - 1;
  return fmt::format(
      R"(# The bench presents random images; locus run wants --set stimuli.data=mnist or another set of images of this size.

[circuit]
template  = "predictive-coding"
layers    = [{}]
precision = "{}"
lanes     = 20

[weights]
seed = 1

[learning]
rule = "fa-z-il"

[stimuli]
train_limit = 400
encode      = "rate"
predict     = {}
teach       = {}
rest        = 0
)",
      fmt::join(layers, ", "), precision, depth + 1, depth);
}

std::vector<std::string> backpropagation(const sizes& layers) {
  return {"learning.rule=bp", fmt::format("stimuli.predict={}", layers.size()),
          fmt::format("stimuli.teach={}", layers.size() - 1), "stimuli.rest=1"};
}

trainer::trainer(const document& text, const data_set& data, const simulator_options& options)
    : trainer(description_of(text), data, options) {}

trainer::trainer(description netlist, const data_set& data, const simulator_options& options)
    : netlist_(std::move(netlist)),
      net_(build_circuit(netlist_)),
      simulator_(make_simulator(net_, options)),
      presenter_(*simulator_, netlist_, data),
      samples_(data.train.count()),
      batch_(net_.lanes) {}

void trainer::update(std::uint64_t n) {
  const timeline_description& t = netlist_.timeline;
  for (; n > 0; --n) {
    for (std::uint32_t& sample : batch_) sample = next_++ % samples_;
    presenter_.teach(batch_, {t.predict.low, t.teach.low, t.rest.low});
  }
}

namespace {

std::vector<std::pair<std::string, double>> difference(const activity& before, const activity& after, double per) {
  const auto each = [&](std::uint64_t activity::*what) {
    return static_cast<double>(after.*what - before.*what) / per;
  };
  return {{"ticks", each(&activity::ticks)},
          {"messages", each(&activity::messages)},
          {"links", each(&activity::links)},
          {"spikes", each(&activity::spikes)},
          {"learning sweeps", each(&activity::weight_changes)}};
}

}  // namespace

std::vector<std::pair<std::string, double>> trainer::work() {
  constexpr std::uint64_t updates = 4;
  update(2);
  const activity before = simulator_->counters();
  update(updates);
  return difference(before, simulator_->counters(), static_cast<double>(updates));
}

// ---- networks that send without end ----------------------------------------------------------------------------

namespace {

std::string head(const std::string& precision) {
  return fmt::format("[circuit]\nprecision = \"{}\"\nlanes     = 1\n", precision);
}

std::string population(const std::string& name, std::uint32_t size) {
  return fmt::format("\n[[population]]\nname   = \"{}\"\nmodel  = \"two-compartment-value\"\nsize   = {}\n", name,
                     size);
}

/// A population whose values change sign in every tick: x <- x - 2 x.
std::string alternating(const std::string& name, std::uint32_t size) {
  return fmt::format(R"(
[[population]]
name   = "{0}"
model  = "point-value"
size   = {1}
params = {{ gamma = 2.0, activation = "identity" }}

[[projection]]
name    = "{0}.x->{0}.error"
from    = "{0}.x"
to      = "{0}.error"
connect = "one-to-one"
)",
                     name, size);
}

std::string projection(const std::string& from, const std::string& to, const std::string& connect,
                       const std::string& synapse, const std::string& weights) {
  std::string text = fmt::format(R"(
[[projection]]
name    = "{1}.forward"
from    = "{0}.rate"
to      = "{1}.prediction"
connect = {2}
synapse = "{3}"
weights = {{ {4}, seed = 1 }}
)",
                                 from, to, connect, synapse, weights);
  // So slow that the weights stay what they are in all that matters, and fast enough that their bits change.
  if (synapse != "fixed") text += fmt::format("post    = \"{}.rate\"\nparams  = {{ alpha = 1e-7 }}\n", to);
  return text;
}

/// Weights whose variance times the in-degree is 9: far above 1, where a network of tanh neurons becomes chaotic.
constexpr double chaotic_gain = 3;

}  // namespace

std::string chain(const sizes& layers, const std::string& precision, const std::string& connect,
                  const std::string& synapse) {
  std::string text = head(precision) + alternating("layer0", layers.front());
  for (std::size_t k = 1; k < layers.size(); ++k) {
    text += population(fmt::format("layer{}", k), layers[k]);
    text += projection(fmt::format("layer{}", k - 1), fmt::format("layer{}", k), connect, synapse,
                       "init = \"glorot-uniform\"");
  }
  return text;
}

std::string pair_of(std::uint32_t size, const std::string& precision, const std::string& synapse) {
  const std::string weights = fmt::format("init = \"glorot-uniform\", scale = {}", chaotic_gain);
  return head(precision) + population("left", size) + population("right", size) +
         projection("left", "right", "\"all-to-all\"", synapse, weights) +
         projection("right", "left", "\"all-to-all\"", synapse, weights);
}

std::string recurrent(std::uint32_t size, std::uint32_t degree, const std::string& precision) {
  const double half_width = chaotic_gain * std::sqrt(3.0 / degree);  // variance of a uniform number: width^2 / 3
  return head(precision) + population("neurons", size) +
         projection("neurons", "neurons", fmt::format("{{ fixed_indegree = {}, seed = 1 }}", degree), "fixed",
                    fmt::format("init = \"uniform\", scale = {}", half_width));
}

runner::runner(const std::string& text, double active, const simulator_options& options)
    : net_(build_circuit(description_of(text))), simulator_(make_simulator(net_, options)) {
  for (std::size_t p = 0; p < net_.populations.size(); ++p) {
    const random_stream random(1, "bench", net_.populations[p].name);
    std::vector<double> values(net_.populations[p].size);
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (random.uniform(i, 0) < active) values[i] = 0.1 + random.uniform(i, 1);
    }
    simulator_->clamp(p, values);
  }
  ticks(1);
  for (std::size_t p = 0; p < net_.populations.size(); ++p) simulator_->release(p);
}

std::uint64_t runner::synapses() const {
  std::uint64_t all = 0;
  for (const locus::projection& p : net_.projections) all += p.synapse != nullptr ? net_.connections(p) : 0;
  return all;
}

std::vector<std::pair<std::string, double>> runner::work() {
  constexpr std::uint64_t some = 4;
  ticks(4);
  const activity before = simulator_->counters();
  ticks(some);
  return difference(before, simulator_->counters(), static_cast<double>(some));
}

}  // namespace locus::bench
