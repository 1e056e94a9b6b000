#pragma once
/// What the commands of `locus` share. One file a command; each parses its own options with Boost.Program_options.

#include <boost/program_options.hpp>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/whole_number.hpp"
#include "sim/netlist/netlist.hpp"

namespace locus::tools {

/// Exit codes of the program. A run that a signal ended, with its summary, exits with interrupted_by + the signal's
/// number, as shells count: 130 for Ctrl-C, 143 for SIGTERM; and 141 (SIGPIPE) is the end of a command whose output
/// goes to a program that reads no more of it, such as head.
enum exit_code : int { done = 0, failed = 1, usage = 2, interrupted_by = 128 };

struct command {
  std::string_view name;
  std::string_view synopsis;  ///< "run NETLIST [options]"
  std::string_view summary;   ///< one line
  int (*run)(const std::vector<std::string>& arguments);
  boost::program_options::options_description (*options)();  ///< null: none
  const std::vector<command>& (*parts)() = nullptr;          ///< commands of its own (`locus trace info`); null: none
  std::string_view example = {};                             ///< a whole command line
};

/// All commands in the order of `locus help`.
[[nodiscard]] const std::vector<command>& all_commands();

/// A command's arguments against its options plus one positional NETLIST, or `several` (a vector of strings); prints
/// help and returns nothing to do when --help is given. Throws usage_error for unknown options and for a missing
/// netlist, naming the nearest option.
struct parsed_arguments {
  boost::program_options::variables_map values;
  bool help_shown = false;
};
[[nodiscard]] parsed_arguments parse_arguments(const command& c, const std::vector<std::string>& arguments,
                                               std::string_view positional = "netlist", bool required = true,
                                               bool several = false);

/// The value of a text option, or "".
[[nodiscard]] std::string text_option(const parsed_arguments& arguments, const char* name);

/// The value of an option that takes a whole number, declared as text; nothing if it was not given. Throws usage_error
/// unless it is one of the range.
[[nodiscard]] std::optional<std::int64_t> whole_option(const parsed_arguments& arguments, const char* name,
                                                       const whole_range& valid);
/// The same for a text that one of several `--name` gave.
[[nodiscard]] std::int64_t read_whole(const std::string& text, const char* name, const whole_range& valid);

/// Writes what a command puts out into a file, or to standard output if that is "-". Throws run_error.
void write_output(const std::string& file, const std::function<void(std::ostream&)>& write);
void write_output(const std::string& file, std::string_view text);

/// Throws what write_output() would throw at once, for commands that take long before; "": nothing is to be written.
void check_output(const std::string& file);

/// What --set says.
[[nodiscard]] std::vector<std::string> overrides_of(const parsed_arguments& arguments);

/// The option --set KEY=VALUE (repeatable), for commands that read a netlist.
void add_set_option(boost::program_options::options_description& options);

/// The option --data DIR, for commands that load data sets: in this process, data_folder() is then DIR.
void add_data_option(boost::program_options::options_description& options);

/// The netlist that the parsed arguments name, with --set applied. Prints the netlist's warnings on stderr.
struct loaded_netlist {
  document text;
  description netlist;
};
[[nodiscard]] loaded_netlist load_netlist(const parsed_arguments& arguments);
[[nodiscard]] loaded_netlist load_netlist(document text);

/// Runs `work` and returns its exit code, or complains of what it throws and returns the exit code for that.
[[nodiscard]] int guarded(const std::function<int()>& work);

/// The command with that name ("run", "trace info"). Throws usage_error, naming the nearest.
[[nodiscard]] const command& command_named(std::string_view name);

/// Usage, summary, options and parts on standard output.
void print_help(const command& c);

// One a file of this folder.
int run_command(const std::vector<std::string>& arguments);
boost::program_options::options_description run_options();
int audit_command(const std::vector<std::string>& arguments);
boost::program_options::options_description audit_options();
int describe_command(const std::vector<std::string>& arguments);
boost::program_options::options_description describe_options();
int expand_command(const std::vector<std::string>& arguments);
boost::program_options::options_description expand_options();
int reproduce_command(const std::vector<std::string>& arguments);
boost::program_options::options_description reproduce_options();
int models_command(const std::vector<std::string>& arguments);
boost::program_options::options_description models_options();
int trace_command(const std::vector<std::string>& arguments);
const std::vector<command>& trace_parts();

int bench_command(const std::vector<std::string>& arguments);
boost::program_options::options_description bench_options();

}  // namespace locus::tools
