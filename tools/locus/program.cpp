#include "tools/locus/program.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <new>
#include <system_error>

#include "sim/core/errors.hpp"
#include "tools/locus/installed.hpp"
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
      fmt::print("{}", manual(fmt::format("locus-{}", c.name),
                              fmt::format("The command `locus {}` is this program.", c.name), {&c}));
      return int{done};
    }
    return start(c, words);
  });
}

void become(const command& c, const std::vector<std::string>& words) {
  const std::string program = (program_folder() / c.program).string();
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

}  // namespace locus::tools
