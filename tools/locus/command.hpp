#pragma once
/// A command of `locus`: its options as a table, from which the help text, the manual page and the shell's completion
/// are made, and its arguments as they were given.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/whole_number.hpp"

namespace locus::tools {

/// Exit codes of the program. A run that a signal ended, with its summary, exits with interrupted_by + the signal's
/// number, as shells count: 130 for Ctrl-C, 143 for SIGTERM; and 141 (SIGPIPE) is the end of a command whose output
/// goes to a program that reads no more of it, such as head.
enum exit_code : int { done = 0, failed = 1, usage = 2, interrupted_by = 128 };

/// "--NAME ARGUMENT  help".
struct option {
  std::string name;
  std::string argument;  ///< what stands for the value: "FILE"; "": a switch, which has none
  std::string help;
  std::string otherwise = {};  ///< the value if it is not given; "": none
  bool repeatable = false;
};

/// What stands without dashes.
struct operand {
  std::string_view name = {};  ///< "netlist"; "": nothing does
  bool required = true;
  bool several = false;
};

class parsed_arguments;

struct command {
  std::string_view name;      ///< "run", "trace info"
  std::string_view synopsis;  ///< "run NETLIST [options]"
  std::string_view summary;   ///< one line
  operand takes = {};
  std::vector<option> options = {};
  int (*run)(const parsed_arguments& given) = nullptr;  ///< returns the exit code
  std::string_view example = {};                        ///< a whole command line
  std::string notes = {};                               ///< for the help text, before the options
  std::vector<const command*> parts = {};               ///< commands of its own (`locus trace info`), in place of run
  bool isolated = false;     ///< reads files that may be damaged: runs in a process of its own (child_process.hpp)
  bool in_ranks = false;     ///< runs in several processes, too (ranks.hpp)
  std::string program = {};  ///< the program beside this one that does it, in place of run; "": this one
};

/// Arguments as they were given, defaults filled in.
class parsed_arguments {
 public:
  /// Reads `words` against the command's table. Throws usage_error for what is not in it, naming the nearest option,
  /// and for values that are missing or empty.
  parsed_arguments(const command& c, const std::vector<std::string>& words);

  /// Whether an option or the operand was given, or has a default.
  [[nodiscard]] bool has(std::string_view name) const { return values_.contains(name); }
  /// Its value, or "".
  [[nodiscard]] std::string text(std::string_view name) const;
  /// All values of what can be repeated.
  [[nodiscard]] std::vector<std::string> texts(std::string_view name) const;
  /// Its value as a whole number; nothing if it was not given. Throws usage_error unless it is one of the range.
  [[nodiscard]] std::optional<std::int64_t> whole(std::string_view name, const whole_range& valid) const;

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

/// The value of "--name text". Throws usage_error unless it is a whole number of the range.
[[nodiscard]] std::int64_t read_whole(std::string_view text, std::string_view name, const whole_range& valid);

/// Prints the help text if it is asked for; otherwise runs the command, in whatever process it wants, and returns its
/// exit code. Throws what it throws.
[[nodiscard]] int start(const command& c, const std::vector<std::string>& words);

/// Usage, summary, options and parts on standard output.
void print_help(const command& c);

/// "  name  summary", a line each.
void print_list(const std::vector<const command*>& commands);

/// The one with that name ("run", "trace info") among `commands` and their parts. Throws usage_error, naming the
/// nearest, of which there may be others.
[[nodiscard]] const command& command_named(const std::vector<const command*>& commands, std::string_view name,
                                           std::vector<std::string> others = {});

/// `more` at the end of `options`.
[[nodiscard]] std::vector<option> operator+(std::vector<option> options, const std::vector<option>& more);

/// --set KEY=VALUE (repeatable), for commands that read a netlist.
[[nodiscard]] std::vector<option> set_option();

/// --data DIR, for commands that load data sets: in this process, data_folder() is then DIR.
[[nodiscard]] std::vector<option> data_option();

}  // namespace locus::tools
