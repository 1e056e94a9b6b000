#pragma once
/// Patterns that choose variables and some of their neurons, for recording as for reading: "hidden1.value.x[0, 3,
/// 8:12]", "forward.theta[2][:]".
///
/// - The name is that of a variable ("hidden1.value.x"), of a population or projection (all its variables), or the end
///   of one after a dot ("value.x", "x", "value"); '*' stands for any characters. "kind:NAME" are the variables of all
///   "neurons", all "weights", or of a model ("kind:phi").
/// - Brackets hold neurons: numbers and half-open ranges, first:last:step. Of a population on a grid they hold one
///   number or range for each axis, [3, 0:4]. Of weights the first pair is about the postsynaptic neuron, a second one
///   about the presynaptic: [2][1].

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/circuit/grid.hpp"

namespace locus {

/// What stands in one pair of brackets: a list of neurons of a row, or of places along each axis of a grid.
class index_list {
 public:
  /// Throws run_error with a sentence on what is wrong.
  explicit index_list(std::string_view text);

  /// Throws run_error unless there is one entry for each axis of a grid, with `what` for "neuron". A row ({} or one
  /// size) may have any number.
  void check_axes(const grid_shape& shape, std::string_view what) const;

  /// Whether the neuron of that number is listed. Requires: check_axes(shape).
  [[nodiscard]] bool contains(std::uint64_t neuron, const grid_shape& shape) const noexcept;

  /// Which neurons of a population of that shape are listed. Ranges end where the neurons do; a single number must be
  /// there: otherwise run_error, with `what` for "neuron". Requires: shape is not empty.
  [[nodiscard]] std::vector<bool> chosen(const grid_shape& shape, std::string_view what) const;

 private:
  struct part {
    std::uint64_t first = 0;
    std::optional<std::uint64_t> last;
    std::uint64_t step = 1;
    bool single = false;
    [[nodiscard]] bool contains(std::uint64_t index) const noexcept;
  };
  static part read_part(std::string_view text);
  [[nodiscard]] std::vector<bool> chosen_on_grid(const grid_shape& shape, std::string_view what) const;

  std::vector<part> parts_;
};

/// What a pattern's name can mean.
struct variable_identity {
  std::string group;  ///< the population or projection: "hidden1.value"
  std::string name;   ///< "x"
  std::string model;
  bool weights = false;  ///< of a projection

  [[nodiscard]] std::string full_name() const { return group + "." + name; }
};

/// A pattern, taken apart.
struct variable_pattern {
  std::string text;                  ///< as written
  std::string name;                  ///< before the brackets
  std::vector<index_list> brackets;  ///< none: everything

  /// Whether the name means that variable.
  [[nodiscard]] bool means(const variable_identity& variable) const;
};

/// Throws run_error with a sentence on what is wrong.
[[nodiscard]] variable_pattern read_pattern(const std::string& text);

/// Whether `name` matches `pattern`, in which '*' stands for any characters.
[[nodiscard]] bool matches(std::string_view name, std::string_view pattern);

/// What to say of a name that means none of these variables: `: did you mean "value.x"? (known: value.x, ...)`.
[[nodiscard]] std::string known_patterns(std::string_view name, const std::vector<variable_identity>& known);

}  // namespace locus
