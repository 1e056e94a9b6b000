#pragma once
/// The outside world of a circuit: puts stimuli on and takes them off, presentation by presentation, and reads the
/// answers. A presentation is P ticks of input alone, T ticks with the teacher, Q ticks until the next input.

#include <cstdint>
#include <span>
#include <vector>

#include "sim/data/data_set.hpp"
#include "sim/engine/simulator.hpp"
#include "sim/netlist/description.hpp"
#include "sim/netlist/timeline.hpp"

namespace locus {

/// How well the circuit answered, summed over lanes; read at the last tick before the teacher.
struct answer_score {
  double loss = 0;  ///< sum over samples and outputs of (target - answer)^2 / 2
  std::uint64_t correct = 0;
  std::uint64_t samples = 0;

  answer_score& operator+=(const answer_score& other);
  [[nodiscard]] double mean_loss() const { return samples == 0 ? 0 : loss / static_cast<double>(samples); }
  [[nodiscard]] double accuracy() const {
    return samples == 0 ? 0 : static_cast<double>(correct) / static_cast<double>(samples);
  }
};

/// What is added to the states that a stimulus imposes in a presentation, [neuron * lanes + lane]; empty if its sigma
/// is 0. Keyed by the circuit's noise seed, the population, neuron, lane, and the presentation's number.
[[nodiscard]] std::vector<double> imposed_noise(const circuit& c, const stimulus& s, std::uint64_t presentation);

class presenter {
 public:
  /// All must outlive the presenter. Throws usage_error if the stimuli do not fit the data or the timeline.
  presenter(simulator& s, const description& netlist, const data_set& data);

  /// One presentation of training samples, one a lane, with the teacher. Runs the simulator to its end.
  answer_score teach(std::span<const std::uint32_t> samples, const presentation_times& times);

  /// The answers to samples of `from`, one a lane, without the teacher and without noise on what is imposed. The first
  /// `count` lanes are scored.
  answer_score ask(const locus::samples& from, std::span<const std::uint32_t> samples, std::size_t count,
                   std::int64_t predict);

 private:
  void check_widths() const;
  void check_control(const timeline_description& timeline) const;
  /// Clamps the populations of all stimuli of that role to rows of a table, one sample a lane.
  void put(stimulus_role role, const number_table& rows, std::span<const std::uint32_t> samples);
  template <class V>
  void put_rows(stimulus_role role, const number_table& rows, std::span<const std::uint32_t> samples,
                std::vector<V>& row);
  [[nodiscard]] answer_score score(const samples& from, std::span<const std::uint32_t> samples,
                                   std::size_t count) const;

  simulator& simulator_;
  const data_set& data_;
  bool hold_teacher_;
  double middle_ = 0.5;      ///< between the two target values of a single output
  std::vector<double> row_;  ///< one sample
  std::vector<float> row_f32_;
};

/// Accuracy over a whole set on a circuit that does not learn, with the weights of `trained`. Leaves `trained` as it
/// is.
class evaluator {
 public:
  evaluator(const circuit& c, const description& netlist, const data_set& data, const simulator_options& options);
  [[nodiscard]] answer_score evaluate(const simulator& trained, const samples& on);

  /// Answers that have not settled when they are read depend on the question before.
  void serialize(archive& a) { simulator_->serialize(a); }

 private:
  std::unique_ptr<simulator> simulator_;
  presenter presenter_;
  std::int64_t predict_;
};

}  // namespace locus
