#pragma once
/// Row-major numbers, kept as doubles or, where a file holds bytes, as bytes and a divisor (an eighth of the memory).

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace locus {

/// Rows of equal width, read-only once made. Invariant: either numbers or bytes are kept, rows() * columns() of them.
/// Any number of threads may read.
class number_table {
 public:
  /// No rows, no columns.
  number_table() = default;

  /// Requires: columns > 0, and numbers.size() is a multiple of columns.
  number_table(std::uint32_t columns, std::vector<double> numbers);

  /// The number at a place is byte / divisor, divided as doubles.
  /// Requires: columns > 0, bytes.size() is a multiple of columns, divisor > 0.
  number_table(std::uint32_t columns, std::vector<std::uint8_t> bytes, double divisor);

  [[nodiscard]] std::uint32_t rows() const noexcept { return rows_; }
  [[nodiscard]] std::uint32_t columns() const noexcept { return columns_; }

  /// Requires: row < rows(), column < columns().
  [[nodiscard]] double at(std::uint32_t row, std::uint32_t column) const noexcept {
    const std::size_t place = std::size_t{row} * columns_ + column;
    return bytes_.empty() ? numbers_[place] : scale_.values[bytes_[place]];
  }

  /// Requires: row < rows(), out.size() == columns(). Floats are the doubles, rounded.
  void copy_row(std::uint32_t row, std::span<double> out) const;
  void copy_row(std::uint32_t row, std::span<float> out) const;

  /// Drops all rows after the first `rows`; no effect if there are no more than that.
  void keep_first(std::uint32_t rows);

 private:
  /// How bytes become numbers. Dividing once a number would take as long as a tick.
  template <class V>
  struct byte_scale {
    std::vector<V> values;  ///< [byte]: byte / divisor
    V high = 0, low = 0;    ///< 1 / divisor in two parts: byte * high has no rounding error
    bool exact = false;     ///< byte * high + byte * low is values[byte], for all of them
    void set(double divisor);
    void decode(const std::uint8_t* from, std::span<V> out) const;
  };

  void check_row(std::uint32_t row, std::size_t places) const;
  template <class V>
  void copy(const byte_scale<V>& scale, std::size_t first, std::span<V> out) const;

  std::uint32_t rows_ = 0;
  std::uint32_t columns_ = 0;
  std::vector<double> numbers_;
  std::vector<std::uint8_t> bytes_;
  byte_scale<double> scale_;
  byte_scale<float> scale_f32_;
};

}  // namespace locus
