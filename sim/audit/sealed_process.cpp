#include "sim/audit/sealed_process.hpp"

#include <fmt/format.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#if __has_include(<sys/rseq.h>)
#include <sys/rseq.h>
#endif

#include <algorithm>
#include <bit>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>

#include "sim/audit/program_symbols.hpp"
#include "sim/audit/sealed_block.hpp"
#include "sim/core/errors.hpp"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LOCUS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define LOCUS_SANITIZED 1
#endif
#endif

namespace locus {
namespace {

using namespace sealing;

constexpr rlim_t most_seconds = 60;  // of processor time

control_block& block_of_this_stack() {
  auto* const here = static_cast<char*>(__builtin_frame_address(0));
  return *reinterpret_cast<control_block*>(here - reinterpret_cast<std::uintptr_t>(here) % block_size);
}

/// Calls of the system that write no errno, which is a variable. Minus errno, or the result.
long call_system(long number, std::uintptr_t a, std::uintptr_t b = 0, std::uintptr_t c = 0, std::uintptr_t d = 0) {
#if defined(__x86_64__)
  long result = number;
  register std::uintptr_t r10 __asm__("r10") = d;
  __asm__ volatile("syscall" : "+a"(result) : "D"(a), "S"(b), "d"(c), "r"(r10) : "rcx", "r11", "memory");
  return result;
#elif defined(__aarch64__)
  register std::uintptr_t x8 __asm__("x8") = static_cast<std::uintptr_t>(number);
  register std::uintptr_t x0 __asm__("x0") = a;
  register std::uintptr_t x1 __asm__("x1") = b;
  register std::uintptr_t x2 __asm__("x2") = c;
  register std::uintptr_t x3 __asm__("x3") = d;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
  return static_cast<long>(x0);
#else
  return ::syscall(number, a, b, c, d);
#endif
}

[[noreturn]] void leave() {
  for (;;) call_system(SYS_exit, 0);
}

// ---- the end of the copy --------------------------------------------------------------------------------------------

void note_end(int signal, siginfo_t* info, [[maybe_unused]] void* context) {
  control_block& block = block_of_this_stack();
  block.signal = signal;
  if (signal == SIGSYS) {
    block.call = info->si_syscall;
    leave();
  }
  block.address = reinterpret_cast<std::uintptr_t>(info->si_addr);
#if defined(__x86_64__)
  const auto& registers = static_cast<const ucontext_t*>(context)->uc_mcontext.gregs;
  block.writes = (registers[REG_ERR] & 2) != 0;
  if (signal == SIGSEGV && info->si_code == SI_KERNEL) {  // no address is wrong, but the instruction: rdtsc or rdtscp?
    const auto* const at = std::bit_cast<const unsigned char*>(registers[REG_RIP]);
    block.read_clock = at[0] == 0x0f && (at[1] == 0x31 || (at[1] == 0x01 && at[2] == 0xf9));
  }
#endif
  leave();
}

void catch_ends(control_block& block) {
  sigset_t all;
  ::sigfillset(&all);
  for (const int s : {SIGSEGV, SIGBUS, SIGSYS, SIGILL, SIGFPE, SIGTRAP, SIGXCPU, SIGABRT}) ::sigdelset(&all, s);
  ::sigprocmask(SIG_SETMASK, &all, nullptr);
  stack_t stack = {};
  stack.ss_sp = block.for_handler;
  stack.ss_size = handler_stack;
  ::sigaltstack(&stack, nullptr);
  struct sigaction noting = {};
  noting.sa_sigaction = &note_end;
  noting.sa_flags = SA_SIGINFO | SA_ONSTACK;
  for (const int s : {SIGSEGV, SIGBUS, SIGSYS, SIGILL, SIGFPE, SIGTRAP}) ::sigaction(s, &noting, nullptr);
  ::signal(SIGXCPU, SIG_DFL);
  ::signal(SIGABRT, SIG_DFL);
}

// ---- sealing --------------------------------------------------------------------------------------------------------

void protect(control_block& block, address_range range, int how) {
  if (range.empty()) return;
  const long result = call_system(SYS_mprotect, range.begin, range.end - range.begin, static_cast<std::uintptr_t>(how));
  if (result < 0) block.memory_open = static_cast<int>(-result);
}

void seal_mapping(control_block& block, const mapping& m) {
  if (holds_clock(m.name)) {
    const long result = call_system(SYS_munmap, m.range.begin, m.range.end - m.range.begin);
    if (result < 0) block.kernel_clock_open = static_cast<int>(-result);
    return;
  }
  if (!m.writable || block.writable.holds(m.range.begin) || block.own.holds(m.range.begin)) return;
  if (block.thread_open != 0 && m.range.holds(thread_pointer())) return;
  const int how = m.name == "[stack]" ? PROT_NONE : PROT_READ | (m.executable ? PROT_EXEC : 0);
  protect(block, m.range, how);
}

#if defined(__x86_64__)
constexpr std::uint32_t this_machine = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t this_machine = AUDIT_ARCH_AARCH64;
#else
constexpr std::uint32_t this_machine = 0;
#endif

/// Every call but SYS_exit is an error that names itself; where the system has no filters, it is the end without a
/// word.
void forbid_calls(control_block& block) {
  sock_filter steps[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, this_machine, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
  };
  sock_fprog program = {static_cast<unsigned short>(std::size(steps)), steps};
  if (call_system(SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, reinterpret_cast<std::uintptr_t>(&program)) == 0)
    return;
  const long result = call_system(SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
  if (result < 0) block.calls_open = static_cast<int>(-result);
}

void forbid_clock(control_block& block) {
#ifdef PR_SET_TSC
  if (::prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0) != 0) block.clock_open = errno;
#else
  block.clock_open = ENOSYS;
#endif
}

/// The system notes in a thread's memory on which processor it is, and ends who does not let it.
void decline_notes(control_block& block) {
#ifdef RSEQ_SIG
  if (__rseq_size == 0) return;
  const std::uintptr_t at = thread_pointer() + static_cast<std::uintptr_t>(__rseq_offset);
  for (std::uintptr_t bytes = 32; bytes <= 512; bytes += 4) {
    if (call_system(SYS_rseq, at, bytes, RSEQ_FLAG_UNREGISTER, RSEQ_SIG) == 0) return;
  }
  block.thread_open = EINVAL;
#else
  static_cast<void>(block);
#endif
}

/// On the copy's own stack. Nothing from here on may allocate, read a variable, or set errno.
void work_inside() {
  control_block& block = block_of_this_stack();
  const std::string_view map = read_map(block);
  forbid_clock(block);
  decline_notes(block);
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  each_mapping(map, [&block](const mapping& m) { seal_mapping(block, m); });
  protect(block, block.variables, PROT_NONE);
  forbid_calls(block);
  block.work(block.argument);
  block.finished = true;
  leave();
}

[[noreturn]] void be_the_copy(control_block& block, pid_t parent, char** nothing) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) leave();  // it has died before that
  const rlimit no_core = {0, 0}, time = {most_seconds, most_seconds};
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::setrlimit(RLIMIT_CPU, &time);
  catch_ends(block);
  environ = nothing;
  ::getcontext(&block.inside);
  block.inside.uc_stack.ss_sp = block.for_work;
  block.inside.uc_stack.ss_size = work_stack;
  ::makecontext(&block.inside, &work_inside, 0);
  ::swapcontext(&block.before, &block.inside);
  leave();
}

void* map_or_throw(std::size_t bytes, int protection, int flags) {
  void* const at = ::mmap(nullptr, bytes, protection, flags | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) throw run_error(fmt::format("cannot take {} bytes of memory: {}", bytes, std::strerror(errno)));
  return at;
}

/// Owns the memory of a control block, and a page that nobody may read: the environment of the copy.
class sealed_memory {
 public:
  sealed_memory() : whole_(map_or_throw(2 * block_size, PROT_READ | PROT_WRITE, MAP_SHARED)) {
    try {
      nothing_ = map_or_throw(page(), PROT_NONE, MAP_PRIVATE);
    } catch (...) {
      ::munmap(whole_, 2 * block_size);
      throw;
    }
  }
  ~sealed_memory() {
    ::munmap(whole_, 2 * block_size);
    ::munmap(nothing_, page());
  }
  sealed_memory(const sealed_memory&) = delete;
  sealed_memory& operator=(const sealed_memory&) = delete;

  [[nodiscard]] void* block() const {
    void* at = whole_;
    std::size_t room = 2 * block_size;
    return std::align(block_size, block_size, at, room);
  }
  [[nodiscard]] address_range range() const {
    const auto at = reinterpret_cast<std::uintptr_t>(whole_);
    return {at, at + 2 * block_size};
  }
  [[nodiscard]] void* nothing() const { return nothing_; }

 private:
  static std::size_t page() { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }
  void* whole_ = nullptr;
  void* nothing_ = nullptr;
};

}  // namespace

shared_memory::shared_memory(std::size_t bytes)
    : data_(static_cast<std::byte*>(map_or_throw(bytes, PROT_READ | PROT_WRITE, MAP_SHARED))), size_(bytes) {}

shared_memory::~shared_memory() { ::munmap(data_, size_); }

std::string why_not_sealed() {
#ifdef LOCUS_SANITIZED
  return "this build has sanitizers, which write everywhere";
#else
  return this_machine == 0 ? "not on this kind of machine" : "";
#endif
}

sealed_end run_sealed(const shared_memory& writable, void (*work)(void*), void* argument) {
  sealed_memory memory;
  // The block's arrays are zeros already: its pages are taken when they are written to.
  auto& block = *static_cast<control_block*>(memory.block());
  block.work = work;
  block.argument = argument;
  block.own = memory.range();
  const auto begin = reinterpret_cast<std::uintptr_t>(writable.data());
  block.writable = {begin, begin + writable.size()};
  block.variables = pages_of_variables();
  static_cast<void>(program_symbols::of_this_program());
  const pid_t parent = ::getpid();
  const pid_t copy = ::fork();
  if (copy == 0) be_the_copy(block, parent, static_cast<char**>(memory.nothing()));
  sealed_end end;
  if (copy < 0) {
    end.left_open.push_back(fmt::format("everything: no process could be started ({})", std::strerror(errno)));
    return end;
  }
  int status = 0;
  while (::waitpid(copy, &status, 0) < 0 && errno == EINTR) continue;
  end.started = true;
  end.finished = block.finished;
  end.left_open = left_open(block);
  if (!end.finished) end.did = text_of_end(block, status, reinterpret_cast<std::uintptr_t>(memory.nothing()));
  return end;
}

}  // namespace locus
