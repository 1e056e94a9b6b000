#pragma once
/// What the programs locus, locus-bench and locus-reproduce share: how they begin and how they end.

#include <functional>
#include <string>
#include <vector>

#include "tools/locus/command.hpp"

namespace locus::tools {

/// Runs `work` and returns its exit code, or complains of what it throws and returns the exit code for that.
[[nodiscard]] int guarded(const std::function<int()>& work);

/// What main() does: sets the process up, gives `work` its arguments and returns the exit code.
[[nodiscard]] int run_program(int argc, char** argv,
                              const std::function<int(const std::vector<std::string>& words)>& work);

/// The same for a program that is one command of `locus`.
[[nodiscard]] int run_program(int argc, char** argv, const command& c);

/// The command's program, which stands beside this one, takes over this process. Throws run_error if it cannot, saying
/// how to build it.
[[noreturn]] void become(const command& c, const std::vector<std::string>& words);

/// What could stand after `words` (the last one perhaps begun), a line each, for the shell: names of commands and
/// options. Nothing where a file or a value is to be named.
[[nodiscard]] std::string completions(const std::vector<const command*>& commands,
                                      const std::vector<std::string>& words);

/// The manual page of a program with these commands (man(7)); `introduction` is a paragraph.
[[nodiscard]] std::string manual(std::string_view program, std::string_view introduction,
                                 const std::vector<const command*>& commands);

}  // namespace locus::tools
