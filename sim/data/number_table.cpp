#include "sim/data/number_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
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

template <class V>
void number_table::byte_scale<V>::set(double divisor) {
  values.resize(256);
  for (std::size_t byte = 0; byte < values.size(); ++byte) {
    values[byte] = static_cast<V>(static_cast<double>(byte) / divisor);
  }
  // As many bits of 1 / divisor as leave room for a byte's eight in the product.
  int exponent = 0;
  const double digits = std::frexp(1 / divisor, &exponent);
  const int room = std::numeric_limits<V>::digits - 8;
  high = static_cast<V>(std::ldexp(std::trunc(std::ldexp(digits, room)), exponent - room));
  low = static_cast<V>((1 - divisor * static_cast<double>(high)) / divisor);
  exact = true;
  for (std::size_t byte = 0; byte < values.size(); ++byte) {
    exact = exact && static_cast<V>(byte) * high + static_cast<V>(byte) * low == values[byte];
  }
}

template <class V>
void number_table::byte_scale<V>::decode(const std::uint8_t* from, std::span<V> out) const {
  const V h = high;
  const V l = low;
  V* const to = out.data();
  if (exact) {  // in vectors, which looking up is not
    for (std::size_t i = 0; i < out.size(); ++i) to[i] = static_cast<V>(from[i]) * h + static_cast<V>(from[i]) * l;
  } else {
    std::transform(from, from + out.size(), to, [this](std::uint8_t byte) { return values[byte]; });
  }
}

number_table::number_table(std::uint32_t columns, std::vector<std::uint8_t> bytes, double divisor)
    : rows_(row_count(bytes.size(), columns)), columns_(columns), bytes_(std::move(bytes)) {
  scale_.set(divisor);
  scale_f32_.set(divisor);
}

void number_table::check_row(std::uint32_t row, std::size_t places) const {
  if (row < rows_ && places == columns_) return;
  throw internal_error(fmt::format("row {} into {} places: the table is {} x {}", row, places, rows_, columns_));
}

template <class V>
void number_table::copy(const byte_scale<V>& scale, std::size_t first, std::span<V> out) const {
  if (!bytes_.empty()) return scale.decode(bytes_.data() + first, out);
  std::transform(numbers_.data() + first, numbers_.data() + first + out.size(), out.begin(),
                 [](double value) { return static_cast<V>(value); });
}

void number_table::copy_row(std::uint32_t row, std::span<double> out) const {
  check_row(row, out.size());
  copy(scale_, std::size_t{row} * columns_, out);
}

void number_table::copy_row(std::uint32_t row, std::span<float> out) const {
  check_row(row, out.size());
  copy(scale_f32_, std::size_t{row} * columns_, out);
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
