#pragma once
/// What `document` and `section` share, with toml++ behind it. Private to sim/netlist.

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

// In toml++ 3.3 the text "[[=" trips an assertion: an abort in debug builds, and with NDEBUG an assumption that the
// optimiser may act on, which is wrong here. The code after it does report the mistake, if it is left alone: so the
// assertions are off, whatever NDEBUG says. (Off in every file that sees toml++, since all include it from here.)
#pragma push_macro("NDEBUG")
#undef NDEBUG
#define TOML_ASSERT(expr) static_assert(true)
#include <toml++/toml.h>
#pragma pop_macro("NDEBUG")

#include "sim/core/errors.hpp"
#include "sim/core/located_text.hpp"

namespace locus::detail {

/// A parsed netlist and what was asked of it. Not safe for concurrent use: asking writes.
struct document_state {
  std::string name;
  std::string text;                    ///< as parsed, before the overrides
  std::string folder;                  ///< that the names of files are relative to; empty: the working directory
  std::vector<std::string> overrides;  ///< that were applied
  toml::table root;
  std::map<std::string, std::string> included;  ///< files whose models became the document's: name -> text
  /// For each table that was opened, the keys that were asked for, in order of asking. Tables stay where they
  /// are after the overrides, so their address names them.
  std::map<const toml::table*, std::vector<std::string>> asked;

  /// A value that an override brought has the override's text as its file, and no line.
  [[nodiscard]] source_position position(const toml::source_region& region) const;

  /// The source from there on; empty if it is not there.
  [[nodiscard]] std::string_view text_at(const source_position& at) const;
};

/// A table of the document, or the place where one could be.
struct toml_node {
  std::shared_ptr<document_state> state;
  const toml::table* table = nullptr;  ///< null: not in the file
  std::string path;                    ///< "population[2].params"; empty for the root
};

/// "circuit.lanes" from "circuit" and "lanes".
[[nodiscard]] std::string join_path(std::string_view parent, std::string_view key);

/// Where a reader would look for a key: [headers] at their bracket, all else at the key itself.
[[nodiscard]] source_position key_position(const document_state& state, const toml::key& key, const toml::node& value);

/// A value as TOML on one line, tables with sorted keys.
[[nodiscard]] std::string value_text(const toml::node& value);

/// The same for an error message: cut off where it would fill the screen.
[[nodiscard]] std::string short_text(const toml::node& value);

/// The whole document; see document::canonical_text.
[[nodiscard]] std::string canonical_text(const toml::table& root);

/// [[name]] with keys in the order of its file, tables within as [name.KEY].
[[nodiscard]] std::string ordered_text(const toml::table& table, std::string_view name);

/// Where `text` stands in its file: it was read from `quoted`, which begins with the first quote, at `at`.
[[nodiscard]] std::vector<text_piece> pieces_of(std::string_view quoted, std::string_view text,
                                                const source_position& at);

/// Parses; a mistake is a usage_error at its line and column.
[[nodiscard]] toml::table parse_toml(std::string_view text, const std::string& name);

/// Makes the names of the files that the document reads (weights.file, and those of stimuli.data) absolute, so that its
/// text means the same in any folder. What an override names is relative to the working directory, all else to
/// `folder`; if that is empty, it stays as it is.
void resolve_file_names(document_state& state, const std::string& folder);

/// Puts the [[model]] and [[activation]] tables of the files that `models = [...]` names in its place, so that the
/// document holds all that it needs.
void include_models(document_state& state);

/// Sets one key from "circuit.lanes=1".
void apply_override(document_state& state, const std::string& text);

}  // namespace locus::detail
