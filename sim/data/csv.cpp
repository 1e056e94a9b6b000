#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/core/csv_file.hpp"
#include "sim/core/errors.hpp"
#include "sim/data/sources.hpp"

namespace locus {

namespace {

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
  explicit csv_reader(const std::string& file) : name_(file), file_(file) {}

  data_set read() {
    const std::vector<csv_field>& fields = file_.next();
    if (fields.empty()) throw run_error(name_ + ": no header line: must name the columns x0, ..., y0, ...");
    read_header(fields);
    while (!file_.next().empty()) read_sample(fields);
    return {to_samples(train_), to_samples(test_), "csv:" + name_, fmt::format("the file \"{}\"", name_)};
  }

 private:
  struct numbers {
    std::vector<double> input;
    std::vector<double> target;
  };

  void read_header(const std::vector<csv_field>& fields) {
    for (const csv_field& name : fields) {
      columns_.push_back(column_named(name));
      if (columns_.back().role == column_role::input) ++inputs_;
      if (columns_.back().role == column_role::target) ++targets_;
    }
    if (inputs_ == 0) file_.fail(1, "0 columns of inputs: must name x0, ... in the header");
    if (targets_ == 0) file_.fail(1, "0 columns of targets: must name y0, ... in the header");
    check_header(fields);
  }

  column column_named(const csv_field& name) const {
    if (name.text == "set") return {column_role::set, 0};
    if (name.text.starts_with('x') || name.text.starts_with('y')) {
      const column_role role = name.text.front() == 'x' ? column_role::input : column_role::target;
      if (const std::optional<std::uint32_t> index = index_in(name.text)) return {role, *index};
    }
    file_.fail(name.column, fmt::format("column \"{}\": must be x0, x1, ..., y0, y1, ... or set", name.text));
  }

  /// No name twice and no index beyond the count: then every index from 0 is there.
  void check_header(const std::vector<csv_field>& fields) const {
    std::vector<bool> seen_input(inputs_), seen_target(targets_), seen_set(1);
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const auto [role, index] = columns_[i];
      std::vector<bool>& seen = role == column_role::input    ? seen_input
                                : role == column_role::target ? seen_target
                                                              : seen_set;
      if (index >= seen.size()) {
        file_.fail(fields[i].column,
                   fmt::format("column \"{}\" of {}: must count from 0 without a gap", fields[i].text, seen.size()));
      }
      if (seen[index]) file_.fail(fields[i].column, fmt::format("column \"{}\": must be named once", fields[i].text));
      seen[index] = true;
    }
  }

  void read_sample(const std::vector<csv_field>& fields) {
    if (fields.size() != columns_.size()) {
      file_.fail(fields.size() > columns_.size() ? fields[columns_.size()].column : file_.width() + 1,
                 fmt::format("{} fields: must be {}, as in the header", fields.size(), columns_.size()));
    }
    std::vector<double> input(inputs_), target(targets_);
    bool for_test = false;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      switch (columns_[i].role) {
        case column_role::input: input[columns_[i].index] = file_.number(fields[i]); break;
        case column_role::target: target[columns_[i].index] = file_.number(fields[i]); break;
        case column_role::set: for_test = is_test(fields[i]); break;
      }
    }
    numbers& part = for_test ? test_ : train_;
    part.input.insert(part.input.end(), input.begin(), input.end());
    part.target.insert(part.target.end(), target.begin(), target.end());
  }

  bool is_test(const csv_field& set) const {
    if (set.text != "train" && set.text != "test") {
      file_.fail(set.column, fmt::format("set \"{}\": must be train or test", set.text));
    }
    return set.text == "test";
  }

  samples to_samples(numbers& part) const {
    return {number_table(inputs_, std::move(part.input)), number_table(targets_, std::move(part.target))};
  }

  std::string name_;
  csv_file file_;
  std::vector<column> columns_;  ///< empty until the header is read
  std::uint32_t inputs_ = 0;
  std::uint32_t targets_ = 0;
  numbers train_;
  numbers test_;
};

}  // namespace

data_set load_csv(const std::string& file) { return csv_reader(file).read(); }

}  // namespace locus
