/// locus COMMAND NETLIST [options]

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tools/locus/commands.hpp"
#include "tools/locus/installed.hpp"
#include "tools/locus/program.hpp"

namespace locus::tools {
namespace {

constexpr std::string_view manual_introduction =
    "Locus simulates circuits that may learn as brains do, neuron by neuron. A circuit is a netlist, which is a TOML "
    "file; those that Locus comes with are under share/locus/netlists (see FILES), and locus expand prints one in its "
    "long form. A command prints its options with --help.";

std::string introduction() {
  return fmt::format("A netlist is a TOML file; see {0}/README.md. To start: locus run {0}/digits.toml --against bp",
                     shipped_netlists());
}

void print_overview() {
  fmt::print(
      "locus: simulates circuits of neurons and synapses that may learn as brains do\n\n"
      "usage: locus COMMAND [NETLIST] [options]\n\n");
  print_list(all_commands());
  fmt::print("  {:<14} {}\n  {:<14} {}\n\n", "help",
             "this text, or a command's options: locus help run, locus help trace plot", "version",
             "the program's version");
  fmt::print(
      "{}\n"
      "Exit codes: 0 done, 1 the run failed, 2 wrong usage or netlist, 130 ended by Ctrl-C (143 by SIGTERM),\n"
      "141 nobody read the output any more.\n",
      introduction());
}

int help(const std::vector<std::string>& words) {
  if (words.empty() || words.front() == "help" || words.front() == "version") print_overview();
  else if (words.front() == "--man") fmt::print("{}", manual("locus", manual_introduction, all_commands()));
  else print_help(command_named(all_commands(), fmt::format("{}", fmt::join(words, " ")), {"help", "version"}));
  return done;
}

int dispatch(const std::vector<std::string>& words) {
  if (words.empty()) {
    print_overview();
    return usage;
  }
  const std::string& name = words.front();
  const std::vector<std::string> rest(words.begin() + 1, words.end());
  if (name == "help" || name == "--help" || name == "-h") return help(rest);
  if (name == "complete") {  // for the shell: tools/locus/completion.bash
    fmt::print("{}", completions(all_commands(), rest));
    return done;
  }
  if (name == "version" || name == "--version") {
    fmt::print("locus {}\n", LOCUS_VERSION);
    return done;
  }
  return start(command_named(all_commands(), name, {"help", "version"}), rest);
}

}  // namespace
}  // namespace locus::tools

int main(int argc, char** argv) { return locus::tools::run_program(argc, argv, locus::tools::dispatch); }
