/// Presentations of random length, within the bounds: spikes for all of backpropagation's deltas, and its weights bit
/// for bit, whatever the network.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/core/random.hpp"
#include "tools/reproduce/autonomy/autonomy.hpp"
#include "tools/reproduce/autonomy/pair.hpp"

namespace locus::tools {
namespace {

struct jittered_circuit {
  std::string neuron, precision, activation;
  unsigned lanes;
  std::size_t hidden;
  pair_result result = {};
};

/// P from its bound to 5 ticks more, T from 1 to 2 L, Q from what T leaves of L to 4 ticks more.
presentation_times drawn_times(const random_stream& random, std::uint64_t update, std::int64_t depth, bool point) {
  const auto draw = [&](std::int64_t low, std::int64_t high, std::uint64_t part) {
    return low + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(high - low) + 1, update, part));
  };
  presentation_times times;
  const std::int64_t settled = depth + 1 + (point ? 1 : 0);
  times.predict = draw(settled, settled + 5, 0);
  times.teach = draw(1, 2 * depth, 1);
  const std::int64_t left = std::max<std::int64_t>(0, depth - times.teach);
  times.rest = draw(left, left + 4, 2);
  return times;
}

class jitter_table {
 public:
  explicit jitter_table(autonomy_study& study)
      : study_(study), updates_(study.settings.by_size<std::uint64_t>(40, 1500, 1500)) {
    const auto form = study.settings.size;
    for (const char* neuron : {"two-compartment", "segregated", "point"}) {
      for (const char* precision : {"f64", "f32"}) {
        for (const char* activation : studied_activations) {
          for (const unsigned lanes : {20U, 1U}) {
            for (std::size_t hidden = 1; hidden <= 4; ++hidden) {
              // Short of the full form: batches of 20 of two-compartment neurons, and of the others what tells most.
              const bool main = neuron == std::string("two-compartment") && lanes == 20;
              if (form != extent::full && !main && hidden != 3) continue;
              if (form == extent::quick && hidden % 2 == 0) continue;
              circuits_.push_back({neuron, precision, activation, lanes, hidden});
            }
          }
        }
      }
    }
  }

  void run() {
    const auto results =
        study_.compute<pair_result>("jitter", circuits_.size(), [&](std::size_t n) { return measured(circuits_[n]); });
    for (std::size_t n = 0; n < results.size(); ++n) circuits_[n].result = results[n];
    report();
  }

 private:
  [[nodiscard]] std::vector<std::string> overrides_of(const jittered_circuit& c) const {
    return {"circuit.layers=" + study_.layers(c.hidden), "circuit.neuron=" + c.neuron,
            "circuit.precision=" + c.precision,          "circuit.activation=" + c.activation,
            fmt::format("circuit.lanes={}", c.lanes),    fmt::format("learning.alpha={}", c.lanes == 1 ? 0.01 : 0.001)};
  }

  [[nodiscard]] pair_result measured(const jittered_circuit& c) {
    const autonomy_study::netlist_pair pair = study_.read_pair(overrides_of(c));
    const random_stream random(study_.settings.seeds.front(), "jitter", c.neuron + c.precision + c.activation);
    const auto depth = static_cast<std::int64_t>(c.hidden) + 1;
    return run_beside_backpropagation(
        pair.ours, pair.twin, study_.data_of(pair.ours), updates_,
        [&](std::uint64_t update) { return drawn_times(random, update, depth, c.neuron == "point"); });
  }

  /// Sums over circuits, one row for each neuron, precision and activation.
  [[nodiscard]] text_table summary() const {
    text_table rows{{"neurons", "precision", "activation", "circuits", "BP's deltas", "right", "missed", "spurious",
                     "max |theta - theta_BP|"}};
    for (std::size_t first = 0, last = 0; first < circuits_.size(); first = last) {
      const jittered_circuit& c = circuits_[first];
      spike_count spikes;
      double most = 0;
      for (; last < circuits_.size() && circuits_[last].neuron == c.neuron &&
             circuits_[last].precision == c.precision && circuits_[last].activation == c.activation;
           ++last) {
        spikes += circuits_[last].result.spikes;
        most = std::fmax(most, circuits_[last].result.weights.max_abs);
      }
      rows.push_back({c.neuron, c.precision, c.activation, fmt::format("{}", last - first),
                      fmt::format("{}", spikes.deltas), fmt::format("{}", spikes.right),
                      fmt::format("{}", spikes.missed), fmt::format("{}", spikes.spurious),
                      fmt::format("{:.2g}", most)});
    }
    return rows;
  }

  void report() {
    std::size_t exact = 0, lossless = 0;
    for (const jittered_circuit& c : circuits_) {
      if (c.neuron == "point") continue;
      ++lossless;
      exact += c.result.exact() ? 1 : 0;
    }
    fmt::print(
        "Presentations of random length within the bounds ({}, {} updates a circuit, 1 to 4 hidden layers, batches "
        "of 1 and 20)\n\n{}\n",
        study_.images(), updates_, aligned(summary()));
    fmt::print(
        "{} of {} circuits with two compartments: spikes exactly backpropagation's deltas, weights bit-identical "
        "after every update.\n\n",
        exact, lossless);
    study_.files.table("jitter", measured());
    study_.files.setting("jitter.updates", fmt::format("{}", updates_));
    study_.keep_netlist("jitter", overrides_of(circuits_.front()));
  }

  [[nodiscard]] text_table measured() const {
    text_table rows{{"neurons", "precision", "activation", "batch", "hidden layers", "updates", "deltas", "right",
                     "missed", "spurious", "max |d theta|", "max |d theta| relative", "bit-identical", "diverged"}};
    for (const jittered_circuit& c : circuits_) {
      const pair_result& r = c.result;
      rows.push_back({c.neuron, c.precision, c.activation, fmt::format("{}", c.lanes), fmt::format("{}", c.hidden),
                      fmt::format("{}", r.weights.updates), fmt::format("{}", r.spikes.deltas),
                      fmt::format("{}", r.spikes.right), fmt::format("{}", r.spikes.missed),
                      fmt::format("{}", r.spikes.spurious), fmt::format("{:.4g}", r.weights.max_abs),
                      fmt::format("{:.4g}", r.weights.max_rel), r.weights.bit_identical ? "1" : "0",
                      r.diverged ? "1" : "0"});
    }
    return rows;
  }

  autonomy_study& study_;
  std::uint64_t updates_;
  std::vector<jittered_circuit> circuits_;
};

}  // namespace

void measure_jitter(autonomy_study& study) { jitter_table(study).run(); }

}  // namespace locus::tools
