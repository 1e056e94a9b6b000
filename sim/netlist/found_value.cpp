#include "sim/netlist/found_value.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <vector>

namespace locus::detail {

std::string found_value::path() const { return parent ? fmt::format("{}[{}]", parent->path(), index) : name; }

void found_value::fail(std::string_view message) const {
  throw usage_error(state.position(node.source()), fmt::format("{} = {}: {}", path(), short_text(node), message));
}

double read_number(const found_value& value) {
  double number = 0;
  if (const auto* whole = value.node.as_integer()) number = static_cast<double>(whole->get());
  else if (const auto* floating = value.node.as_floating_point()) number = floating->get();
  else value.fail("expected a number");
  if (!std::isfinite(number)) value.fail("expected a finite number");
  return number;
}

std::string read_text(const found_value& value) {
  const auto* text = value.node.as_string();
  if (!text) value.fail("expected a text");
  return text->get();
}

neuron_grid read_grid(const found_value& value) {
  neuron_grid out;
  for (const std::int64_t n : read_wholes(value, counts_from(1))) out.shape.push_back(static_cast<std::uint32_t>(n));
  if (out.shape.empty() || out.shape.size() > 4)
    value.fail("expected one to four sizes, such as [rows, columns] or [channels, rows, columns]");
  std::uint64_t size = 1;
  for (const std::uint32_t n : out.shape) size = bounded_product(size, n);
  if (size > std::numeric_limits<std::uint32_t>::max()) value.fail("expected fewer than 2^32 neurons");
  out.size = static_cast<std::uint32_t>(size);
  return out;
}

std::vector<double> read_row(const found_value& value) {
  return read_list<double>(value, list_of_numbers, read_number);
}

std::vector<std::vector<double>> read_rows(const found_value& value) {
  std::size_t columns = 0;
  bool first = true;
  return read_list<std::vector<double>>(value, list_of_rows, [&](const found_value& element) {
    auto row = read_row(element);
    if (first) columns = row.size();
    first = false;
    if (row.size() != columns)
      element.fail(fmt::format("expected {} numbers as in the first row, found {}", columns, row.size()));
    return row;
  });
}

matrix read_matrix(const found_value& value) {
  const auto rows = read_rows(value);
  const std::size_t columns = rows.empty() ? 0 : rows.front().size();
  if (const auto most = static_cast<std::size_t>(counts_from(0).most); rows.size() > most || columns > most)
    value.fail(fmt::format("a matrix has at most {} rows and columns", most));
  matrix out{static_cast<std::uint32_t>(rows.size()), static_cast<std::uint32_t>(columns), {}};
  for (const auto& row : rows) out.values.insert(out.values.end(), row.begin(), row.end());
  return out;
}

namespace {

/// Lists of lists of numbers.
class array_reader {
 public:
  data_array read(const found_value& value) {
    std::size_t levels = 0;
    const toml::node* first = &value.node;
    for (const toml::array* list = first->as_array(); list != nullptr; list = first->as_array()) {
      ++levels;
      if (list->empty()) break;
      first = &(*list)[0];
    }
    if (levels > most_levels) value.fail("expected at most three levels of lists: [sample][frame][feature]");
    seen_.resize(levels);
    out_.shape.resize(levels);
    fill(value, 0);
    return std::move(out_);
  }

 private:
  static constexpr std::size_t most_levels = 3;

  void fill(const found_value& value, std::size_t level) {
    const bool numbers = level + 1 == out_.shape.size();
    const toml::array* list = value.node.as_array();
    if (list == nullptr) value.fail(numbers ? list_of_numbers : list_of_rows);
    const std::size_t size = list->size();
    if (size > static_cast<std::size_t>(counts_from(0).most)) value.fail("too many elements");
    if (!seen_[level]) out_.shape[level] = static_cast<std::uint32_t>(size);
    seen_[level] = true;
    if (size != out_.shape[level])
      value.fail(fmt::format("expected {} {}, found {}", out_.shape[level],
                             numbers ? "numbers as in the first row" : "frames as in the first sample", size));
    std::size_t index = 0;
    for (const toml::node& element : *list) {
      const found_value each{value.state, element, {}, &value, index++};
      if (numbers) out_.numbers.push_back(read_number(each));
      else fill(each, level + 1);
    }
  }

  data_array out_;
  std::vector<bool> seen_;  ///< [level]: whether its length is known
};

bool names_array_file(std::string_view text) {
  if (text.starts_with(npy_prefix)) return text.size() > npy_prefix.size();
  if (!text.starts_with(hdf5_prefix)) return false;
  const std::size_t colon = text.rfind(':');
  return colon > hdf5_prefix.size() && colon + 1 < text.size();
}

}  // namespace

data_array read_array(const found_value& value, bool classes) {
  if (value.node.is_string()) {
    data_array named;
    named.file = read_text(value);
    if (!names_array_file(named.file)) value.fail(array_or_file);
    return named;
  }
  const toml::array* list = value.node.as_array();
  if (list == nullptr) value.fail(array_or_file);
  if (list->empty() || (*list)[0].is_array()) return array_reader().read(value);
  if (!classes) value.fail(array_or_file);
  data_array named;
  for (const std::int64_t each : read_wholes(value, classes_of_data))
    named.numbers.push_back(static_cast<double>(each));
  named.shape = {static_cast<std::uint32_t>(named.numbers.size())};
  return named;
}

std::int64_t read_whole(const found_value& value, const whole_range& valid) {
  const auto* whole = value.node.as_integer();
  if (!whole || !valid.contains(whole->get())) value.fail(valid.expected(whole && whole->get() > valid.most));
  return whole->get();
}

std::vector<std::int64_t> read_wholes(const found_value& value, const whole_range& valid) {
  return read_list<std::int64_t>(value, "expected a list of whole numbers",
                                 [&](const found_value& element) { return read_whole(element, valid); });
}

parameter_value read_parameter(const found_value& value) {
  if (const auto* flag = value.node.as_boolean()) return flag->get();
  if (value.node.is_number()) return read_number(value);
  if (!value.node.is_string()) value.fail("expected true or false, a number or a text");
  return read_text(value);
}

tick_range read_ticks(const found_value& value) {
  constexpr auto expected = "expected a whole number of ticks >= 0 or a range [low, high]";
  tick_range out{0, 0, value.state.position(value.node.source())};
  if (const auto* whole = value.node.as_integer()) {
    out.low = out.high = whole->get();
  } else if (const auto* pair = value.node.as_array(); pair && pair->size() == 2) {
    const auto* low = (*pair)[0].as_integer();
    const auto* high = (*pair)[1].as_integer();
    if (!low || !high) value.fail(expected);
    out.low = low->get();
    out.high = high->get();
    if (out.low > out.high) value.fail("expected low <= high in a range [low, high]");
  } else {
    value.fail(expected);
  }
  if (out.low < 0) value.fail(expected);
  if (out.high > longest_time) value.fail(ticks_from(0).expected(true));
  return out;
}

std::vector<window> read_windows(const found_value& value) {
  constexpr auto expected = "expected [first, last] with 0 <= first < last, or a list of such windows";
  const auto read_one = [](const found_value& one) {
    const auto ends = read_wholes(one, ticks_from(0));
    if (ends.size() != 2 || ends[0] >= ends[1]) one.fail(expected);
    return window{ends[0], ends[1]};
  };
  const auto* list = value.node.as_array();
  if (list && !list->empty() && (*list)[0].is_integer()) return {read_one(value)};
  return read_list<window>(value, expected, read_one);
}

}  // namespace locus::detail
