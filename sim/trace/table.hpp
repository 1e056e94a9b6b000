#pragma once
/// Tables that grow row by row: events, changes, messages, stimuli.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>
#include <vector>

namespace locus {

enum class number_kind { i32, i64, u32, u64, f32, f64 };

[[nodiscard]] constexpr std::size_t bytes_of(number_kind kind) {
  return kind == number_kind::i32 || kind == number_kind::u32 || kind == number_kind::f32 ? 4 : 8;
}

/// One dataset of a table.
struct table_column {
  std::string name;
  number_kind kind = number_kind::i64;
  std::string units;  ///< "1": dimensionless
  std::string long_name;
};

/// A group with a dataset a column, all of the same length.
struct table_layout {
  std::string group;  ///< path in the file
  std::string row;    ///< what a row is: "event"
  std::vector<table_column> columns;
  std::size_t rows_of_chunk = 2048;
};

/// Rows of a table on their way to the file.
class table_rows {
 public:
  explicit table_rows(const table_layout& layout) : columns_(layout.columns.size()) {
    for (const table_column& c : layout.columns) kinds_.push_back(c.kind);
  }

  /// One value a column. Requires: the columns' types, in their order.
  template <class... T>
  void add(const T&... values) {
    static_assert((std::is_arithmetic_v<T> && ...));
    std::size_t k = 0;
    (put(k++, &values, sizeof(T)), ...);
    ++rows_;
  }

  /// The same, with a last value that is in memory.
  template <class... T>
  void add_with(const std::byte* last, const T&... values) {
    std::size_t k = 0;
    (put(k++, &values, sizeof(T)), ...);
    put(k, last, bytes_of(kinds_[k]));
    ++rows_;
  }

  [[nodiscard]] std::size_t rows() const noexcept { return rows_; }
  [[nodiscard]] const std::byte* column(std::size_t k) const { return columns_[k].data(); }
  [[nodiscard]] number_kind kind(std::size_t k) const { return kinds_[k]; }
  [[nodiscard]] std::size_t columns() const noexcept { return columns_.size(); }

  /// Empty, with the memory kept.
  void clear() {
    for (auto& c : columns_) c.clear();
    rows_ = 0;
  }

 private:
  void put(std::size_t k, const void* value, std::size_t bytes) {
    const auto* from = static_cast<const std::byte*>(value);
    columns_[k].insert(columns_[k].end(), from, from + bytes);
  }

  std::vector<number_kind> kinds_;
  std::vector<std::vector<std::byte>> columns_;
  std::size_t rows_ = 0;
};

}  // namespace locus
