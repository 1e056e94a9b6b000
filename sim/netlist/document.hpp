#pragma once
/// A TOML text whose keys must all be read: typed access with positions and errors that name file, line,
/// column, the value, what was expected and the nearest known key.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/errors.hpp"
#include "sim/core/located_text.hpp"
#include "sim/core/whole_number.hpp"
#include "sim/netlist/description.hpp"

namespace locus {

namespace detail {
struct document_state;
struct toml_node;
}  // namespace detail

/// One table of a netlist. Every key that is asked for is remembered as known; `document::finish` then
/// reports keys that nobody asked for. Cheap to copy; valid while its document lives.
class section {
 public:
  [[nodiscard]] bool has(std::string_view key) const;
  [[nodiscard]] bool exists() const noexcept;  ///< false: the table is not in the file; all keys take their defaults
  [[nodiscard]] source_position at() const;    ///< of the table's header
  [[nodiscard]] source_position at(std::string_view key) const;  ///< of the key's value, or of the table
  [[nodiscard]] source_position at(std::string_view key, std::size_t element) const;  ///< of an element of its list
  [[nodiscard]] source_position at_key(std::string_view key) const;  ///< of the key itself, or of the table

  /// Typed values. The forms without a default throw when the key is missing.
  [[nodiscard]] std::string text(std::string_view key) const;
  [[nodiscard]] std::string text(std::string_view key, std::string_view otherwise) const;
  [[nodiscard]] std::string file_name(std::string_view key) const;  ///< "" when missing, which no name may be
  [[nodiscard]] double number(std::string_view key) const;
  [[nodiscard]] double number(std::string_view key, double otherwise) const;
  [[nodiscard]] std::int64_t whole(std::string_view key, const whole_range& valid) const;
  [[nodiscard]] std::int64_t whole(std::string_view key, const whole_range& valid, std::int64_t otherwise) const;
  [[nodiscard]] bool flag(std::string_view key, bool otherwise) const;
  /// A text whose mistakes are told by their place in it: a rule. Throws if it is missing.
  [[nodiscard]] located_text located(std::string_view key) const;

  /// What 32 bits count: neurons, lanes, samples, epochs.
  [[nodiscard]] std::uint32_t count(std::string_view key, std::int64_t at_least) const;
  [[nodiscard]] std::uint32_t count(std::string_view key, std::int64_t at_least, std::uint32_t otherwise) const;
  [[nodiscard]] std::uint64_t seed(std::string_view key, std::uint64_t otherwise) const;
  [[nodiscard]] std::optional<std::uint64_t> optional_seed(std::string_view key) const;

  /// One of the given names; an error lists them and suggests the nearest.
  [[nodiscard]] std::string choice(std::string_view key, const std::vector<std::string>& names) const;
  template <named E>
  [[nodiscard]] E choice(std::string_view key) const {
    return *value_named<E>(choice(key, all_names<E>()));
  }
  template <named E>
  [[nodiscard]] E choice(std::string_view key, E otherwise) const {
    return has(key) ? choice<E>(key) : otherwise;
  }
  [[nodiscard]] std::string choice(std::string_view key, const std::vector<std::string>& names,
                                   std::string_view otherwise) const;

  /// Lists; a missing key is an error, except for `texts`.
  [[nodiscard]] std::vector<std::int64_t> wholes(std::string_view key, const whole_range& valid) const;
  [[nodiscard]] std::vector<std::uint32_t> counts(std::string_view key, std::int64_t at_least) const;
  /// [28, 28]: the sizes of a grid, and how many neurons it has. A missing key is an error.
  [[nodiscard]] neuron_grid grid(std::string_view key) const;
  /// [[28, 28], 10]: numbers of neurons, and the sizes of grids of them.
  [[nodiscard]] std::vector<neuron_grid> grids(std::string_view key) const;
  [[nodiscard]] std::vector<std::string> texts(std::string_view key) const;  ///< empty when missing
  [[nodiscard]] std::vector<double> numbers(std::string_view key) const;
  /// [[...], ...]: rows of finite numbers that may differ in length.
  [[nodiscard]] std::vector<std::vector<double>> lists(std::string_view key) const;
  /// [[...], ...] of whole numbers; rows may differ in length.
  [[nodiscard]] std::vector<std::vector<std::int64_t>> whole_rows(std::string_view key, const whole_range& valid) const;
  /// [[...], ...]: one matrix.
  [[nodiscard]] matrix one_matrix(std::string_view key) const;
  /// [[[...], ...], ...]: one matrix a layer.
  [[nodiscard]] std::vector<matrix> matrices(std::string_view key) const;

  /// Data: [[...], ...], rows of equal length, or [[[...], ...], ...], frames of them; finite numbers; or a text that
  /// names a file. `classes`: or [...], whole numbers. A missing key is an error.
  [[nodiscard]] data_array array(std::string_view key, bool classes = false) const;

  /// A number of ticks `8` or a range `[8, 16]`.
  [[nodiscard]] tick_range ticks(std::string_view key, std::int64_t otherwise) const;

  /// Half-open windows: one `[0, 5]`, or several `[[0, 5], [90, 95]]`; empty when missing.
  [[nodiscard]] std::vector<window> windows(std::string_view key) const;

  /// Whether the value under `key` is a string / number / flag / table (false when missing).
  [[nodiscard]] bool is_text(std::string_view key) const;
  [[nodiscard]] bool is_number(std::string_view key) const;
  [[nodiscard]] bool is_flag(std::string_view key) const;
  [[nodiscard]] bool is_table(std::string_view key) const;

  /// All keys of this table as the file has them, in its order; those of overrides come last. (Does not mark them
  /// read.)
  [[nodiscard]] std::vector<std::string> keys() const;

  /// A sub-table (need not exist) and an array of tables (empty when missing).
  [[nodiscard]] section table(std::string_view key) const;
  [[nodiscard]] std::vector<section> tables(std::string_view key) const;

  /// The table as TOML under the header [[name]], keys in the order of the file.
  [[nodiscard]] std::string ordered_text(std::string_view name) const;

  /// All keys of this table as parameter settings in the order of the file (marks them read). A value that is no
  /// flag, number or text is an error.
  [[nodiscard]] std::vector<parameter_setting> settings() const;

  /// Throws for the first key of this table, or of a table in it, that nobody asked for, as document::finish.
  void finish() const;

  /// Throws usage_error at the key's position: "file:3:9: circuit.lanes = 0: MESSAGE", or for a key that is not
  /// there (or is "") at the table's: "file:1:1: circuit.lanes: MESSAGE".
  [[noreturn]] void fail(std::string_view key, const std::string& message) const;

 private:
  friend class document;
  std::shared_ptr<detail::toml_node> node_;
};

/// A parsed netlist text with overrides applied.
class document {
 public:
  /// `overrides`: "circuit.lanes=1", the value in TOML syntax (a bare word that is no TOML value is taken as a
  /// string); errors in them are reported under the source name "--set circuit.lanes=1". Names of files that are read
  /// become absolute: a file's are relative to its folder, an override's to the working directory.
  static document from_file(const std::string& path, const std::vector<std::string>& overrides = {});
  /// `folder`: that of the text; empty: its names of files stay as they are.
  static document from_text(std::string_view text, const std::string& name,
                            const std::vector<std::string>& overrides = {}, const std::string& folder = {});

  /// The same text read again, with further overrides after its own.
  [[nodiscard]] document again(const std::vector<std::string>& further) const;

  [[nodiscard]] section root() const;
  [[nodiscard]] const std::string& name() const;

  /// The netlist as TOML after overrides, keys sorted, without `[trace] file`: what a trace stores and hashes.
  [[nodiscard]] std::string canonical_text() const;

  /// Throws for the first key that nobody asked for, with the nearest known key of its table.
  void finish() const;

 private:
  static document read(std::string text, std::string name, std::string folder, std::vector<std::string> overrides);

  std::shared_ptr<detail::document_state> state_;
};

}  // namespace locus
