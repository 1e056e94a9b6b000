#include "tools/locus/program.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <new>
#include <system_error>

#include "sim/core/errors.hpp"
#include "tools/locus/output.hpp"

namespace locus::tools {
namespace {

/// A descriptor of the three that is closed would be given to the next file that is opened, and what is printed would
/// be written into that file. Opened for reading alone it stays as useless as it was: writing to it fails.
void occupy_standard_streams() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(descriptor, F_GETFD) < 0 && ::open("/dev/null", O_RDONLY) < 0) ::_exit(failed);
  }
}

/// Text of a manual page: what troff would take for a command is written out.
std::string troff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') out += "\\e";
    else if (c == '-') out += "\\-";
    else if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n')) out += fmt::format("\\&{}", c);
    else out += c;
  }
  return out;
}

std::string manual_of(const command& c) {
  std::string page = fmt::format(".SS locus {}\n{}.\n", troff(c.synopsis), troff(c.summary));
  for (const option& o : c.options) {
    page += fmt::format(".TP\n\\fB\\-\\-{}\\fR", troff(o.name));
    if (!o.argument.empty()) page += fmt::format(" \\fI{}\\fR", troff(o.argument));
    page += fmt::format("\n{}", troff(o.help));
    if (!o.otherwise.empty()) page += fmt::format(" (default: {})", troff(o.otherwise));
    page += '\n';
  }
  for (const command* part : c.parts) page += manual_of(*part);
  if (!c.program.empty()) page += fmt::format("See \\fB{}\\fR(1).\n", troff(c.program));
  return page;
}

}  // namespace

int guarded(const std::function<int()>& work) {
  const auto complain = [](std::string_view message, int code) {
    tell(fmt::format("locus: {}", message));
    return code;
  };
  try {
    const int code = work();
    flush_output();
    return code;
  } catch (const std::system_error& e) {
    if (std::ferror(stdout) == 0) return complain(fmt::format("the system refuses: {}", e.what()), failed);
    if (nobody_reads_output()) return interrupted_by + SIGPIPE;
    return complain("cannot write the results to standard output", failed);
  } catch (const usage_error& e) {
    return complain(e.what(), usage);
  } catch (const user_error& e) {
    return complain(e.what(), failed);
  } catch (const std::bad_alloc&) {
    return complain("out of memory; `locus describe NETLIST` says how much a netlist needs", failed);
  } catch (const std::exception& e) {
    return complain(fmt::format("internal error, please report it: {}", e.what()), failed);
  }
}

int run_program(int argc, char** argv, const std::function<int(const std::vector<std::string>& words)>& work) {
  // Comparisons copy weights after each update. By default the allocator gives such memory back to the system each time
  // and asks for it again, page by page, which took a fifth of the time of `reproduce autonomy`.
  ::mallopt(M_MMAP_THRESHOLD, 32 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 256 << 20);
  occupy_standard_streams();
  // A write that a pipe or a limit refuses is an error of that write, and the command ends in order.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  return guarded([&] { return work(std::vector<std::string>(argv + 1, argv + argc)); });
}

int run_program(int argc, char** argv, const command& c) {
  return run_program(argc, argv, [&c](const std::vector<std::string>& words) {
    const std::vector<std::string> rest(words.begin() + (words.empty() ? 0 : 1), words.end());
    if (!words.empty() && words.front() == "complete") {
      fmt::print("{}", completions({&c}, rest));
      return int{done};
    }
    if (words == std::vector<std::string>{"help", "--man"}) {
      fmt::print("{}",
                 manual(fmt::format("locus-{}", c.name), fmt::format("This program is `locus {}`.", c.name), {&c}));
      return int{done};
    }
    return start(c, words);
  });
}

void become(const command& c, const std::vector<std::string>& words) {
  std::error_code unknown;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", unknown);
  const std::string program = (self.parent_path() / c.program).string();
  std::vector<std::string> arguments = {program};
  arguments.insert(arguments.end(), words.begin(), words.end());
  std::vector<char*> pointers;
  pointers.reserve(arguments.size() + 1);
  for (std::string& each : arguments) pointers.push_back(each.data());
  pointers.push_back(nullptr);
  flush_output();
  ::execv(program.c_str(), pointers.data());
  throw run_error(
      fmt::format("`locus {}` is a program of its own, and \"{}\" cannot be started ({}); it is built by: "
                  "tools/build release {}",
                  c.name, program, std::generic_category().message(errno), c.program));
}

std::string completions(const std::vector<const command*>& commands, const std::vector<std::string>& words) {
  const auto names_of = [](const std::vector<const command*>& all) {
    std::string names;
    for (const command* c : all) names += fmt::format("{}\n", c->name.substr(c->name.rfind(' ') + 1));
    return names;
  };
  if (words.size() <= 1) return names_of(commands) + "help\nversion\n";
  const std::vector<std::string> rest(words.begin() + 1, words.end());
  if (words.front() == "help") return words.size() == 2 ? names_of(commands) : completions(commands, rest);
  const auto named = std::find_if(commands.begin(), commands.end(), [&](const command* c) {
    return c->name.substr(c->name.rfind(' ') + 1) == words.front();
  });
  if (named == commands.end()) return {};
  const command& c = **named;
  if (!c.program.empty()) {
    std::vector<std::string> more = {"complete"};
    more.insert(more.end(), words.begin(), words.end());
    become(c, more);
  }
  if (!c.parts.empty()) return rest.size() == 1 ? names_of(c.parts) : completions(c.parts, rest);
  if (!words.back().starts_with('-')) return {};
  std::string options = "--help\n";
  for (const option& o : c.options) options += fmt::format("--{}\n", o.name);
  return options;
}

std::string manual(std::string_view program, std::string_view introduction,
                   const std::vector<const command*>& commands) {
  std::string page = fmt::format(
      ".TH {0} 1 \"\" \"locus {1}\"\n.SH NAME\n{2} \\- {3}\n.SH SYNOPSIS\n\\fBlocus\\fR \\fICOMMAND\\fR "
      "[\\fINETLIST\\fR] [\\fIoptions\\fR]\n.SH DESCRIPTION\n{4}\n.SH COMMANDS\n",
      program, LOCUS_VERSION, troff(program),
      commands.size() == 1 ? troff(commands.front()->summary)
                           : "simulate circuits of neurons that may learn as brains do",
      troff(introduction));
  for (const command* c : commands) page += manual_of(*c);
  page +=
      ".SH EXIT STATUS\n0 done, 1 the run failed, 2 wrong usage or netlist, 130 ended by Ctrl\\-C (143 by SIGTERM), "
      "141 "
      "nobody read the output any more.\n";
  return page;
}

}  // namespace locus::tools
