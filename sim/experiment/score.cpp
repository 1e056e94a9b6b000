#include "sim/experiment/score.hpp"

#include "sim/data/labels.hpp"

#include <algorithm>

namespace locus {

answer_score& answer_score::operator+=(const answer_score& other) {
  loss += other.loss;
  spread += other.spread;
  correct += other.correct;
  judged += other.judged;
  samples += other.samples;
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

answer_key::answer_key(const data_set& data, const samples& part)
    : part_(part), threshold_(category_threshold(data)), mean_(part.targets()) {
  if (threshold_) return;
  for (std::uint32_t i = 0; i < part.count(); ++i) {
    for (std::uint32_t k = 0; k < part.targets(); ++k) mean_[k] += part.target.at(i, k);
  }
  for (double& m : mean_) m /= part.count();
}

void answer_key::mark(std::uint32_t i, std::span<const double> answer, answer_score& total) const {
  const number_table& target = part_.target;
  const auto width = static_cast<std::uint32_t>(answer.size());
  const auto half_square = [](double d) { return d * d / 2; };
  ++total.samples;
  for (std::uint32_t k = 0; k < width; ++k) total.loss += half_square(target.at(i, k) - answer[k]);
  if (!threshold_) {
    for (std::uint32_t k = 0; k < width; ++k) total.spread += half_square(target.at(i, k) - mean_[k]);
    return;
  }
  const auto chosen = static_cast<std::uint32_t>(std::max_element(answer.begin(), answer.end()) - answer.begin());
  const bool right = width == 1 ? (answer[0] > *threshold_) == (target.at(i, 0) == 1) : target.at(i, chosen) == 1;
  total.correct += right ? 1 : 0;
  ++total.judged;
}

}  // namespace locus
