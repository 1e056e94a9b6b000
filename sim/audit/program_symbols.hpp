#pragma once
/// The variables of this program, by the symbol table of its own file: what a rule could keep something in.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace locus {

/// A variable that can be written to while the program runs.
struct program_variable {
  std::string mangled;
  std::string name;            ///< readable, without template and function arguments: "locus::models::phi::rule::last"
  std::uintptr_t address = 0;  ///< 0: each thread has its own
  std::size_t size = 0;
};

class program_symbols {
 public:
  /// Those of the running program; read once.
  [[nodiscard]] static const program_symbols& of_this_program();

  /// Whether there is a table: programs can be stripped of it.
  [[nodiscard]] bool known() const noexcept { return known_; }

  /// Names of variables that belong to struct locus::models::NAME or to a function of it, each once.
  [[nodiscard]] std::vector<std::string> variables_of_model(std::string_view struct_name) const;

  /// The variable that holds this address; "" if there is none.
  [[nodiscard]] std::string name_at(std::uintptr_t address) const;

 private:
  program_symbols();
  bool known_ = false;
  std::vector<program_variable> variables_;
};

/// [begin, end)
struct address_range {
  std::uintptr_t begin = 0, end = 0;
  [[nodiscard]] bool empty() const noexcept { return begin >= end; }
  [[nodiscard]] bool holds(std::uintptr_t a) const noexcept { return a >= begin && a < end; }
};

/// Pages of the program's own variables: without what is only read after the start, and without the
/// table of the functions of other libraries. Empty if they cannot be told apart.
[[nodiscard]] address_range pages_of_variables();

}  // namespace locus
