#pragma once
/// How well answers agree with targets.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sim/data/data_set.hpp"

namespace locus {

/// What a run reports of a field, summed up over readings of all its neurons.
struct report_sum {
  report_function function = report_function::mean;
  double total = 0;         ///< sum of the numbers; of their squares (rms); the largest (max)
  std::uint64_t count = 0;  ///< numbers; readings (sum)

  /// The numbers of all neurons at one time, in one lane.
  void read(std::span<const double> numbers);
  report_sum& operator+=(const report_sum& other);
  [[nodiscard]] std::optional<double> value() const;  ///< none if nothing was read
};

/// What one teacher teaches.
struct taught_part {
  window columns;  ///< of the targets
  answer_loss loss = answer_loss::squares;
};

/// Sums over answers; what was not measured has no mean.
struct answer_score {
  double loss = 0;                  ///< over all outputs
  double spread = 0;                ///< the loss of the targets' mean, if they are numbers, of squares
  std::uint64_t correct = 0;        ///< parts of answers in the target's category
  std::uint64_t judged = 0;         ///< parts of answers, one a teacher, whose target is a category
  std::uint64_t samples = 0;        ///< answers: to samples, or to frames of their targets
  std::vector<report_sum> reports;  ///< of circuit::reports; empty: none has been read

  answer_score& operator+=(const answer_score& other);
  [[nodiscard]] std::optional<double> mean_loss() const;
  [[nodiscard]] std::optional<double> accuracy() const;  ///< none if the targets are no categories
  [[nodiscard]] std::optional<double> r2() const;        ///< none if they are, or do not vary: 1 - loss / spread
};

/// Scores answers to the samples of one part of a data set, which must outlive it. An answer has a part for each
/// teacher; the targets are categories if those of each teacher are.
class answer_key {
 public:
  answer_key(const data_set& data, const samples& part, std::vector<taught_part> teachers);

  /// One teacher with all columns.
  answer_key(const data_set& data, const samples& part);

  [[nodiscard]] const samples& part() const noexcept { return part_; }

  /// Adds an answer to a row of the targets: the numbers of all teachers, one teacher after the other.
  void mark(std::uint32_t row, std::span<const double> answer, answer_score& total) const;

 private:
  void mark_part(std::uint32_t row, std::size_t teacher, std::span<const double> answer, answer_score& total) const;

  const samples& part_;
  std::vector<taught_part> teachers_;
  std::vector<double> thresholds_;  ///< [teacher]; empty if the targets are numbers
  std::vector<double> mean_;        ///< of each target, if they are
};

}  // namespace locus
