#include "sim/data/number_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "sim/core/errors.hpp"

namespace locus {

namespace {

std::uint32_t row_count(std::size_t numbers, std::uint32_t columns) {
  if (columns == 0 || numbers % columns != 0) {
    throw internal_error(fmt::format("a table of {} numbers cannot have {} columns", numbers, columns));
  }
  const std::size_t rows = numbers / columns;
  if (rows > std::numeric_limits<std::uint32_t>::max()) {
    throw run_error(fmt::format("the data have {} samples: must be below 2^32", rows));
  }
  return static_cast<std::uint32_t>(rows);
}

}  // namespace

number_table::number_table(std::uint32_t columns, std::vector<double> numbers)
    : rows_(row_count(numbers.size(), columns)), columns_(columns), numbers_(std::move(numbers)) {}

number_table::number_table(std::uint32_t columns, std::vector<std::uint8_t> bytes, double divisor)
    : rows_(row_count(bytes.size(), columns)), columns_(columns), bytes_(std::move(bytes)) {
  for (int byte = 0; byte < 256; ++byte) byte_values_.push_back(byte / divisor);
  for (const double value : byte_values_) byte_values_f32_.push_back(static_cast<float>(value));
}

namespace {

/// Looks up a row's bytes, or copies its numbers where there are no bytes.
template <class V>
void copy(const std::vector<std::uint8_t>& bytes, const std::vector<V>& byte_values, const std::vector<double>& numbers,
          std::size_t first, std::span<V> out) {
  if (bytes.empty()) {
    std::transform(numbers.begin() + static_cast<std::ptrdiff_t>(first),
                   numbers.begin() + static_cast<std::ptrdiff_t>(first + out.size()), out.begin(),
                   [](double value) { return static_cast<V>(value); });
    return;
  }
  const std::uint8_t* from = bytes.data() + first;
  const V* values = byte_values.data();
  V* const to = out.data();
  std::size_t i = 0;
  constexpr std::size_t block = 8;  // unrolled: a loop of three instructions takes half as long again
  for (; i + block <= out.size(); i += block) {
    for (std::size_t k = 0; k < block; ++k) to[i + k] = values[from[i + k]];
  }
  for (; i < out.size(); ++i) to[i] = values[from[i]];
}

}  // namespace

void number_table::check_row(std::uint32_t row, std::size_t places) const {
  if (row < rows_ && places == columns_) return;
  throw internal_error(fmt::format("row {} into {} places: the table is {} x {}", row, places, rows_, columns_));
}

void number_table::copy_row(std::uint32_t row, std::span<double> out) const {
  check_row(row, out.size());
  copy(bytes_, byte_values_, numbers_, std::size_t{row} * columns_, out);
}

void number_table::copy_row(std::uint32_t row, std::span<float> out) const {
  check_row(row, out.size());
  copy(bytes_, byte_values_f32_, numbers_, std::size_t{row} * columns_, out);
}

void number_table::keep_first(std::uint32_t rows) {
  if (rows >= rows_) return;
  rows_ = rows;
  const std::size_t kept = std::size_t{rows} * columns_;
  numbers_.resize(std::min(numbers_.size(), kept));
  numbers_.shrink_to_fit();
  bytes_.resize(std::min(bytes_.size(), kept));
  bytes_.shrink_to_fit();
}

}  // namespace locus
