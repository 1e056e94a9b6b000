#include "sim/core/child_process.hpp"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <new>
#include <thread>
#include <utility>

#include "sim/core/errors.hpp"

#if defined(__SANITIZE_THREAD__)
#define LOCUS_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define LOCUS_THREAD_SANITIZER 1
#endif
#endif

namespace locus {

namespace {

using std::chrono::milliseconds;

/// The processor time in milliseconds that a reading of this process may take; 0: it is no child.
std::atomic<std::int64_t> allowance{0};

thread_local int readings = 0;  // one inside the other

/// Processor time until the process is killed; 0: never.
void set_alarm(std::int64_t time) noexcept {
  itimerval timer = {};
  timer.it_value.tv_sec = time / 1000;
  timer.it_value.tv_usec = time % 1000 * 1000;
  ::setitimer(ITIMER_PROF, &timer, nullptr);
}

[[noreturn]] void fail() { throw run_error(fmt::format("cannot start a process: {}", std::strerror(errno))); }

#ifdef LOCUS_THREAD_SANITIZER
constexpr int threads_of_tools = 1;  // it starts one with the program's first, and sees to it in a copy
#else
constexpr int threads_of_tools = 0;
#endif

bool has_other_threads() {
  constexpr int looks = 10;  // the system lists a thread for a moment after its end
  for (int look = 0; look < looks; ++look) {
    std::error_code unknown;
    const std::filesystem::directory_iterator threads("/proc/self/task", unknown);
    if (unknown || std::distance(begin(threads), end(threads)) <= 1 + threads_of_tools) return false;
    std::this_thread::sleep_for(milliseconds(1));
  }
  return true;
}

/// A message on the socket: its length and its bytes. False if the other side is gone.
bool put(int socket, const char* bytes, std::size_t count) {
  while (count > 0) {
    const ssize_t n = ::send(socket, bytes, count, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes += n;
    count -= static_cast<std::size_t>(n);
  }
  return true;
}

bool put(int socket, char kind, std::string_view text) {
  const std::uint64_t length = text.size();
  char head[sizeof length + 1];
  std::memcpy(head, &length, sizeof length);
  head[sizeof length] = kind;
  return put(socket, head, sizeof head) && put(socket, text.data(), text.size());
}

bool get(int socket, char* bytes, std::size_t count) {
  while (count > 0) {
    const ssize_t n = ::recv(socket, bytes, count, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes += n;
    count -= static_cast<std::size_t>(n);
  }
  return true;
}

struct message {
  char kind = 0;
  std::string text;
};

/// Memory is taken as the bytes come: the length is what a process says that may be beside itself.
std::optional<message> get(int socket) {
  constexpr std::uint64_t block = std::uint64_t{1} << 20u;
  std::uint64_t length = 0;
  char head[sizeof length + 1];
  if (!get(socket, head, sizeof head)) return std::nullopt;
  std::memcpy(&length, head, sizeof length);
  message m{head[sizeof length], {}};
  while (m.text.size() < length) {
    const std::size_t have = m.text.size(), more = std::min(block, length - have);
    m.text.resize(have + more);
    if (!get(socket, m.text.data() + have, more)) return std::nullopt;
  }
  return m;
}

// Kinds of answers.
constexpr char answered = '=', misused = 'u', failed = 'r', no_memory = 'm', bug = 'b';

message answer_to(const std::string& question, const child_process::work& answer) {
  try {
    return {answered, answer(question)};
  } catch (const usage_error& e) {
    return {misused, e.what()};
  } catch (const user_error& e) {
    return {failed, e.what()};
  } catch (const std::bad_alloc&) {
    return {no_memory, {}};
  } catch (const std::exception& e) {
    return {bug, e.what()};
  }
}

[[noreturn]] void be_the_child(const child_process::work& answer, milliseconds most, int socket, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);  // it has died before that
  const rlimit no_core = {0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  for (const int s : {SIGINT, SIGTERM, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGPROF}) std::signal(s, SIG_DFL);
  allowance = most.count();
  while (const auto question = get(socket)) {
    const message reply = answer_to(question->text, answer);
    std::fflush(nullptr);
    if (!put(socket, reply.kind, reply.text)) break;
  }
  ::_exit(0);
}

child_death death_of(int status, milliseconds most) {
  if (!WIFSIGNALED(status)) return {"an unexpected end of the process", false};
  const int signal = WTERMSIG(status);
  if (signal == SIGPROF) {
    return {fmt::format("no result after {} s of processor time", static_cast<double>(most.count()) / 1000), false};
  }
  if (signal == SIGKILL) return {"killed: out of memory?", true};
  std::string name = ::strsignal(signal);
  for (char& c : name) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  const bool crash = signal == SIGSEGV || signal == SIGBUS || signal == SIGFPE || signal == SIGILL ||
                     signal == SIGABRT || signal == SIGSYS || signal == SIGTRAP;
  return {crash ? name : "killed: " + name, !crash};
}

}  // namespace

child_process::child_process(work answer, milliseconds most)
    : answer_(std::move(answer)), most_(most), here_(has_other_threads()) {
  if (here_) return;
  std::fflush(nullptr);
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) fail();
  const pid_t parent = ::getpid();
  child_ = ::fork();
  if (child_ == 0) {
    ::close(ends[0]);
    be_the_child(answer_, most_, ends[1], parent);
  }
  const int reason = errno;
  ::close(ends[1]);
  socket_ = ends[0];
  if (child_ > 0) return;
  ::close(socket_);
  errno = reason;
  fail();
}

child_process::~child_process() { wait(); }

/// Lets the child end, and notes how it did.
void child_process::wait() {
  if (child_ == 0) return;
  ::shutdown(socket_, SHUT_RDWR);  // closing alone would not do: copies that were made later have this end too
  ::close(socket_);
  int status = 0;
  while (::waitpid(child_, &status, 0) < 0 && errno == EINTR) continue;
  child_ = 0;
  death_ = death_of(status, most_);
}

void child_process::kill() noexcept {
  if (child_ > 0) ::kill(child_, SIGKILL);
}

std::optional<std::string> child_process::ask(std::string_view question) {
  begin(question);
  return answer();
}

void child_process::begin(std::string_view question) {
  if (here_) question_ = question;
  else if (child_ != 0) (void)put(socket_, answered, question);  // that it is dead will be seen when it does not answer
}

std::optional<std::string> child_process::answer() {
  if (here_) return answer_(question_);
  std::optional<message> reply;
  if (child_ != 0) reply = get(socket_);
  if (!reply) {
    wait();
    return std::nullopt;
  }
  switch (reply->kind) {
    case answered: return std::move(reply->text);
    case misused: throw usage_error(reply->text);
    case failed: throw run_error(reply->text);
    case no_memory: throw std::bad_alloc();
    default: throw internal_error(reply->text);
  }
}

child_end run_in_child(const std::function<int()>& work, milliseconds most) {
  child_process child(
      [&](std::string_view) {
        const int code = work();
        return std::string(reinterpret_cast<const char*>(&code), sizeof code);
      },
      most);
  const std::optional<std::string> answer = child.ask({});
  if (!answer) return {std::nullopt, child.death()};
  int code = 0;
  std::memcpy(&code, answer->data(), std::min(answer->size(), sizeof code));
  return {code, {}};
}

bounded_reading::bounded_reading(std::uint64_t bytes) noexcept {
  constexpr std::uint64_t slowest = 50'000;  // bytes a millisecond
  ++readings;
  const std::int64_t most = allowance;
  if (most != 0) set_alarm(most + static_cast<std::int64_t>(bytes / slowest));
}

bounded_reading::~bounded_reading() {
  --readings;
  const std::int64_t most = allowance;
  if (most != 0) set_alarm(readings == 0 ? 0 : most);
}

}  // namespace locus
