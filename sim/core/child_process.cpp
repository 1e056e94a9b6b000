#include "sim/core/child_process.hpp"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "sim/core/errors.hpp"

namespace locus {

namespace {

using std::chrono::milliseconds;

/// The processor time that a child may take between two renewals; 0: this process is no child.
milliseconds allowance{0};

struct pipe_ends {
  int read = -1;
  int write = -1;
};

[[noreturn]] void fail() { throw run_error(fmt::format("cannot start a process: {}", std::strerror(errno))); }

pipe_ends make_pipe() {
  std::array<int, 2> ends = {};
  if (::pipe(ends.data()) != 0) fail();
  return {ends[0], ends[1]};
}

/// The code goes through a pipe: a process that was stopped by a sanitizer or by its libraries has an exit code too.
[[noreturn]] void be_the_child(const std::function<int()>& work, milliseconds most, const pipe_ends& pipe) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const rlimit no_core = {0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  for (const int s : {SIGINT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) std::signal(s, SIG_DFL);
  ::close(pipe.read);
  allowance = most;
  renew_child_time();
  const int code = work();
  std::fflush(nullptr);
  const bool told = ::write(pipe.write, &code, sizeof code) == static_cast<ssize_t>(sizeof code);
  ::_exit(told ? 0 : 1);
}

std::string describe_death(int status, milliseconds most) {
  if (!WIFSIGNALED(status)) return "an unexpected end of the process";
  if (WTERMSIG(status) == SIGPROF) {
    return fmt::format("no result after {} s of processor time", static_cast<double>(most.count()) / 1000);
  }
  std::string name = ::strsignal(WTERMSIG(status));
  for (char& c : name) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return name;
}

}  // namespace

child_end run_in_child(const std::function<int()>& work, milliseconds most) {
  std::fflush(nullptr);
  const pipe_ends pipe = make_pipe();
  const pid_t child = ::fork();
  if (child < 0) {
    const int reason = errno;
    ::close(pipe.read);
    ::close(pipe.write);
    errno = reason;
    fail();
  }
  if (child == 0) be_the_child(work, most, pipe);
  ::close(pipe.write);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  int code = 0;
  const bool told = ::read(pipe.read, &code, sizeof code) == static_cast<ssize_t>(sizeof code);
  ::close(pipe.read);
  if (told) return {code, {}};
  return {std::nullopt, describe_death(status, most)};
}

void renew_child_time() noexcept {
  if (allowance.count() == 0) return;
  itimerval timer = {};
  timer.it_value.tv_sec = allowance.count() / 1000;
  timer.it_value.tv_usec = allowance.count() % 1000 * 1000;
  ::setitimer(ITIMER_PROF, &timer, nullptr);
}

}  // namespace locus
