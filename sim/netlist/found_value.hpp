#pragma once
/// From a TOML value to a plain one, or to an error that names it. Private to sim/netlist.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/whole_number.hpp"
#include "sim/netlist/description.hpp"
#include "sim/netlist/document_state.hpp"

namespace locus::detail {

/// A value, and what an error needs to name it: a path, or for the element of a list the list and the index. (The
/// path of each of a million weights would cost more than reading them.)
struct found_value {
  const document_state& state;
  const toml::node& node;
  std::string name;
  const found_value* parent = nullptr;
  std::size_t index = 0;

  [[nodiscard]] std::string path() const;

  /// Throws "file:3:9: circuit.lanes = 0: MESSAGE".
  [[noreturn]] void fail(std::string_view message) const;
};

inline constexpr auto list_of_numbers = "expected a list of numbers";
inline constexpr auto list_of_rows = "expected rows of numbers: [[...], ...]";
inline constexpr auto array_or_file =
    "expected rows of numbers: [[...], ...], frames of such rows: [[[...], ...], ...], \"npy:FILE\" or "
    "\"hdf5:FILE:DATASET\"";

[[nodiscard]] std::string read_text(const found_value& value);
[[nodiscard]] double read_number(const found_value& value);  ///< finite; whole numbers count
[[nodiscard]] std::int64_t read_whole(const found_value& value, const whole_range& valid);
[[nodiscard]] std::vector<std::int64_t> read_wholes(const found_value& value, const whole_range& valid);
[[nodiscard]] neuron_grid read_grid(const found_value& value);
[[nodiscard]] std::vector<double> read_row(const found_value& value);
[[nodiscard]] std::vector<std::vector<double>> read_rows(const found_value& value);  ///< of equal length
[[nodiscard]] matrix read_matrix(const found_value& value);
/// Numbers in two or three levels of lists, all lists of a level equally long, or a text that names a file. `classes`:
/// or one list of whole numbers.
[[nodiscard]] data_array read_array(const found_value& value, bool classes);
[[nodiscard]] parameter_value read_parameter(const found_value& value);
[[nodiscard]] tick_range read_ticks(const found_value& value);
[[nodiscard]] std::vector<window> read_windows(const found_value& value);

/// Reads each element with `read`; errors name the element by its index.
template <typename T, typename Read>
std::vector<T> read_list(const found_value& value, std::string_view expected, const Read& read) {
  const auto* array = value.node.as_array();
  if (!array) value.fail(expected);
  std::vector<T> out;
  out.reserve(array->size());
  for (const toml::node& element : *array)
    out.push_back(read(found_value{value.state, element, {}, &value, out.size()}));
  return out;
}

}  // namespace locus::detail
