#include <fcntl.h>
#include <fmt/format.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "sim/audit/sealed_block.hpp"

namespace locus::sealing {
namespace {

std::string call_name(long number) {
  struct named {
    long number;
    const char* name;
  };
  constexpr named known[] = {{SYS_clock_gettime, "clock_gettime"},
                             {SYS_gettimeofday, "gettimeofday"},
                             {SYS_openat, "openat"},
                             {SYS_read, "read"},
                             {SYS_write, "write"},
                             {SYS_getpid, "getpid"},
                             {SYS_gettid, "gettid"},
                             {SYS_getrandom, "getrandom"},
                             {SYS_getcpu, "getcpu"},
                             {SYS_futex, "futex"},
                             {SYS_mmap, "mmap"},
                             {SYS_munmap, "munmap"},
                             {SYS_mprotect, "mprotect"},
                             {SYS_brk, "brk"},
                             {SYS_prctl, "prctl"},
                             {SYS_readlinkat, "readlinkat"},
#ifdef SYS_time
                             {SYS_time, "time"},
                             {SYS_open, "open"},
                             {SYS_readlink, "readlink"},
#endif
                             {SYS_clone, "clone"},
                             {SYS_exit_group, "exit_group"}};
  for (const named& each : known) {
    if (each.number == number) return each.name;
  }
  return fmt::format("number {}", number);
}

std::string base_name(std::string_view path) { return std::string(path.substr(path.rfind('/') + 1)); }

/// What lies at an address that must not be touched; this process has the same map.
std::string place_of(control_block& block, std::uintptr_t address, bool writes) {
  const char* verb = writes ? "writes to" : "reads";
  const std::string variable = program_symbols::of_this_program().name_at(address);
  if (variable.starts_with("environ") || variable.starts_with("__environ")) return "reads the environment";
  if (!variable.empty()) return fmt::format("{} the variable {}", verb, variable);
  const std::uintptr_t thread = thread_pointer(), near = 1u << 16u;
  if (address > thread - near && address < thread + near) return fmt::format("{} a variable of its thread", verb);
  std::string text = fmt::format("{} memory that is not its own", verb);
  mapping file;  // whose variables that are 0 at first follow it without a name
  each_mapping(read_map(block), [&](mapping m) {
    if (m.name.empty() && m.range.begin == file.range.end) m.name = file.name;
    if (m.name.starts_with("/")) file = m;
    if (!m.range.holds(address)) return;
    if (holds_clock(m.name)) text = "reads the system's clock";
    else if (m.name == "[stack]") text = fmt::format("{} the program's stack, command line or environment", verb);
    else if (m.name.starts_with("/")) text = fmt::format("{} a variable of {}", verb, base_name(m.name));
    else if (block.variables.holds(address)) text = fmt::format("{} a variable of the program", verb);
  });
  return text;
}

}  // namespace

std::string_view read_map(control_block& block) {
  const int file = ::open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  std::size_t length = 0;
  while (file >= 0 && length < longest_map) {
    const ssize_t n = ::read(file, block.map + length, longest_map - length);
    if (n <= 0) break;
    length += static_cast<std::size_t>(n);
  }
  if (length == 0) block.memory_open = EACCES;
  if (length == longest_map) block.memory_open = E2BIG;
  if (file >= 0) ::close(file);
  return {block.map, length};
}

std::string text_of_end(control_block& block, int status, std::uintptr_t environment) {
  if (WIFSIGNALED(status)) {
    if (WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL) {
      return WTERMSIG(status) == SIGXCPU ? "does not come to an end" : "calls the system, or was killed";
    }
    return fmt::format("ends its process ({})", ::strsignal(WTERMSIG(status)));
  }
  if (block.signal == 0) return "ends its process";
  if (block.signal == SIGSYS) return fmt::format("calls the system ({})", call_name(block.call));
  if (block.read_clock) return "reads the processor's clock";
  if (block.signal != SIGSEGV && block.signal != SIGBUS)
    return fmt::format("ends its process ({})", ::strsignal(block.signal));
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  if (address_range{environment, environment + page}.holds(block.address)) return "reads the environment";
  return place_of(block, block.address, block.writes);
}

std::vector<std::string> left_open(const control_block& block) {
  std::vector<std::string> open;
  const auto note = [&](int reason, const char* what) {
    if (reason != 0) open.push_back(fmt::format("{} ({})", what, std::strerror(reason)));
  };
  note(block.calls_open, "calls of the system");
  note(block.clock_open, "the processor's clock");
  note(block.kernel_clock_open, "the system's clocks");
  note(block.memory_open, "memory");
  note(block.thread_open, "variables that each thread has");
  if (block.variables.empty()) open.emplace_back("reading variables (they cannot be told from tables)");
  return open;
}

}  // namespace locus::sealing
