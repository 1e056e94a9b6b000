#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/core/memory.hpp"
#include "sim/core/whole_number.hpp"
#include "sim/data/number_array.hpp"
#include "sim/data/sources.hpp"

namespace locus {

namespace {

/// One of the arrays of a netlist, read.
struct named_array {
  std::string name;  ///< the key, and the file if there is one: what messages call it
  bool in_file = false;
  number_array of;

  [[nodiscard]] bool classes() const { return of.whole && of.shape.size() == 1; }
};

/// Turns the arrays that a netlist names into samples.
class array_loader {
 public:
  explicit array_loader(const data_description& from) : from_(from) {}

  data_set load() {
    named_array inputs = read("inputs", from_.inputs), targets = read("targets", from_.targets);
    named_array test_inputs = read("test_inputs", from_.test_inputs),
                test_targets = read("test_targets", from_.test_targets);
    check_like(test_inputs, inputs);
    check_like(test_targets, targets);
    check_counts(inputs, targets, from_.targets);
    check_counts(test_inputs, test_targets, from_.targets);
    if (count(inputs) == 0) fail(inputs, "has 0 samples: must have at least 1");
    data_set data;
    const std::uint32_t classes = class_count(targets, test_targets);
    const std::uint32_t frames = frames_of(inputs), target_frames = frames_of(targets);
    data.train = {table(inputs, 0), table(targets, classes), frames, target_frames};
    data.test = {table(test_inputs, 0), table(test_targets, classes), frames, target_frames};
    if (count(test_inputs) == 0)
      data.test = {none_like(data.train.input), none_like(data.train.target), frames, target_frames};
    data.name = from_.inputs.file.empty() ? "inline" : from_.inputs.file;
    data.note = from_.inputs.file.empty() ? "numbers of the netlist" : "arrays that the netlist names";
    return data;
  }

 private:
  [[noreturn]] void fail(const named_array& a, const std::string& message) const {
    const std::string text = fmt::format("{} {}", a.name, message);
    if (a.in_file) throw run_error(text);
    throw usage_error(from_.at, "data: " + text);
  }

  static named_array read(const std::string& key, const data_array& array) {
    if (!array.file.empty())
      return {
          fmt::format("{} ({})", key, array.file), true,
          array.dataset().empty() ? read_npy(array.file_name()) : read_hdf5_array(array.file_name(), array.dataset())};
    if (array.shape == std::vector<std::uint32_t>{0}) return {key, false, {}};
    return {key, false, {{array.shape.begin(), array.shape.end()}, array.shape.size() == 1, array.numbers, {}}};
  }

  static std::uint64_t count(const named_array& a) { return a.of.shape.empty() ? 0 : a.of.shape[0]; }

  [[nodiscard]] std::uint32_t frames_of(const named_array& a) const {
    if (a.of.shape.size() < 3) return 1;
    const std::uint64_t frames = a.of.shape[1];
    if (frames == 0 || frames > std::numeric_limits<std::uint32_t>::max())
      fail(a, fmt::format("has {} frames in a sample: must be 1 to 2^32 - 1", frames));
    return static_cast<std::uint32_t>(frames);
  }

  /// Numbers in each frame. An array of one dimension has one.
  static std::uint64_t width(const named_array& a) { return a.of.shape.size() < 2 ? 1 : a.of.shape.back(); }

  /// That the test's array has the shape of that for training, the number of samples aside.
  void check_like(const named_array& test, const named_array& train) const {
    if (test.of.shape.empty() || train.of.shape.empty()) return;
    if (test.classes() != train.classes() || test.of.shape.size() != train.of.shape.size() ||
        !std::equal(test.of.shape.begin() + 1, test.of.shape.end(), train.of.shape.begin() + 1)) {
      const auto text = [](const named_array& a) {
        return shape_text(a.of.shape) + (a.classes() ? " classes" : " numbers");
      };
      fail(test, fmt::format("has {}: must be as {}, which has {}", text(test), train.name, text(train)));
    }
  }

  void check_counts(const named_array& inputs, const named_array& targets, const data_array& wanted) const {
    if (!wanted.given() || count(inputs) == count(targets)) return;
    fail(targets, fmt::format("has {} samples and {} {}: must be as many", count(targets), inputs.name, count(inputs)));
  }

  /// 0: the targets are numbers.
  std::uint32_t class_count(const named_array& train, const named_array& test) const {
    if (!train.classes()) return 0;
    double most = 0;
    for (const named_array* part : {&train, &test}) {
      for (std::size_t i = 0; i < part->of.size(); ++i) {
        const double label = part->of.at(i);
        if (label < 0 || label > static_cast<double>(classes_of_data.most))
          fail(*part, fmt::format("has the class {} at [{}]: must be a whole number from 0 to {}", label, i,
                                  classes_of_data.most));
        most = std::max(most, label);
      }
    }
    return static_cast<std::uint32_t>(most) + 1;
  }

  static number_table none_like(const number_table& table) {
    return table.columns() == 0 ? number_table() : number_table(table.columns(), std::vector<double>());
  }

  /// The array's numbers move there.
  number_table table(named_array& a, std::uint32_t classes) const {
    if (a.of.shape.empty()) return {};
    if (classes > 0) return one_hot_rows(a, classes);
    const std::uint64_t columns = width(a);
    if (columns == 0) fail(a, "has 0 numbers in a sample: must have at least 1");
    if (columns > std::numeric_limits<std::uint32_t>::max())
      fail(a, fmt::format("has {} numbers in a sample: must be below 2^32", columns));
    for (std::size_t i = 0; i < a.of.numbers.size(); ++i) {
      if (!std::isfinite(a.of.numbers[i]))  // files have been checked
        fail(a, fmt::format("has {} in row {}, column {}: must be finite", a.of.numbers[i], i / columns, i % columns));
    }
    if (!a.of.bytes.empty()) return {static_cast<std::uint32_t>(columns), std::move(a.of.bytes), 1};
    return {static_cast<std::uint32_t>(columns), std::move(a.of.numbers)};
  }

  static number_table one_hot_rows(const named_array& a, std::uint32_t classes) {
    const std::uint64_t size = bounded_product(a.of.size(), classes);
    require_memory(size, fmt::format("{}: {} samples in {} classes", a.name, a.of.size(), classes));
    std::vector<std::uint8_t> bytes(size, 0);
    for (std::size_t i = 0; i < a.of.size(); ++i) bytes[i * classes + static_cast<std::size_t>(a.of.at(i))] = 1;
    return {classes, std::move(bytes), 1};
  }

  const data_description& from_;
};

}  // namespace

data_set load_arrays(const data_description& description) { return array_loader(description).load(); }

}  // namespace locus
