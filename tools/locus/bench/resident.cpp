#include "tools/locus/bench/resident.hpp"

#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <fstream>
#include <string>

#include "sim/core/errors.hpp"

namespace locus::bench {
namespace {

/// A count of /proc/self/status in bytes: "VmRSS:", "VmHWM:" (the most so far).
std::uint64_t status(const std::string& wanted) {
  std::ifstream in("/proc/self/status");
  for (std::string word; in >> word;) {
    std::uint64_t kilobytes = 0;
    if (word == wanted && in >> kilobytes) return kilobytes * 1024;
  }
  throw run_error("/proc/self/status does not say " + wanted);
}

resident_growth measure_here(const std::function<std::shared_ptr<void>()>& make) {
  malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << 5;  // the most so far: from now on
  const std::uint64_t before = status("VmRSS:");
  const std::uint64_t files = status("RssFile:");  // code that runs for the first time here: no part of what is made
  const std::shared_ptr<void> held = make();
  const std::uint64_t peak = status("VmHWM:");
  malloc_trim(0);  // what the allocator keeps for later is not held
  const std::uint64_t after = status("VmRSS:");
  const std::uint64_t code = status("RssFile:") - files;
  return {after - before - code, peak - before - code};
}

}  // namespace

resident_growth grow(const std::function<std::shared_ptr<void>()>& make) {
  int ends[2];
  if (pipe(ends) != 0) throw run_error("cannot measure memory: no pipe");
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child < 0) throw run_error("cannot measure memory: no child process");
  if (child == 0) {
    resident_growth found;
    bool good = false;
    try {
      found = measure_here(make);
      good = write(ends[1], &found, sizeof found) == static_cast<ssize_t>(sizeof found);
    } catch (const std::exception&) {
    }
    _exit(good ? 0 : 1);
  }
  close(ends[1]);
  resident_growth found;
  const bool good = read(ends[0], &found, sizeof found) == static_cast<ssize_t>(sizeof found);
  close(ends[0]);
  int state = 0;
  waitpid(child, &state, 0);
  if (!good || state != 0) throw run_error("cannot measure memory: the child process failed");
  return found;
}

}  // namespace locus::bench
