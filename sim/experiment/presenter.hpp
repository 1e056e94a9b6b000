#pragma once
/// The outside world of a circuit: puts stimuli on and takes them off, presentation by presentation, and reads the
/// answers. A presentation is P ticks of input alone, T ticks with the teacher, Q ticks until the next input.

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "sim/data/data_set.hpp"
#include "sim/engine/simulator.hpp"
#include "sim/experiment/score.hpp"
#include "sim/experiment/stimulus_plan.hpp"
#include "sim/netlist/description.hpp"
#include "sim/netlist/timeline.hpp"

namespace locus {

/// What is added to the states that a stimulus imposes in a presentation, [neuron * lanes + lane]; empty if its sigma
/// is 0. Keyed by the circuit's noise seed, the population, neuron, lane, and the presentation's number.
[[nodiscard]] std::vector<double> imposed_noise(const circuit& c, const stimulus& s, std::uint64_t presentation);

class presenter {
 public:
  /// All must outlive the presenter. Throws usage_error if the stimuli do not fit the data or the timeline.
  presenter(simulator& s, const description& netlist, const data_set& data);

  /// One presentation of training samples, one a lane, with the teacher. Runs the simulator to its end. Answers and
  /// reports are read at their times (readings_of()), but no answer that the teacher itself gives.
  answer_score teach(std::span<const std::uint32_t> samples, const presentation_times& times);

  /// Samples for some ticks, one a lane, without the teacher and without noise on what is imposed.
  void show(const locus::samples& from, std::span<const std::uint32_t> samples, std::int64_t ticks);

  /// Shows samples of the key's part, until all is read, and scores the answers of the first `count` lanes. Shows
  /// nothing if nothing would be read.
  answer_score ask(const answer_key& key, std::span<const std::uint32_t> samples, std::size_t count,
                   std::int64_t predict);

 private:
  /// Samples of `part`, one a lane, and how they are presented.
  struct presentation {
    const locus::samples& part;
    std::span<const std::uint32_t> samples;
    presentation_times times;
    bool taught = true;  ///< with the teacher, control and noise on what is imposed
  };

  void check_control(const timeline_description& timeline) const;
  /// Runs the simulator to the presentation's end. Calls read(reading) at the time of each.
  template <class Read>
  void present(const presentation& p, std::span<const reading> readings, const Read& read);
  /// What happens in a presentation, from its first tick.
  const std::vector<stimulus_change>& changes_of(const presentation& p);
  void change(const presentation& p, const stimulus_change& what);
  /// Clamps a stimulus's population to a frame of each sample.
  template <class V>
  void put(const presentation& p, const stimulus_change& what, std::vector<V>& row);
  /// Scores the answers of the first `count` lanes to a frame. `held`: while a teacher is on. What shows nothing but
  /// that is no answer.
  [[nodiscard]] answer_score score(const answer_key& key, std::span<const std::uint32_t> samples, std::size_t count,
                                   std::uint32_t frame, bool held) const;
  /// What is to be reported of the first `count` lanes.
  [[nodiscard]] answer_score report(std::size_t count) const;

  simulator& simulator_;
  const data_set& data_;
  timeline_description timeline_;
  answer_key key_;           ///< of the training samples
  std::vector<double> row_;  ///< one sample
  std::vector<float> row_f32_;
  std::vector<stimulus_change> changes_;       ///< of presentations such as the last
  std::array<std::int64_t, 5> changes_for_{};  ///< their ticks and frames
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
