#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/data/sources.hpp"

namespace locus {

namespace {

/// One field of a line, without the spaces around it; column counts bytes from 1.
struct field {
  std::string_view text;
  std::size_t column;
};

std::vector<field> fields_of(std::string_view line) {
  std::vector<field> fields;
  for (std::size_t begin = 0; begin <= line.size();) {
    const std::size_t end = std::min(line.find(',', begin), line.size());
    const std::string_view raw = line.substr(begin, end - begin);
    const std::size_t first = std::min(raw.find_first_not_of(" \t"), raw.size());
    const std::size_t last = raw.find_last_not_of(" \t");
    const std::string_view text = first == raw.size() ? std::string_view{} : raw.substr(first, last + 1 - first);
    fields.push_back({text, begin + (text.empty() ? 0 : first) + 1});
    begin = end + 1;
  }
  return fields;
}

/// The index in a name like "x12", or nothing.
std::optional<std::uint32_t> index_in(std::string_view name) {
  std::uint32_t index = 0;
  const char* const end = name.data() + name.size();
  const auto [stop, code] = std::from_chars(name.data() + 1, end, index);
  if (code != std::errc{} || stop != end) return std::nullopt;
  return index;
}

enum class column_role { input, target, set };

struct column {
  column_role role;
  std::uint32_t index;
};

/// Reads one file, line by line.
class csv_reader {
 public:
  explicit csv_reader(const std::string& file) : file_(file) {}

  data_set read() {
    std::error_code ignored;
    std::ifstream in(file_, std::ios::binary);
    if (!in || std::filesystem::is_directory(file_, ignored)) throw run_error(file_ + ": cannot be read as a file");
    for (std::string line; std::getline(in, line);) {
      ++line_;
      if (line_ == 1 && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);  // byte order mark
      if (line.ends_with('\r')) line.pop_back();
      if (line.starts_with('#') || line.find_first_not_of(" \t") == std::string::npos) continue;
      if (columns_.empty()) read_header(line);
      else read_sample(line);
    }
    if (in.bad()) throw run_error(fmt::format("{}: cannot be read after line {}", file_, line_));
    if (columns_.empty()) throw run_error(file_ + ": no header line: must name the columns x0, ..., y0, ...");
    return {to_samples(train_), to_samples(test_), "csv:" + file_, fmt::format("the file \"{}\"", file_)};
  }

 private:
  struct numbers {
    std::vector<double> input;
    std::vector<double> target;
  };

  [[noreturn]] void fail(std::size_t column, const std::string& message) const {
    throw run_error(source_position{file_, line_, static_cast<int>(column)}.text() + ": " + message);
  }

  void read_header(std::string_view line) {
    const std::vector<field> fields = fields_of(line);
    for (const field& name : fields) {
      columns_.push_back(column_named(name));
      if (columns_.back().role == column_role::input) ++inputs_;
      if (columns_.back().role == column_role::target) ++targets_;
    }
    if (inputs_ == 0) fail(1, "0 columns of inputs: must name x0, ... in the header");
    if (targets_ == 0) fail(1, "0 columns of targets: must name y0, ... in the header");
    check_header(fields);
  }

  column column_named(const field& name) const {
    if (name.text == "set") return {column_role::set, 0};
    if (name.text.starts_with('x') || name.text.starts_with('y')) {
      const column_role role = name.text.front() == 'x' ? column_role::input : column_role::target;
      if (const std::optional<std::uint32_t> index = index_in(name.text)) return {role, *index};
    }
    fail(name.column, fmt::format("column \"{}\": must be x0, x1, ..., y0, y1, ... or set", name.text));
  }

  /// No name twice and no index beyond the count: then every index from 0 is there.
  void check_header(const std::vector<field>& fields) const {
    std::vector<bool> seen_input(inputs_), seen_target(targets_), seen_set(1);
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const auto [role, index] = columns_[i];
      std::vector<bool>& seen = role == column_role::input    ? seen_input
                                : role == column_role::target ? seen_target
                                                              : seen_set;
      if (index >= seen.size()) {
        fail(fields[i].column,
             fmt::format("column \"{}\" of {}: must count from 0 without a gap", fields[i].text, seen.size()));
      }
      if (seen[index]) fail(fields[i].column, fmt::format("column \"{}\": must be named once", fields[i].text));
      seen[index] = true;
    }
  }

  void read_sample(std::string_view line) {
    const std::vector<field> fields = fields_of(line);
    if (fields.size() != columns_.size()) {
      fail(fields.size() > columns_.size() ? fields[columns_.size()].column : line.size() + 1,
           fmt::format("{} fields: must be {}, as in the header", fields.size(), columns_.size()));
    }
    std::vector<double> input(inputs_), target(targets_);
    bool for_test = false;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      switch (columns_[i].role) {
        case column_role::input: input[columns_[i].index] = number(fields[i]); break;
        case column_role::target: target[columns_[i].index] = number(fields[i]); break;
        case column_role::set: for_test = is_test(fields[i]); break;
      }
    }
    numbers& part = for_test ? test_ : train_;
    part.input.insert(part.input.end(), input.begin(), input.end());
    part.target.insert(part.target.end(), target.begin(), target.end());
  }

  double number(const field& from) const {
    double value = 0;
    const char* const end = from.text.data() + from.text.size();
    const auto [stop, code] = std::from_chars(from.text.data(), end, value);
    if (code == std::errc::result_out_of_range && stop == end) {
      fail(from.column, fmt::format("\"{}\": must be within the range of a double", from.text));
    }
    if (code != std::errc{} || stop != end) fail(from.column, fmt::format("\"{}\": must be a number", from.text));
    if (!std::isfinite(value)) fail(from.column, fmt::format("{}: must be finite", from.text));
    return value;
  }

  bool is_test(const field& set) const {
    if (set.text != "train" && set.text != "test") {
      fail(set.column, fmt::format("set \"{}\": must be train or test", set.text));
    }
    return set.text == "test";
  }

  samples to_samples(numbers& part) const {
    return {number_table(inputs_, std::move(part.input)), number_table(targets_, std::move(part.target))};
  }

  std::string file_;
  int line_ = 0;
  std::vector<column> columns_;  ///< empty until the header is read
  std::uint32_t inputs_ = 0;
  std::uint32_t targets_ = 0;
  numbers train_;
  numbers test_;
};

}  // namespace

data_set load_csv(const std::string& file) { return csv_reader(file).read(); }

}  // namespace locus
