#pragma once
/// Counts whether phi neurons spike when they should: once, at tick l after the teacher's onset, l being the layer
/// counted from the output.

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/core/archive.hpp"
#include "sim/data/data_set.hpp"
#include "sim/engine/simulator.hpp"
#include "sim/netlist/description.hpp"
#include "tools/reproduce/training.hpp"

namespace locus::tools {

/// In neuron presentations: one neuron, one lane, one presentation. eps: the neuron's error at tick l after the
/// teacher's onset, which backpropagation calls delta if the prediction was exact.
struct onset_counts {
  std::uint64_t zero = 0;   ///< eps = 0: no spike is due, and it would teach nothing
  std::uint64_t below = 0;  ///< 0 < |eps| <= tolerance: counts as none
  std::uint64_t due = 0;    ///< |eps| > tolerance
  std::uint64_t right = 0;  ///< due, and a spike at tick l
  std::uint64_t clean = 0;  ///< right, and no other spike from the teacher's onset to the end
  std::uint64_t calm = 0;   ///< not due, and no spike from the teacher's onset to the end
  // All other spikes, in spikes.
  std::uint64_t spurious_in_prediction = 0;  ///< from the input's onset until the teacher's
  std::uint64_t spurious_in_teaching = 0;    ///< from the teacher's onset to the end

  onset_counts& operator+=(const onset_counts& other);
  friend bool operator==(const onset_counts&, const onset_counts&) = default;

  [[nodiscard]] std::uint64_t missed() const { return due - right; }
  // Percent; not-a-number where nothing was counted.
  [[nodiscard]] double right_rate() const;      ///< right, of those due
  [[nodiscard]] double strict_rate() const;     ///< clean, of those due
  [[nodiscard]] double faultless_rate() const;  ///< clean or calm, of all
};

/// For other processes.
void serialize(archive& a, onset_counts& counts);

/// The count for one layer, fed with what its neurons did tick by tick.
class onset_tally {
 public:
  /// `cells`: neurons times lanes. `layer`: l, counted from the output.
  onset_tally(std::size_t cells, std::int64_t layer, double tolerance)
      : layer_(layer), tolerance_(tolerance), due_(cells), right_(cells), others_(cells) {}

  [[nodiscard]] std::size_t cells() const noexcept { return due_.size(); }
  [[nodiscard]] std::int64_t layer() const noexcept { return layer_; }

  /// One tick, so many after the teacher's onset (negative: before it). `eps` matters only at tick l. Requires: both
  /// have a number for each cell.
  template <class P>
  void tick(std::int64_t since_onset, std::span<const P> spikes, std::span<const P> eps) {
    const bool now = since_onset == layer_;
    for (std::size_t n = 0; n < spikes.size(); ++n) {
      if (now) see_error(n, eps[n] != P(0), std::abs(eps[n]) > static_cast<P>(tolerance_));
      if (spikes[n] != P(0)) see_spike(n, since_onset);
    }
  }

  void end_of_presentation();

  [[nodiscard]] const onset_counts& counts() const noexcept { return counts_; }

 private:
  void see_error(std::size_t cell, bool any, bool due);
  void see_spike(std::size_t cell, std::int64_t since_onset);

  std::int64_t layer_;
  double tolerance_;
  std::vector<std::uint8_t> due_, right_;
  std::vector<std::uint32_t> others_;  ///< spikes since the teacher's onset
  onset_counts counts_;
};

/// Presents training samples in the order of the file to a circuit of the template "predictive-coding" with the rule
/// "fa-z-il", which goes on learning from the given weights. The counts of layer l = 0 (the output), 1, ... Throws
/// run_error.
[[nodiscard]] std::vector<onset_counts> count_onsets(const description& netlist, const data_set& data,
                                                     const learnt_weights& weights, std::uint32_t presentations);

}  // namespace locus::tools
