#pragma once
/// The parts of sealed_process.cpp: what a sealed process notes of itself, and the map of its memory.

#include <ucontext.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/audit/program_symbols.hpp"

namespace locus::sealing {

inline constexpr std::size_t block_size = std::size_t{1} << 20u;
inline constexpr std::size_t handler_stack = std::size_t{1} << 16u;
inline constexpr std::size_t work_stack = std::size_t{1} << 18u;
inline constexpr std::size_t longest_map = std::size_t{1} << 18u;

/// All that the copy writes to while it is being sealed and when it dies. It lies at a multiple of block_size, so that
/// a signal handler, which must not read a variable, finds it by the address of its own stack.
struct control_block {
  void (*work)(void*) = nullptr;
  void* argument = nullptr;
  address_range own;       ///< the mapping that this lies in
  address_range writable;  ///< what the work may write to
  address_range variables;
  bool finished = false;
  // What ended it.
  int signal = 0;
  long call = 0;
  std::uintptr_t address = 0;
  bool writes = false;
  bool read_clock = false;
  // What could not be closed: errno of the attempt.
  int clock_open = 0, calls_open = 0, kernel_clock_open = 0, memory_open = 0, thread_open = 0;
  ucontext_t before{}, inside{};
  alignas(64) char map[longest_map] = {};
  alignas(64) char for_handler[handler_stack] = {};
  alignas(64) char for_work[work_stack] = {};
};
static_assert(sizeof(control_block) <= block_size);

/// Where the variables of this thread are.
[[nodiscard]] inline std::uintptr_t thread_pointer() {
#if defined(__x86_64__)
  std::uintptr_t at = 0;
  __asm__("mov %%fs:0, %0" : "=r"(at));
  return at;
#else
  return reinterpret_cast<std::uintptr_t>(__builtin_thread_pointer());
#endif
}

/// A line of /proc/self/maps.
struct mapping {
  address_range range;
  bool writable = false, executable = false;
  std::string_view name;
};

[[nodiscard]] inline std::uintptr_t hexadecimal(std::string_view text) {
  std::uintptr_t value = 0;
  for (const char c : text) value = value * 16 + static_cast<std::uintptr_t>(c <= '9' ? c - '0' : c - 'a' + 10);
  return value;
}

[[nodiscard]] inline mapping mapping_of(std::string_view line) {
  const std::size_t dash = line.find('-'), space = line.find(' ');
  mapping m;
  m.range = {hexadecimal(line.substr(0, dash)), hexadecimal(line.substr(dash + 1, space - dash - 1))};
  m.writable = line[space + 2] == 'w';
  m.executable = line[space + 3] == 'x';
  const std::size_t name = line.find_first_of("[/", space);
  if (name != std::string_view::npos) m.name = line.substr(name);
  return m;
}

template <class F>
void each_mapping(std::string_view map, F&& f) {
  while (!map.empty()) {
    const std::size_t end = std::min(map.find('\n'), map.size());
    if (end > 0) f(mapping_of(map.substr(0, end)));
    map.remove_prefix(std::min(end + 1, map.size()));
  }
}

/// Whether the kernel keeps clocks there.
[[nodiscard]] inline bool holds_clock(std::string_view name) { return name == "[vdso]" || name.starts_with("[vvar"); }

/// Reads /proc/self/maps into the block. Allocates nothing.
[[nodiscard]] std::string_view read_map(control_block& block);

/// What a process did that ended with this status (of waitpid) and did not finish; `environment`: where it was told
/// that its environment is.
[[nodiscard]] std::string text_of_end(control_block& block, int status, std::uintptr_t environment);

/// What could not be closed to it, and why.
[[nodiscard]] std::vector<std::string> left_open(const control_block& block);

}  // namespace locus::sealing
