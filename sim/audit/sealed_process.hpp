#pragma once
/// Work in a copy of this process that is cut off from the world: it can compute, and write where it is told, and
/// nothing else. What tries more ends it, and the end says what was tried.
///
/// Cut off are: calls of the system (seccomp), the processor's clock (PR_SET_TSC), the clocks that the kernel keeps in
/// memory (vdso, vvar), environment and command line (the process's first stack), the program's variables, and writing
/// anywhere but to the memory that is handed over.

#include <cstddef>
#include <string>
#include <vector>

namespace locus {

/// Memory that a copy of this process shares with it; zeros at first.
class shared_memory {
 public:
  /// Throws run_error if there is none.
  explicit shared_memory(std::size_t bytes);
  ~shared_memory();
  shared_memory(const shared_memory&) = delete;
  shared_memory& operator=(const shared_memory&) = delete;

  [[nodiscard]] std::byte* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

struct sealed_end {
  bool started = false;
  bool finished = false;               ///< the work came to its end
  std::string did;                     ///< what it did instead: "reads the processor's clock"; "": it was killed
  std::vector<std::string> left_open;  ///< what the system would not cut off, and why
};

/// Whether this build can be cut off at all: sanitizers and systems other than 64-bit Linux cannot. "", or why not.
[[nodiscard]] std::string why_not_sealed();

/// Calls work(argument) in a sealed copy of this process and waits for its end. `work` may write to `writable` and to
/// its own stack (256 KB), and may read the heap; it must neither allocate nor call the system. `argument` must not
/// point into a stack.
[[nodiscard]] sealed_end run_sealed(const shared_memory& writable, void (*work)(void*), void* argument);

}  // namespace locus
