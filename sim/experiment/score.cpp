#include "sim/experiment/score.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/core/functions.hpp"
#include "sim/data/labels.hpp"

namespace locus {
namespace {

/// Of one output. What is no probability above 0 counts as the smallest there is, so that the loss is finite.
double cross_entropy(double target, double answer) {
  if (target == 0) return 0;
  return -target * log(std::max(answer, std::numeric_limits<double>::min()));
}

}  // namespace

void report_sum::read(std::span<const double> numbers) {
  for (const double x : numbers) {
    if (function == report_function::max) total = count == 0 ? x : std::max(total, x);
    else total += function == report_function::rms ? x * x : x;
    if (function != report_function::sum) ++count;
  }
  if (function == report_function::sum) ++count;
}

report_sum& report_sum::operator+=(const report_sum& other) {
  if (other.count == 0) return *this;
  if (count == 0) return *this = other;
  total = function == report_function::max ? std::max(total, other.total) : total + other.total;
  count += other.count;
  return *this;
}

std::optional<double> report_sum::value() const {
  if (count == 0) return std::nullopt;
  if (function == report_function::max) return total;
  const double mean = total / static_cast<double>(count);
  return function == report_function::rms ? std::sqrt(mean) : mean;
}

answer_score& answer_score::operator+=(const answer_score& other) {
  loss += other.loss;
  spread += other.spread;
  correct += other.correct;
  judged += other.judged;
  samples += other.samples;
  reports.resize(std::max(reports.size(), other.reports.size()));
  for (std::size_t i = 0; i < other.reports.size(); ++i) reports[i] += other.reports[i];
  return *this;
}

std::optional<double> answer_score::mean_loss() const {
  if (samples == 0) return std::nullopt;
  return loss / static_cast<double>(samples);
}

std::optional<double> answer_score::accuracy() const {
  if (judged == 0) return std::nullopt;
  return static_cast<double>(correct) / static_cast<double>(judged);
}

std::optional<double> answer_score::r2() const {
  if (spread == 0) return std::nullopt;
  return 1 - loss / spread;
}

answer_key::answer_key(const data_set& data, const samples& part) : answer_key(data, part, {{{0, part.targets()}}}) {}

answer_key::answer_key(const data_set& data, const samples& part, std::vector<taught_part> teachers)
    : part_(part), teachers_(std::move(teachers)), mean_(part.targets()) {
  for (const taught_part& each : teachers_) {
    if (const auto threshold = category_threshold(data, each.columns)) thresholds_.push_back(*threshold);
  }
  if (thresholds_.size() == teachers_.size()) return;
  thresholds_.clear();
  for (std::uint32_t row = 0; row < part.target.rows(); ++row) {
    for (std::uint32_t k = 0; k < part.targets(); ++k) mean_[k] += part.target.at(row, k);
  }
  for (double& m : mean_) m /= part.target.rows();
}

void answer_key::mark(std::uint32_t row, std::span<const double> answer, answer_score& total) const {
  ++total.samples;
  for (std::size_t teacher = 0; teacher < teachers_.size(); ++teacher) {
    const auto [first, last] = teachers_[teacher].columns;
    const auto width = static_cast<std::size_t>(last - first);
    mark_part(row, teacher, answer.first(width), total);
    answer = answer.subspan(width);
  }
}

void answer_key::mark_part(std::uint32_t row, std::size_t teacher, std::span<const double> answer,
                           answer_score& total) const {
  const auto first = static_cast<std::uint32_t>(teachers_[teacher].columns.first);
  const bool squares = teachers_[teacher].loss == answer_loss::squares;
  const auto width = static_cast<std::uint32_t>(answer.size());
  const auto target = [&](std::uint32_t k) { return part_.target.at(row, first + k); };
  const auto half_square = [](double d) { return d * d / 2; };
  double loss = total.loss;
  if (squares) {
    for (std::uint32_t k = 0; k < width; ++k) loss += half_square(target(k) - answer[k]);
  } else {
    for (std::uint32_t k = 0; k < width; ++k) loss += cross_entropy(target(k), answer[k]);
  }
  total.loss = loss;
  if (thresholds_.empty()) {
    for (std::uint32_t k = 0; squares && k < width; ++k) total.spread += half_square(target(k) - mean_[first + k]);
    return;
  }
  const auto chosen = static_cast<std::uint32_t>(std::max_element(answer.begin(), answer.end()) - answer.begin());
  const bool right = width == 1 ? (answer[0] > thresholds_[teacher]) == (target(0) == 1) : target(chosen) == 1;
  total.correct += right ? 1 : 0;
  ++total.judged;
}

}  // namespace locus
