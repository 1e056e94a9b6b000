#pragma once
/// The outside world of a circuit: puts stimuli on and takes them off, presentation by presentation, and reads the
/// answers. A presentation is P ticks of input alone, T ticks with the teacher, Q ticks until the next input.

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "sim/data/data_set.hpp"
#include "sim/engine/simulator.hpp"
#include "sim/experiment/score.hpp"
#include "sim/netlist/description.hpp"
#include "sim/netlist/timeline.hpp"

namespace locus {

/// What is added to the states that a stimulus imposes in a presentation, [neuron * lanes + lane]; empty if its sigma
/// is 0. Keyed by the circuit's noise seed, the population, neuron, lane, and the presentation's number.
[[nodiscard]] std::vector<double> imposed_noise(const circuit& c, const stimulus& s, std::uint64_t presentation);

/// Throws usage_error unless the data's columns are as many as the neurons that they go to, and all of them go
/// somewhere.
void check_widths(const circuit& c, const data_set& data);

/// The columns of the targets that each teacher has, in the order of the stimuli. Throws as check_widths.
[[nodiscard]] std::vector<window> taught_columns(const circuit& c, const data_set& data);

class presenter {
 public:
  /// All must outlive the presenter. Throws usage_error if the stimuli do not fit the data or the timeline.
  presenter(simulator& s, const description& netlist, const data_set& data);

  /// Whether there is an answer to be scored: a population that a teacher holds.
  [[nodiscard]] bool answers() const;

  /// One presentation of training samples, one a lane, with the teacher. Runs the simulator to its end. The answer is
  /// read at the last tick before the teacher: there is none if the teacher comes with the input, or has not gone.
  answer_score teach(std::span<const std::uint32_t> samples, const presentation_times& times);

  /// Samples for some ticks, one a lane, without the teacher and without noise on what is imposed.
  void show(const locus::samples& from, std::span<const std::uint32_t> samples, std::int64_t ticks);

  /// Shows samples of the key's part and scores the answers of the first `count` lanes.
  answer_score ask(const answer_key& key, std::span<const std::uint32_t> samples, std::size_t count,
                   std::int64_t predict);

 private:
  void check_control(const timeline_description& timeline) const;
  /// Clamps the populations of all stimuli of that role to rows of a table, one sample a lane.
  void put(stimulus_role role, const number_table& rows, std::span<const std::uint32_t> samples);
  template <class V>
  void put_rows(stimulus_role role, const number_table& rows, std::span<const std::uint32_t> samples,
                std::vector<V>& row);
  /// `held`: while the teacher of the presentation before is still on. What shows nothing but that is no answer.
  [[nodiscard]] answer_score score(const answer_key& key, std::span<const std::uint32_t> samples, std::size_t count,
                                   bool held) const;

  simulator& simulator_;
  const data_set& data_;
  bool hold_teacher_;
  answer_key key_;           ///< of the training samples
  std::vector<double> row_;  ///< one sample
  std::vector<float> row_f32_;
};

/// Scores a whole set on a circuit that does not learn, with all that the synapses of `trained` have. Leaves `trained`
/// as it is. What makes up a weight that is not theta goes on meanwhile (simulator::set_learning).
class evaluator {
 public:
  evaluator(const circuit& c, const description& netlist, const data_set& data, const simulator_options& options);

  /// `trained` is of the same circuit, `on` a part of the data. Nothing is measured if there is no answer, or if no
  /// ticks are given to it.
  [[nodiscard]] answer_score evaluate(const simulator& trained, const samples& on);

  /// Answers that have not settled when they are read depend on the question before.
  void serialize(archive& a) { simulator_->serialize(a); }

 private:
  std::unique_ptr<simulator> simulator_;
  presenter presenter_;
  std::int64_t predict_;
  const data_set& data_;
  std::map<const samples*, answer_key> keys_;
};

}  // namespace locus
