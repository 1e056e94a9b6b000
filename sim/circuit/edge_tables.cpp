#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <string_view>

#include "sim/circuit/edge_file_reading.hpp"
#include "sim/core/csv_file.hpp"
#include "sim/core/errors.hpp"
#include "sim/data/number_array.hpp"

namespace locus::detail {

namespace {

constexpr std::string_view column_names[edge_columns] = {"post", "pre", "weight", "delay"};

template <class T>
std::optional<T> whole_text(std::string_view text) {
  T value = {};
  const auto [stop, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

/// [column]: which edge_column it is.
std::vector<std::size_t> read_edge_header(const csv_file& file, const std::vector<csv_field>& fields) {
  constexpr auto expected = "expected the header post,pre, with columns weight and delay if there are such";
  std::vector<std::size_t> columns;
  for (const csv_field& field : fields) {
    const auto* found = std::find(std::begin(column_names), std::end(column_names), field.text);
    const auto column = static_cast<std::size_t>(found - std::begin(column_names));
    if (found == std::end(column_names))
      file.fail(field.column, fmt::format("column \"{}\": {}", field.text, expected));
    if (std::find(columns.begin(), columns.end(), column) != columns.end())
      file.fail(field.column, fmt::format("column \"{}\" is there twice: {}", field.text, expected));
    columns.push_back(column);
  }
  for (const std::size_t needed : {post_column, pre_column})
    if (std::find(columns.begin(), columns.end(), needed) == columns.end())
      file.fail(1, fmt::format("no column \"{}\": {}", column_names[needed], expected));
  return columns;
}

/// Reads the lines of a MatrixMarket file.
class mtx_reader {
 public:
  explicit mtx_reader(const edge_file& from) : from_(from), in_(from.file, std::ios::binary) {
    std::error_code ignored;
    if (!in_ || std::filesystem::is_directory(from.file, ignored))
      throw run_error(from.file + ": cannot be read as a file");
  }

  edge_contents read(const edge_visitor& visit) {
    const bool weighted = read_banner();
    const auto [rows, columns, entries] = read_sizes();
    if (rows != from_.targets || columns != from_.sources)
      fail(fmt::format("a matrix of {} rows and {} columns: projection \"{}\" has {} targets and {} sources", rows,
                       columns, from_.projection, from_.targets, from_.sources));
    for (std::int64_t n = 0; n < entries; ++n) {
      if (!next()) fail(fmt::format("the file ends after {} of {} entries", n, entries));
      visit(read_entry(weighted));
    }
    if (next()) fail(fmt::format("more than {} entries, of which the line of the sizes speaks", entries));
    return {weighted, weighted};
  }

 private:
  [[noreturn]] void fail(const std::string& message, std::size_t column = 0) const {
    throw run_error(fmt::format("{}: {}", place_text(from_.file, line_, column), message));
  }

  /// Where one of the words begins.
  [[nodiscard]] std::size_t column_of(std::size_t word) const {
    return static_cast<std::size_t>(words_[word].data() - text_.data()) + 1;
  }

  bool read_line(std::string& text) {
    if (!std::getline(in_, text)) {
      if (in_.bad()) fail("cannot be read any further");
      return false;
    }
    ++line_;
    return true;
  }

  /// The words of the next line that is no comment; none at the end.
  bool next() {
    words_.clear();
    while (words_.empty()) {
      if (!read_line(text_)) return false;
      if (text_.starts_with('%')) continue;
      const std::string_view line = text_;
      constexpr auto spaces = " \t\r";
      for (std::size_t begin = line.find_first_not_of(spaces); begin != std::string_view::npos;) {
        const std::size_t end = std::min(line.find_first_of(spaces, begin), line.size());
        words_.push_back(line.substr(begin, end - begin));
        begin = line.find_first_not_of(spaces, end);
      }
    }
    return true;
  }

  /// Whether the entries have values.
  bool read_banner() {
    std::string text;
    read_line(text);
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    std::istringstream words(text);
    std::string banner, object, format, field, symmetry;
    words >> banner >> object >> format >> field >> symmetry;
    const bool weighted = field == "real" || field == "integer" || field == "double";
    if (banner != "%%matrixmarket" || object != "matrix" || format != "coordinate" ||
        (!weighted && field != "pattern") || symmetry != "general") {
      throw run_error(
          fmt::format("{}:1: expected \"%%MatrixMarket matrix coordinate real general\", or integer or "
                      "pattern in place of real",
                      from_.file));
    }
    return weighted;
  }

  std::array<std::int64_t, 3> read_sizes() {
    std::array<std::int64_t, 3> sizes = {};
    const bool there = next();
    for (std::size_t k = 0; k < sizes.size(); ++k) {
      const auto size = there && words_.size() == sizes.size() ? whole_text<std::int64_t>(words_[k]) : std::nullopt;
      if (!size || *size < 0) fail("expected the numbers of rows, columns and entries");
      sizes[k] = *size;
    }
    return sizes;
  }

  [[nodiscard]] listed_edge read_entry(bool weighted) const {
    const std::size_t expected = weighted ? 3 : 2;
    if (words_.size() != expected)
      fail(
          fmt::format("{} numbers: expected {}", words_.size(), weighted ? "row, column and value" : "row and column"));
    const auto row = whole_text<std::int64_t>(words_[0]), column = whole_text<std::int64_t>(words_[1]);
    if (!row || !column || *row < 1 || *column < 1)
      fail(fmt::format("row and column {}, {}: expected whole numbers from 1 on", words_[0], words_[1]),
           column_of(row && *row >= 1 ? 1 : 0));
    const auto value = weighted ? whole_text<double>(words_[2]) : 1.0;
    if (!value) fail(fmt::format("value \"{}\": expected a number", words_[2]), column_of(2));
    const std::size_t of_value = weighted ? column_of(2) : 0;
    return {*row - 1, *column - 1, *value, *value, false, line_, {column_of(0), column_of(1), of_value, of_value}};
  }

  const edge_file& from_;
  std::ifstream in_;
  std::uint64_t line_ = 0;
  std::string text_;
  std::vector<std::string_view> words_;
};

}  // namespace

edge_contents each_edge_in_csv(const edge_file& from, const edge_visitor& visit) {
  csv_file file(from.file);
  const std::vector<csv_field>& fields = file.next();
  if (fields.empty()) throw run_error(from.file + ": no header line: expected post,pre or post,pre,weight");
  const std::vector<std::size_t> columns = read_edge_header(file, fields);
  const auto read_field = [&](listed_edge& edge, std::size_t column, const csv_field& field) {
    edge.at[column] = field.column;
    if (column == weight_column) edge.weight = file.number(field);
    if (column == delay_column) edge.delay = file.number(field);
    if (column == weight_column || column == delay_column) return;
    const auto index = whole_text<std::int64_t>(field.text);
    if (!index) file.fail(field.column, fmt::format("\"{}\": expected the number of a neuron", field.text));
    (column == post_column ? edge.post : edge.pre) = *index;
  };
  while (!file.next().empty()) {
    if (fields.size() != columns.size())
      file.fail(1, fmt::format("{} fields: expected {}, as in the header", fields.size(), columns.size()));
    listed_edge edge;
    edge.place = static_cast<std::uint64_t>(file.line());
    for (std::size_t k = 0; k < columns.size(); ++k) read_field(edge, columns[k], fields[k]);
    visit(edge);
  }
  const auto has = [&](std::size_t column) {
    return std::find(columns.begin(), columns.end(), column) != columns.end();
  };
  return {has(weight_column), has(delay_column)};
}

edge_contents each_edge_in_npy(const edge_file& from, const edge_visitor& visit) {
  const number_array array = read_npy(from.file);
  const std::uint64_t width = array.shape.size() == 2 ? array.shape[1] : 0;
  if (width < 2 || width > 4 || (array.whole ? width == 4 : width == 2))
    throw run_error(
        fmt::format("{}: {} {}: expected integers, [n, 2] (post, pre) or [n, 3] (post, pre, delay), or floating-point "
                    "numbers, [n, 3] (post, pre, weight) or [n, 4] (post, pre, weight, delay)",
                    from.file, shape_text(array.shape), array.whole ? "integers" : "floating-point numbers"));
  const edge_contents has = {!array.whole, width == (array.whole ? 3 : 4)};
  constexpr double largest = std::numeric_limits<std::uint32_t>::max();
  for (std::uint64_t row = 0; row < array.shape[0]; ++row) {
    const auto index = [&](std::uint64_t column) {
      const double value = array.at(row * width + column);
      if (value != std::trunc(value) || std::abs(value) > largest)
        throw run_error(fmt::format("{}: {}: expected the number of a neuron", place_text(from.file, row), value));
      return static_cast<std::int64_t>(value);
    };
    listed_edge edge{index(0), index(1)};
    if (has.weights) edge.weight = array.at(row * width + 2);
    if (has.delays) edge.delay = array.at(row * width + width - 1);
    edge.place = row;
    visit(edge);
  }
  return has;
}

edge_contents each_edge_in_mtx(const edge_file& from, const edge_visitor& visit) {
  return mtx_reader(from).read(visit);
}

}  // namespace locus::detail
