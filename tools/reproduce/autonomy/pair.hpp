#pragma once
/// A circuit with phi neurons and backpropagation's circuit of the same network, each with its own clock, taught the
/// same samples: do spikes come where and when backpropagation has an error, and do both learn the same weights?

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/core/archive.hpp"
#include "sim/experiment/comparison.hpp"
#include "sim/experiment/running_circuit.hpp"

namespace locus::tools {

/// Layers of a network above the input, counted from it: "hidden1", ..., "output".
[[nodiscard]] std::vector<std::string> layers_above_input(const circuit& c);

/// A spike is right if it comes in the tick in which the wave of corrections passes its layer (l ticks after the
/// teacher's onset, l counted from the output), and backpropagation's delta of that neuron, lane and presentation, from
/// the circuit's weights at the teacher's onset, is not 0; all others are spurious. deltas: those that are not 0 =
/// right + missed, of the ticks that have run. faithful: right spikes whose error is that delta to 1e-6 of it.
struct spike_count {
  std::uint64_t deltas = 0, right = 0, faithful = 0, missed = 0, spurious = 0;

  spike_count& operator+=(const spike_count& other);
  /// `what` in per cent of the deltas: share(&spike_count::right).
  [[nodiscard]] double share(std::uint64_t spike_count::*what) const;
  [[nodiscard]] bool exact() const { return missed == 0 && spurious == 0; }
};

/// Forward weights into a layer against backpropagation's.
struct layer_difference {
  std::string layer;
  double max_abs = 0;
  double of_change = 0;  ///< |theta - theta_BP| / |theta_BP - theta at birth|, Euclidean
};

struct pair_result {
  spike_count spikes;
  std::vector<spike_count> by_layer;  ///< in the order of `layers`
  weight_comparison weights;          ///< of all that learns
  std::vector<layer_difference> layers;
  bool diverged = false;  ///< our circuit had a number that is not finite; all else is of the time before

  [[nodiscard]] bool exact() const {
    return !diverged && spikes.exact() && weights.bit_identical && !weights.first_difference;
  }
};

/// For other processes.
void serialize(archive& a, spike_count& s);
void serialize(archive& a, layer_difference& l);
void serialize(archive& a, pair_result& r);

/// Holds a third circuit: backpropagation that gets our weights at each onset of the teacher, and says which spikes are
/// right. The twin keeps its own weights, and says what should have been learnt.
class circuit_pair {
 public:
  /// All must outlive this. `twin`: backpropagation's circuit.
  circuit_pair(const description& ours, const description& twin, const data_set& data);

  /// One presentation to both. False: our circuit came to a number that is not finite, and must not go on. Throws
  /// nonfinite_error if backpropagation does.
  [[nodiscard]] bool teach(std::span<const std::uint32_t> samples, const presentation_times& times);

  [[nodiscard]] simulator& ours() noexcept { return *ours_.sim; }
  [[nodiscard]] simulator& twin() noexcept { return *twin_.sim; }

  [[nodiscard]] pair_result result() const;

 private:
  /// A field's values, [neuron * lanes + lane].
  using numbers = std::vector<double>;
  /// Notes backpropagation's deltas in the tick of its update.
  class delta_reader : public tick_observer {
   public:
    explicit delta_reader(const circuit& c);
    void on_tick(tick_t tick, const simulator& s) override;
    void on_quiet(tick_t, tick_t, const simulator&) override {}
    [[nodiscard]] const std::vector<numbers>& deltas() const { return deltas_; }

   private:
    output_id update_;
    std::vector<output_id> fields_;
    std::vector<numbers> deltas_;  ///< [layer]
  };

  /// Holds spikes against the deltas that are expected.
  class spike_judge : public tick_observer {
   public:
    /// `deltas_now`: called in the tick of an onset.
    spike_judge(const circuit& c, std::function<const std::vector<numbers>&()> deltas_now);
    void expect(tick_t onset) { onset_ = onset; }
    void on_tick(tick_t tick, const simulator& s) override;
    void on_quiet(tick_t first, tick_t last, const simulator& s) override;
    [[nodiscard]] const std::vector<spike_count>& counts() const { return counts_; }

   private:
    struct expectation {
      tick_t at;
      numbers deltas;
    };
    void judge(std::size_t layer, const numbers& spikes, const numbers& errors, const numbers& deltas);

    std::function<const std::vector<numbers>&()> deltas_now_;
    std::optional<tick_t> onset_;
    std::vector<output_id> spikes_, errors_;
    std::vector<std::deque<expectation>> expected_;  ///< [layer], ascending
    std::vector<spike_count> counts_;                ///< [layer]
  };

  [[nodiscard]] layer_difference difference_of(const std::string& layer) const;

  /// Backpropagation's deltas of the present samples from our weights.
  [[nodiscard]] const std::vector<numbers>& deltas_now();

  running_circuit ours_, twin_, lent_;
  comparer weights_;
  delta_reader deltas_;
  spike_judge spikes_;
  std::vector<std::pair<std::size_t, std::size_t>> learning_;  ///< projections, ours and backpropagation's
  std::span<const std::uint32_t> samples_;                     ///< of the present presentation
  std::uint64_t updates_ = 0;
};

/// `updates` presentations in the order that the netlist asks for; `times_of` says how long each is.
[[nodiscard]] pair_result run_beside_backpropagation(const description& ours, const description& twin,
                                                     const data_set& data, std::uint64_t updates,
                                                     const std::function<presentation_times(std::uint64_t)>& times_of);

}  // namespace locus::tools
