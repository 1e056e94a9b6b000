#pragma once
/// From the text of a rule to its graph.
///
///   rule       = { statement end-of-line }
///   statement  = NAME "=" expression          a local
///              | FIELD "<-" expression        the field's new value
///   expression = comparisons and arithmetic with the usual precedence: or, and, not, < <= > >= == !=, + -, * /, unary
///   - primary    = NUMBER | true | false | NAME | END "." NAME | FUNCTION "(" expression { "," expression } ")"
///              | ACTIVATION "(" x ")" | ACTIVATION "'" "(" x [ "," y ] ")" | "(" expression ")"
///
/// A line goes on within brackets, and after an operator. # begins a comment.

#include <string>
#include <vector>

#include "sim/core/located_text.hpp"
#include "sim/rules/graph.hpp"

namespace locus::rules {

/// A name that rules can read.
struct readable {
  std::string name;     ///< "error", "pre.rate"
  std::string what;     ///< "port", "parameter", "field", ...
  node leaf;            ///< what reading it is
  std::string refusal;  ///< why this section cannot read it; empty: it can
  bool read = false;    ///< result: some rule read it
};

/// An activation parameter, which rules call.
struct callable {
  std::string name;
  std::uint32_t index = 0;  ///< of the parameter
  bool called = false;      ///< result
};

/// A field that rules can assign.
struct writable {
  std::string name;
  std::uint32_t index = 0;
};

/// What the names in a section mean.
struct scope {
  std::vector<readable> readables;
  std::vector<callable> callables;
  std::vector<writable> writables;
  bool sums = false;  ///< sum(...) is there
};

/// Parses a section and notes in `names` what it read. Throws usage_error with a caret at the first mistake; a local
/// that nothing reads is one.
[[nodiscard]] rule parse_section(const located_text& text, scope& names);

/// Parses one expression, a number; as parse_section.
[[nodiscard]] node_id parse_expression(const located_text& text, scope& names, graph& into);

/// Whether the word has a meaning of its own in rules: a function, `and`, `true`, `pre`.
[[nodiscard]] bool is_reserved(std::string_view word);

/// The functions that rules can call, as "min(a, b)".
[[nodiscard]] std::vector<std::string> function_forms();

}  // namespace locus::rules
