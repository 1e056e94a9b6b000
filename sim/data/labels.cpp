#include "sim/data/labels.hpp"

namespace locus {

std::optional<std::int32_t> category_rows::take(const samples& s, std::uint32_t i) {
  std::int32_t ones = 0, at = 0;
  for (std::int64_t k = columns_.first; k < columns_.last; ++k) {
    const double t = s.target.at(i, static_cast<std::uint32_t>(k));
    if (t == 1) {
      ++ones;
      at = static_cast<std::int32_t>(k - columns_.first);
    } else if ((t != 0 && t != -1) || low_.value_or(t) != t) {
      return std::nullopt;
    } else {
      low_ = t;
    }
  }
  const bool single = columns_.last - columns_.first == 1;
  if (!single && ones != 1) return std::nullopt;
  high_ = high_ || ones == 1;
  return single ? ones : at;
}

std::vector<std::int32_t> labels_of(const samples& s) {
  std::vector<std::int32_t> labels;
  if (s.targets() == 0 || s.target_frames > 1) return labels;
  category_rows rows({0, s.targets()});
  for (std::uint32_t i = 0; i < s.count(); ++i) {
    const auto label = rows.take(s, i);
    if (!label) return {};
    labels.push_back(*label);
  }
  return labels;
}

std::optional<double> category_threshold(const data_set& data, window columns) {
  category_rows rows(columns);
  for (const samples* part : {&data.train, &data.test}) {
    for (std::uint32_t row = 0; row < part->target.rows(); ++row) {
      if (!rows.take(*part, row)) return std::nullopt;
    }
  }
  if (!rows.high() || !rows.low()) return std::nullopt;
  return (1 + *rows.low()) / 2;
}

}  // namespace locus
